import type { Dialect } from '../ports/index.ts';
import { anthropicMessages } from './anthropic-messages/codec.ts';
import { bedrockConverse } from './bedrock-converse/codec.ts';
import type { Codec } from './codec.ts';
import { gemini } from './gemini/codec.ts';
import { openAiChat } from './openai-chat/codec.ts';
import { openAiCompletions } from './openai-completions/codec.ts';
import { openAiResponses } from './openai-responses/codec.ts';

const codecs: Record<Dialect, Codec> = {
  'openai-chat': openAiChat,
  'openai-completions': openAiCompletions,
  'openai-responses': openAiResponses,
  'anthropic-messages': anthropicMessages,
  gemini,
  'bedrock-converse': bedrockConverse,
};

export const codecOf = (dialect: Dialect): Codec => codecs[dialect];
