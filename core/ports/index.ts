export * from './forward.ts';
export * from './hot-readers.ts';
export * from './jobs.ts';
export * from './model-runner.ts';
export * from './spans.ts';
export * from './stores.ts';
export * from './world.ts';
