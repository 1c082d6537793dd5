import { z } from 'zod';
import type { ScorerResult } from '../../records/index.ts';
import { contextsOf } from '../contexts.ts';
import { cosine } from '../cosine.ts';
import { rankingMetrics } from '../retrieval/ranking-metrics.ts';
import { failed, noExpectedValue, type Scorer, type ScoringTarget, scored } from '../scorer-kind.ts';
import { type Asking, askJudge, byAsking, JudgeFailure, type JudgeSettings } from './ask-judge.ts';
import { defineJudge, judged, settingsOf, textsOf } from './judge-options.ts';
import { readable } from './judge-prompt.ts';
import { claimsPrompt, questionsPrompt, supportPrompt, usefulPrompt } from './prompts.ts';

const withContexts = z.strictObject({ ...judged, contexts: z.string().min(1).default('contexts') });

const numbered = (texts: readonly string[]) => texts.map((text, i) => `[${i + 1}] ${text}`).join('\n\n');

const asMany = (wanted: number) => (answer: { verdicts: unknown[] }) =>
  answer.verdicts.length === wanted ? null : `it has ${answer.verdicts.length} verdicts and not ${wanted}`;

type Checked = { text: string; target: ScoringTarget; passages: string[] };

/** The share of a text's claims that the passages support; only a label where it makes none. */
async function supportOf(
  asking: Asking,
  settings: JudgeSettings,
  { text, target, passages }: Checked,
): Promise<ScorerResult> {
  const texts = { input: readable(target.input), text };
  const { claims } = await askJudge(asking, settings, { prompt: claimsPrompt, texts });
  if (claims.length === 0) return scored(null, 'the text makes no claim', { label: 'no_claims' });
  const { verdicts } = await askJudge(asking, settings, {
    prompt: supportPrompt,
    texts: { passages: numbered(passages), claims: numbered(claims) },
    check: asMany(claims.length),
  });
  const checked = claims.map((claim, i) => ({ claim, ...(verdicts[i] ?? { supported: false, reason: '' }) }));
  const missing = checked.filter(({ supported }) => !supported).map(({ claim }) => claim);
  const score = (claims.length - missing.length) / claims.length;
  return scored(score, missing.length === 0 ? null : `not supported: ${missing.join(' · ')}`, {
    metadata: { claims: checked },
    feedback: missing.length === 0 ? '' : 'Say only what the passages say.',
  });
}

/** Checks a text of the target against its passages. */
const supportJudge = (textOf: (target: ScoringTarget) => string | null) =>
  defineJudge(
    withContexts,
    () => [claimsPrompt, supportPrompt],
    (options): Scorer =>
      async (target, world) => {
        const text = textOf(target);
        if (text === null) return failed(noExpectedValue);
        const passages = await contextsOf(target, options.contexts);
        if (typeof passages === 'string') return failed(passages);
        return byAsking(world, (asking) => supportOf(asking, settingsOf(options), { text, target, passages }));
      },
  );

/** The share of the answer's claims that its passages support (RAGAS, Es et al. 2024). */
export const faithfulnessJudge = supportJudge(({ output }) => output);

/** The share of the expected answer's claims that the passages support (RAGAS). */
export const contextRecallJudge = supportJudge(({ expected }) => (expected === null ? null : readable(expected)));

/** Average precision of passages in their order, over those that are of use (RAGAS); 0 where none is. */
function averagePrecision(useful: readonly boolean[]): number {
  const found = useful.map((_, i) => String(i));
  const relevant = new Map(found.flatMap((id, i) => (useful[i] ? [[id, 1] as const] : [])));
  return relevant.size === 0 ? 0 : rankingMetrics.map({ found, relevant }, Number.POSITIVE_INFINITY);
}

/** Whether passages that are of use come first. */
export const contextPrecisionJudge = defineJudge(
  withContexts,
  () => [usefulPrompt],
  (options) => async (target, world) => {
    if (target.expected === null) return failed(noExpectedValue);
    const passages = await contextsOf(target, options.contexts);
    if (typeof passages === 'string') return failed(passages);
    return byAsking(world, async (asking) => {
      const texts = { ...textsOf(target), passages: numbered(passages) };
      const question = { prompt: usefulPrompt, texts, check: asMany(passages.length) };
      const { verdicts } = await askJudge(asking, settingsOf(options), question);
      const useful = verdicts.map((one) => one.useful);
      const count = useful.filter(Boolean).length;
      return scored(averagePrecision(useful), `${count} of ${useful.length} passages are of use`, {
        metadata: { verdicts },
      });
    });
  },
);

/**
 * How near the questions that an answer would answer are to the one that was asked: the mean cosine of their vectors;
 * 0 for an answer that evades (RAGAS).
 */
export const answerRelevanceJudge = defineJudge(
  z.strictObject({
    ...judged,
    embedder: z.string().min(1),
    questions: z.number().int().min(1).max(10).default(3),
  }),
  ({ questions }) => [questionsPrompt(questions)],
  (options) => (target, world) =>
    byAsking(world, async (asking) => {
      const prompt = questionsPrompt(options.questions);
      const check = ({ questions }: { questions: string[] }) => (questions.length > 0 ? null : 'it has no questions');
      const found = await askJudge(asking, settingsOf(options), { prompt, texts: textsOf(target), check });
      if (found.noncommittal) return scored(0, 'the answer evades', { label: 'noncommittal' });
      const texts = [readable(target.input), ...found.questions];
      const embedded = await world.embedder.embed(options.embedder, texts, { signal: world.signal });
      if (!embedded.ok) throw new JudgeFailure(`the texts could not be embedded: ${embedded.error}`);
      asking.took(embedded);
      const [wanted = [], ...others] = embedded.vectors;
      const score = others.reduce((sum, vector) => sum + cosine(wanted, vector), 0) / others.length;
      return scored(Math.min(1, Math.max(0, score)), null, { metadata: { questions: found.questions } });
    }),
);
