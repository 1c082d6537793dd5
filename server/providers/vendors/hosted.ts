import { openAiEmbeddings, openAiLike, type Vendor } from '../vendor.ts';

/** Vendors that answer like OpenAI and differ in an address, a key and what their models cannot do. */
export const hosted: readonly Vendor[] = [
  // https://console.groq.com/docs/openai
  openAiLike({
    name: 'groq',
    title: 'Groq',
    baseUrl: 'https://api.groq.com/openai/v1',
    keyVariables: ['GROQ_API_KEY'],
    dialects: ['openai-chat', 'openai-responses'],
    refuses: ['logprobs', 'n', 'topK', 'audio', 'file'],
    renames: {},
  }),
  // https://docs.mistral.ai/api: refuses members that it does not know, and always sends usage.
  openAiLike({
    name: 'mistral',
    title: 'Mistral',
    baseUrl: 'https://api.mistral.ai/v1',
    keyVariables: ['MISTRAL_API_KEY'],
    refuses: ['logprobs', 'topK', 'serviceTier'],
    renames: { max_completion_tokens: 'max_tokens', seed: 'random_seed', stream_options: null, user: null },
    embeddings: openAiEmbeddings,
  }),
  // https://api-docs.deepseek.com
  openAiLike({
    name: 'deepseek',
    title: 'DeepSeek',
    baseUrl: 'https://api.deepseek.com/v1',
    keyVariables: ['DEEPSEEK_API_KEY'],
    refuses: ['n', 'seed', 'topK', 'schema', 'image', 'audio', 'file', 'serviceTier', 'parallelToolCalls'],
  }),
  // https://docs.together.ai/docs/openai-api-compatibility
  openAiLike({
    name: 'together',
    title: 'Together AI',
    baseUrl: 'https://api.together.xyz/v1',
    keyVariables: ['TOGETHER_API_KEY'],
    dialects: ['openai-chat', 'openai-completions'],
    refuses: ['audio', 'file', 'serviceTier'],
    embeddings: openAiEmbeddings,
  }),
  // https://openrouter.ai/docs/api-reference
  openAiLike({
    name: 'openrouter',
    title: 'OpenRouter',
    baseUrl: 'https://openrouter.ai/api/v1',
    keyVariables: ['OPENROUTER_API_KEY'],
    dialects: ['openai-chat', 'openai-completions'],
    refuses: ['n'],
    embeddings: openAiEmbeddings,
  }),
  // https://docs.x.ai/docs/api-reference
  openAiLike({
    name: 'xai',
    title: 'xAI',
    baseUrl: 'https://api.x.ai/v1',
    keyVariables: ['XAI_API_KEY'],
    dialects: ['openai-chat', 'openai-responses'],
    refuses: ['topK', 'audio'],
    renames: {},
  }),
  // https://docs.fireworks.ai/api-reference
  openAiLike({
    name: 'fireworks',
    title: 'Fireworks AI',
    baseUrl: 'https://api.fireworks.ai/inference/v1',
    keyVariables: ['FIREWORKS_API_KEY'],
    dialects: ['openai-chat', 'openai-completions'],
    refuses: ['audio', 'file'],
    embeddings: openAiEmbeddings,
  }),
  // https://docs.perplexity.ai/api-reference
  openAiLike({
    name: 'perplexity',
    title: 'Perplexity',
    baseUrl: 'https://api.perplexity.ai',
    keyVariables: ['PERPLEXITY_API_KEY'],
    refuses: ['tools', 'toolChoice', 'parallelToolCalls', 'n', 'seed', 'stop', 'logprobs', 'audio', 'serviceTier'],
  }),
  // https://docs.cohere.com/docs/compatibility-api: refuses stream_options.
  openAiLike({
    name: 'cohere',
    title: 'Cohere',
    baseUrl: 'https://api.cohere.ai/compatibility/v1',
    keyVariables: ['COHERE_API_KEY', 'CO_API_KEY'],
    refuses: ['n', 'topK', 'parallelToolCalls', 'audio', 'file', 'serviceTier'],
    renames: { max_completion_tokens: 'max_tokens', stream_options: null, user: null, metadata: null },
    embeddings: openAiEmbeddings,
  }),
];
