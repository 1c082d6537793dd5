import type { ProviderEndpoint } from '@wheelhouse/core/ports';
import { openAiLike } from '../vendor.ts';

/** `models/gemini-2.5-flash` is how Google itself writes a name. */
export const geminiModel = (model: string): string => encodeURIComponent(model.replace(/^models\//, ''));

export const geminiEndpoint = (collection: string): ProviderEndpoint => ({
  dialect: 'gemini',
  path: (model, { stream }) =>
    `${collection}/${geminiModel(model)}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
  capabilities: { refuses: [], needsMaxTokens: null },
});

/** https://ai.google.dev/api */
export const gemini = openAiLike({
  name: 'gemini',
  title: 'Google Gemini',
  baseUrl: 'https://generativelanguage.googleapis.com/v1beta',
  auth: { type: 'header', name: 'x-goog-api-key' },
  keyVariables: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'],
  endpoints: [geminiEndpoint('/models')],
  embeddings: { dialect: 'gemini', path: (model) => `/models/${geminiModel(model)}:batchEmbedContents` },
});
