import { isJsonObject, type JsonObject, type Usage } from '../../records/index.ts';
import { countOf, parseJson } from '../json-value.ts';
import { readAnthropicUsage } from './anthropic.ts';
import { disjointUsage } from './disjoint.ts';
import { readGeminiUsage } from './gemini.ts';
import { firstCount } from './otel-genai.ts';

const objectIn = (value: JsonObject, key: string): JsonObject => {
  const member = value[key];
  return isJsonObject(member) ? member : {};
};

/** What the vendor itself told, where the SDK passes it on. */
function vendorUsage(metadata: JsonObject): Usage | null {
  return (
    readAnthropicUsage(objectIn(metadata, 'anthropic').usage) ??
    readGeminiUsage(objectIn(metadata, 'google').usageMetadata)
  );
}

/** What Anthropic, also at Bedrock, cached: before version 6 the SDK's input leaves it out. */
function cachedApart(metadata: JsonObject, cached: number | null): { read: number; written: number } | null {
  const anthropic = objectIn(metadata, 'anthropic');
  const bedrock = objectIn(objectIn(metadata, 'bedrock'), 'usage');
  const read = countOf(anthropic.cacheReadInputTokens) ?? countOf(bedrock.cacheReadInputTokens);
  const written = countOf(anthropic.cacheCreationInputTokens) ?? countOf(bedrock.cacheWriteInputTokens);
  return read === null && written === null ? null : { read: read ?? cached ?? 0, written: written ?? 0 };
}

/** `ai.usage.*` of the AI SDK, whose meaning changed with its versions and vendors; null when there is none. */
export function readAiSdkUsage(attributes: JsonObject): Usage | null {
  const given = attributes['ai.response.providerMetadata'];
  const parsed = typeof given === 'string' ? parseJson(given) : given;
  const metadata = isJsonObject(parsed) ? parsed : {};
  const told = vendorUsage(metadata);
  if (told) return { ...told, source: 'emitter' };
  const count = (...names: string[]) =>
    firstCount(
      attributes,
      names.map((name) => `ai.usage.${name}`),
    );
  const openai = objectIn(metadata, 'openai');
  const input = count('inputTokens', 'promptTokens', 'tokens');
  const output = count('outputTokens', 'completionTokens');
  const reasoning = count('outputTokenDetails.reasoningTokens', 'reasoningTokens') ?? countOf(openai.reasoningTokens);
  // Version 6 tells the parts of the input itself, and then the input includes them.
  const itself = count('inputTokenDetails.cacheReadTokens', 'inputTokenDetails.cacheWriteTokens') !== null;
  const apart = itself ? null : cachedApart(metadata, count('cachedInputTokens'));
  // Google's output leaves thoughts out; only the total tells.
  const beside = reasoning && count('totalTokens') === (input ?? 0) + (output ?? 0) + reasoning ? reasoning : 0;
  return disjointUsage(
    {
      input: input !== null && apart ? input + apart.read + apart.written : input,
      cacheRead: apart
        ? apart.read
        : (count('inputTokenDetails.cacheReadTokens', 'cachedInputTokens') ?? countOf(openai.cachedPromptTokens)),
      cacheWrite: apart ? apart.written : count('inputTokenDetails.cacheWriteTokens'),
      output: output !== null ? output + beside : output,
      reasoning,
    },
    'emitter',
  );
}
