export type { Behaviour, ToolUse } from './behaviour.ts';
export { tokens } from './dialect.ts';
export { vector } from './other-answers.ts';
export { type Call, startUpstream, type Upstream } from './upstream.ts';
