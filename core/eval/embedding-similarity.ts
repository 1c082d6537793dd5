import { z } from 'zod';
import type { Json } from '../records/index.ts';
import { cosine } from './cosine.ts';
import { byAsking, JudgeFailure } from './judges/ask-judge.ts';
import { readable } from './judges/judge-prompt.ts';
import { defineScorer, failed, noExpectedValue, scored } from './scorer-kind.ts';

const references = (expected: Json): string[] => (Array.isArray(expected) ? expected : [expected]).map(readable);

/** Cosine of the vectors of the answer and of the expected one, the nearest of several; below 0 counts as 0. */
export const embeddingSimilarity = defineScorer(
  z.strictObject({ model: z.string().min(1) }),
  ({ model }) =>
    (target, world) => {
      if (target.expected === null) return failed(noExpectedValue);
      const texts = [target.output, ...references(target.expected)];
      if (texts.length === 1) return failed('the expected value is an empty list');
      if (texts.some((text) => text.trim() === '')) return failed('an empty text has no meaning to compare');
      return byAsking(world, async (asking) => {
        const embedded = await world.embedder.embed(model, texts, { signal: world.signal });
        if (!embedded.ok) throw new JudgeFailure(`the texts could not be embedded: ${embedded.error}`);
        asking.took(embedded);
        const [own = [], ...others] = embedded.vectors;
        const nearest = Math.max(...others.map((other) => cosine(own, other)));
        return scored(Math.min(1, Math.max(0, nearest)), null, { metadata: { cosine: nearest } });
      });
    },
);
