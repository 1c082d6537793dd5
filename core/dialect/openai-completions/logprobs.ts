import { isJsonObject, type Json, type JsonObject } from '../../records/index.ts';

const listOf = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : []);

/** Columns of tokens become one object a token, as chat completions have them. */
export function readTokenLogprobs(logprobs: Json | undefined): JsonObject[] | null {
  if (!isJsonObject(logprobs)) return null;
  const tops = listOf(logprobs.top_logprobs);
  const values = listOf(logprobs.token_logprobs);
  const found = listOf(logprobs.tokens).map((token, i): JsonObject => {
    const top = tops[i];
    return {
      token,
      logprob: values[i] ?? 0,
      bytes: null,
      top_logprobs: isJsonObject(top)
        ? Object.entries(top).map(([other, logprob]) => ({ token: other, logprob, bytes: null }))
        : [],
    };
  });
  return found.length > 0 ? found : null;
}

/** @param offset characters before these tokens in the text of the choice */
export function writeTokenLogprobs(logprobs: readonly JsonObject[], offset: number): JsonObject {
  const tokens = logprobs.map(({ token }) => (typeof token === 'string' ? token : ''));
  const offsets: number[] = [];
  let at = offset;
  for (const token of tokens) {
    offsets.push(at);
    at += token.length;
  }
  return {
    tokens,
    token_logprobs: logprobs.map(({ logprob }) => logprob ?? 0),
    top_logprobs: logprobs.map(({ top_logprobs: tops }) =>
      Object.fromEntries(
        listOf(tops)
          .filter(isJsonObject)
          .map(({ token, logprob }) => [String(token), logprob ?? 0]),
      ),
    ),
    text_offset: offsets,
  };
}
