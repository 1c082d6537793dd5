import { type Content, isJsonObject, type Json, type JsonObject } from '../records/index.ts';
import { objectsOf } from './json-value.ts';
import { readOpenAiMessage } from './openai-messages.ts';

const notParams = new Set(['model', 'messages', 'tools', 'functions', 'stream', 'stream_options']);

/** What an OpenAI chat request asks: its messages, the tools it offers, and every other member as a parameter. */
export function chatRequestContent(body: unknown): { input: Content; params: JsonObject; toolDefinitions: Json } {
  const request = isJsonObject(body) ? body : {};
  return {
    input: { type: 'messages', messages: objectsOf(request.messages).map(readOpenAiMessage) },
    params: Object.fromEntries(Object.entries(request).filter(([key]) => !notParams.has(key))),
    toolDefinitions: request.tools ?? request.functions ?? null,
  };
}
