export * from './chat-request.ts';
export * from './cost.ts';
export * from './fold-chat.ts';
export { maxJsonDepth } from './json-value.ts';
export * from './normalize-span.ts';
export * from './otlp-span.ts';
export * from './price-span.ts';
export * from './usage/openai.ts';
