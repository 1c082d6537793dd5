import { openAiEmbeddings, openAiLike, type Vendor } from '../vendor.ts';

const local = { auth: { type: 'bearer' }, keyNeeded: false, embeddings: openAiEmbeddings } as const;

/** Servers on the operator's own machines. */
export const locals: readonly Vendor[] = [
  // https://docs.vllm.ai/en/latest/serving/openai_compatible_server
  openAiLike({
    ...local,
    name: 'vllm',
    title: 'vLLM',
    baseUrl: 'http://127.0.0.1:8000/v1',
    baseUrlVariable: 'VLLM_BASE_URL',
    keyVariables: ['VLLM_API_KEY'],
    dialects: ['openai-chat', 'openai-completions'],
  }),
  // https://docs.ollama.com/api/openai-compatibility
  openAiLike({
    ...local,
    name: 'ollama',
    title: 'Ollama',
    baseUrl: 'http://127.0.0.1:11434/v1',
    baseUrlVariable: 'OLLAMA_BASE_URL',
    dialects: ['openai-chat', 'openai-completions'],
    refuses: ['toolChoice', 'logprobs', 'n', 'topK', 'audio', 'file'],
  }),
  // https://github.com/ggml-org/llama.cpp/tree/master/tools/server
  openAiLike({
    ...local,
    name: 'llama-cpp',
    title: 'llama.cpp',
    baseUrl: 'http://127.0.0.1:8080/v1',
    baseUrlVariable: 'LLAMA_CPP_BASE_URL',
    keyVariables: ['LLAMA_API_KEY'],
    dialects: ['openai-chat', 'openai-completions'],
  }),
  // https://lmstudio.ai/docs/developer/openai-compat
  openAiLike({
    ...local,
    name: 'lm-studio',
    title: 'LM Studio',
    baseUrl: 'http://127.0.0.1:1234/v1',
    baseUrlVariable: 'LM_STUDIO_BASE_URL',
    dialects: ['openai-chat', 'openai-completions'],
    refuses: ['n', 'audio', 'file'],
  }),
  // Any other server of this form; it is named in the configuration.
  openAiLike({
    ...local,
    name: 'openai-compatible',
    title: 'OpenAI-compatible',
    baseUrl: null,
    dialects: ['openai-chat', 'openai-completions'],
  }),
];
