import { openAiEmbeddings, openAiLike } from '../vendor.ts';

/** The v1 API, where a model's name is that of a deployment: https://learn.microsoft.com/azure/foundry/openai/api-version-lifecycle */
export const azureOpenai = openAiLike({
  name: 'azure-openai',
  title: 'Azure OpenAI',
  baseUrl: null,
  baseUrlVariable: 'AZURE_OPENAI_ENDPOINT',
  baseUrlSuffix: '/openai/v1',
  auth: { type: 'header', name: 'api-key' },
  identity: 'azure',
  keyVariables: ['AZURE_OPENAI_API_KEY'],
  dialects: ['openai-chat', 'openai-completions', 'openai-responses'],
  refuses: ['topK'],
  renames: {},
  embeddings: openAiEmbeddings,
});
