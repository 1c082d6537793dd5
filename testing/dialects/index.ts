export * from './arbitraries.ts';
export { openAiFault } from './openai-schemas.ts';
