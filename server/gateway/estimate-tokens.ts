import { isJsonObject, type JsonObject } from '@wheelhouse/core/records';

/** Bytes a token, so that a guess is rather too high than too low: English has four, most others two to three. */
const bytesPerToken = 3;
/** What is not text: base64 of images and files, in a stretch that no prose has. */
const stretchLength = 2_000;
const notText = new RegExp(`[A-Za-z0-9+/=_-]{${stretchLength},}`, 'g');
/** Prose has no word of this length either. */
const longWord = /^[A-Za-z0-9+/=_-]{64}$/;
/** What a vendor counts for an image of ordinary size. */
const tokensPerFile = 1_600;
/** Answers whose length the caller left open are taken to be this long at the most. */
const openOutput = 4_096;

/**
 * Whether it may hold what is no text. A look at every place would cost a long request more than all the rest of its way:
 * a stretch covers one of these places, with half of its length or more before or after it.
 */
function mayHoldFiles(text: string): boolean {
  for (let at = stretchLength - 1; at < text.length; at += stretchLength)
    if (longWord.test(text.slice(at, at + 64)) || longWord.test(text.slice(at - 63, at + 1))) return true;
  return false;
}

/** How many tokens a request may take, seen from outside: quick, and rather too many. */
export function guessInputTokens(text: string): number {
  if (text.length < 4_000 || !mayHoldFiles(text)) return Math.ceil(text.length / bytesPerToken);
  let files = 0;
  let other = 0;
  for (const [stretch] of text.matchAll(notText)) {
    files += 1;
    other += stretch.length;
  }
  return Math.ceil((text.length - other) / bytesPerToken) + files * tokensPerFile;
}

const limits = ['max_completion_tokens', 'max_output_tokens', 'max_tokens', 'maxOutputTokens', 'maxTokens'];

/** The most that may be answered, in any dialect's words. */
export function mostOutputTokens(body: JsonObject): number {
  const inner = [body.generationConfig, body.inferenceConfig].find(isJsonObject);
  const limit = limits.map((key) => body[key] ?? inner?.[key]).find((value) => typeof value === 'number');
  const answers = typeof body.n === 'number' && body.n > 1 ? body.n : 1;
  return (typeof limit === 'number' && limit > 0 ? limit : openOutput) * answers;
}
