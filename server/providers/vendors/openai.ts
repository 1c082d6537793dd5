import { openAiEmbeddings, openAiLike } from '../vendor.ts';

/** https://platform.openai.com/docs/api-reference */
export const openai = openAiLike({
  name: 'openai',
  title: 'OpenAI',
  baseUrl: 'https://api.openai.com/v1',
  baseUrlVariable: 'OPENAI_BASE_URL',
  keyVariables: ['OPENAI_API_KEY'],
  dialects: ['openai-chat', 'openai-completions', 'openai-responses'],
  refuses: ['topK'],
  renames: {},
  embeddings: openAiEmbeddings,
});
