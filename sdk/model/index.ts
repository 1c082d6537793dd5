export { valueChecker } from './check-values.ts';
export { createModels, type Models } from './create-models.ts';
export { loadReferences, loadVersion, splitRef } from './load-version.ts';
export type { Answer, AnswerStream, BatchOptions, ModelCaller, PredictOptions } from './model-caller.ts';
export type { CompiledPrompt, DefaultPrompt, Prompt, PromptOptions } from './prompt-reader.ts';
