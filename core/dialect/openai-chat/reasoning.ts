import type { ModelPart } from '../../ports/index.ts';
import { isJsonObject, type JsonObject } from '../../records/index.ts';

type Reasoning = Extract<ModelPart, { type: 'reasoning' }>;

const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

/**
 * OpenAI's chat dialect shows no reasoning; vendors that do so in it write `reasoning_content` (DeepSeek, llama.cpp) or
 * `reasoning` (vLLM, Ollama, OpenRouter), and `reasoning_details` (OpenRouter) where it has to come back signed.
 */
export function readReasoning(message: JsonObject): Reasoning[] {
  const details = Array.isArray(message.reasoning_details) ? message.reasoning_details.filter(isJsonObject) : [];
  const found = details.flatMap((detail): Reasoning[] => {
    const text = textOf(detail.text) ?? textOf(detail.summary) ?? '';
    const [signature, redacted] = [textOf(detail.signature), textOf(detail.data)];
    return text === '' && signature === null && redacted === null
      ? []
      : [{ type: 'reasoning', text, signature, redacted }];
  });
  if (found.length > 0) return found;
  const text = textOf(message.reasoning_content) ?? textOf(message.reasoning);
  return text === null ? [] : [{ type: 'reasoning', text, signature: null, redacted: null }];
}

const isSigned = ({ signature, redacted }: Reasoning): boolean => signature !== null || redacted !== null;

/** The members of a message that show reasoning, with the details where a part must come back to its vendor as it is. */
export function writeReasoning(parts: readonly ModelPart[]): JsonObject {
  const all = parts.filter((part) => part.type === 'reasoning');
  const text = all.map((part) => part.text).join('');
  const details = all.some(isSigned) ? all.map(reasoningDetail) : [];
  return {
    ...(text === '' ? {} : { reasoning_content: text }),
    ...(details.length === 0 ? {} : { reasoning_details: details }),
  };
}

function reasoningDetail({ text, signature, redacted }: Reasoning, index: number): JsonObject {
  if (redacted !== null) return { type: 'reasoning.encrypted', data: redacted, index };
  return { type: 'reasoning.text', text, ...(signature === null ? {} : { signature }), index };
}
