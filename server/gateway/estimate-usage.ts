import { createRequire } from 'node:module';
import { type Content, contentText, messageText, type Usage } from '@wheelhouse/core/records';
import type { ChatResult } from '@wheelhouse/core/trace';
import type { Answer } from './answer-copy.ts';
import type { Task } from './task.ts';

type Count = (text: string) => number;

/** Longer texts are counted up to here and scaled: to count is work that no caller waits for, but all share. */
const mostCounted = 100_000;
/** A word that never ends would cost the square of its length. */
const longWord = /\S{200}(?=\S)/g;

let tokenizer: Count | null = null;

/** OpenAI's latest encoding stands for all: loading it takes a while, which only servers whose vendors do not count spend. */
export function countTokens(text: string): number {
  if (tokenizer === null) {
    const require = createRequire(import.meta.url);
    const encoding = require('gpt-tokenizer/encoding/o200k_base') as {
      countTokens(text: string, options: { disallowedSpecial: Set<string> }): number;
    };
    // A text that names a special token is text.
    tokenizer = (given) => encoding.countTokens(given, { disallowedSpecial: new Set() });
  }
  if (text === '') return 0;
  const counted = text.slice(0, mostCounted);
  return Math.round((tokenizer(counted.replace(longWord, '$& ')) * text.length) / counted.length);
}

const textOf = (content: Content): string =>
  content.type === 'messages' ? content.messages.map(messageText).join('\n') : contentText(content, 'input');

/** Tokens that surround a message in most chat templates. */
const perMessage = 4;

/** Counted here, because the vendor did not say; null where nothing was answered. */
export function estimateUsage(call: {
  operation: Task['operation'];
  input: Content;
  result: ChatResult;
  answer: Answer;
}): Usage | null {
  const { operation, input, result, answer } = call;
  const embeds = operation === 'embeddings' && answer.bytes.length > 0 && result.error === null;
  if (answer.dialect === null || (result.messages.length === 0 && !embeds)) return null;
  const messages = input.type === 'messages' ? perMessage * input.messages.length : 0;
  const output = countTokens(result.messages.map(messageText).join('\n'));
  const counts = {
    inputUncached: countTokens(textOf(input)) + messages,
    ...(embeds ? {} : { outputText: output }),
    requests: 1,
  };
  return { counts, source: 'estimated' };
}
