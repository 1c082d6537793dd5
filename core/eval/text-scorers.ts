import { z } from 'zod';
import type { Json, ScorerResult } from '../records/index.ts';
import { defineComparing, failed, scored } from './scorer-kind.ts';
import { type Segment, sentenceBleu } from './text/bleu.ts';
import { sentenceChrf } from './text/chrf.ts';
import { meteor } from './text/meteor.ts';
import { type RougeKind, rouge } from './text/rouge.ts';
import { sentenceTer, terWords } from './text/ter.ts';

/** Longest text, in code points; where a table of words against words is filled, half of that. */
const longest = 20_000;
const mostTerWords = 1_000;

function referencesOf(expected: Json): string[] | null {
  const texts = Array.isArray(expected) ? expected : [expected];
  return texts.length > 0 && texts.every((text) => typeof text === 'string') ? (texts as string[]) : null;
}

/** Scores the output against one text, or against a list of texts that are all right. */
const ofReferences =
  (score: (segment: Segment) => ScorerResult, limit = longest) =>
  (output: string, expected: Json): ScorerResult => {
    const references = referencesOf(expected);
    if (!references) return failed('the expected value is neither a text nor a list of texts');
    const length = Math.max(...[output, ...references].map((text) => [...text].length));
    if (length > limit) return failed(`a text of ${length} characters is too long to compare; the limit is ${limit}`);
    return score({ output, references });
  };

/** Rounding may carry a perfect score past its end. */
const percent = (score: number) => scored(Math.min(1, Math.max(0, score / 100)));

const bleu = defineComparing(
  z.strictObject({
    tokenize: z.enum(['13a', 'intl', 'char', 'none']).default('13a'),
    lowercase: z.boolean().default(false),
    smooth: z.enum(['exp', 'floor', 'add-k', 'none']).default('exp'),
  }),
  (options) => ofReferences((segment) => percent(sentenceBleu(segment, options))),
);

const chrf = defineComparing(
  z.strictObject({
    wordOrder: z.union([z.literal(0), z.literal(1), z.literal(2)]).default(0),
    lowercase: z.boolean().default(false),
    whitespace: z.boolean().default(false),
  }),
  (options) => ofReferences((segment) => percent(sentenceChrf(segment, options))),
);

/** 1 − TER, and 0 for whatever needs more edits than it has words: a score is better when it is higher. */
const ter = defineComparing(
  z.strictObject({
    caseSensitive: z.boolean().default(false),
    normalized: z.boolean().default(false),
    noPunctuation: z.boolean().default(false),
  }),
  (options) =>
    ofReferences((segment) => {
      const words = Math.max(...[segment.output, ...segment.references].map((text) => terWords(text, options).length));
      if (words > mostTerWords) return failed(`${words} words are too many for TER; the limit is ${mostTerWords}`);
      const rate = sentenceTer(segment, options);
      return scored(Math.max(0, 1 - rate / 100), `TER ${rate.toFixed(1)} %`);
    }),
);

const rougeOf = (kind: RougeKind) =>
  defineComparing(z.strictObject({ stem: z.boolean().default(false) }), (options) =>
    ofReferences(
      (segment) => {
        const { fmeasure, precision, recall } = rouge(kind, segment, options);
        return scored(fmeasure, `precision ${precision.toFixed(3)}, recall ${recall.toFixed(3)}`);
      },
      kind === 'rouge_l' || kind === 'rouge_lsum' ? longest / 2 : longest,
    ),
  );

/** Overlap with reference texts, each on a scale from 0 to 1. */
export const textKinds = {
  bleu,
  chrf,
  ter,
  rouge_1: rougeOf('rouge_1'),
  rouge_2: rougeOf('rouge_2'),
  rouge_l: rougeOf('rouge_l'),
  rouge_lsum: rougeOf('rouge_lsum'),
  meteor: defineComparing(z.strictObject({}), () => ofReferences((segment) => scored(meteor(segment)))),
};
