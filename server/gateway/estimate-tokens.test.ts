import { expect, it, test } from 'vitest';
import { guessInputTokens, mostOutputTokens } from './estimate-tokens.ts';

it('guesses rather too many tokens for text, and does not take an image for a novel', () => {
  expect(guessInputTokens('The quick brown fox jumps over the lazy dog. '.repeat(200))).toBeGreaterThan(2_000);
  const image = `{"messages":[{"content":"data:image/png;base64,${'A'.repeat(1_000_000)}"}]}`;
  expect(guessInputTokens(image)).toBeLessThan(3_000);
});

it('finds a stretch that is no text wherever it stands', () => {
  for (const before of [0, 1, 1_000, 1_998, 1_999, 2_000, 3_500])
    for (const length of [2_000, 2_001, 5_000]) {
      const text = `${'a '.repeat(before / 2)}"${'A'.repeat(length)}"${' b'.repeat(2_000)}`;
      expect(guessInputTokens(text)).toBe(Math.ceil((text.length - length) / 3) + 1_600);
    }
});

test.each([
  [{ max_tokens: 7 }, 7],
  [{ max_completion_tokens: 7, max_tokens: 9 }, 7],
  [{ max_output_tokens: 7 }, 7],
  [{ generationConfig: { maxOutputTokens: 7 } }, 7],
  [{ inferenceConfig: { maxTokens: 7 } }, 7],
  [{ max_tokens: 7, n: 3 }, 21],
  [{}, 4_096],
])('knows how much %j may answer', (body, most) => {
  expect(mostOutputTokens(body)).toBe(most);
});
