export { type AttentionDeps, createAttentionHandlers } from './attention-handlers.ts';
