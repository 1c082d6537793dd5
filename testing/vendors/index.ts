export { startAnthropic } from './anthropic.ts';
export { spansIn, startCollector } from './collector.ts';
export { startOpenAi } from './openai.ts';
export { type Received, type Reply, type Served, serve } from './serve.ts';
