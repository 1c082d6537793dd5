import type { PredictorCall } from '../program/index.ts';
import type { Json } from '../records/index.ts';

/** What a metric says of an answer. */
export type Judgement = {
  /** 0 to 1, more is better. */
  score: number;
  /** What was good and what was not, in words: what optimizers that reflect learn from. */
  feedback?: string;
  /** What concerns one predictor alone, by its path. */
  feedbackOf?: Readonly<Record<string, string>>;
};

/** What a program made of a row. */
export type Answered<I, O> = { input: I; expected: Json | undefined; output: O; calls: readonly PredictorCall[] };

/** Judges an answer; true is 1. */
export type Metric<I, O> = (
  answered: Answered<I, O>,
) => boolean | number | Judgement | Promise<boolean | number | Judgement>;

export type Judged = { ok: true; judgement: Judgement } | { ok: false; message: string };

/** What a metric says, or why it says nothing: it threw, or gave what is no score. */
export async function judge<I, O>(metric: Metric<I, O>, answered: Answered<I, O>): Promise<Judged> {
  let given: boolean | number | Judgement;
  try {
    given = await metric(answered);
  } catch (error) {
    return { ok: false, message: `The metric threw: ${error instanceof Error ? error.message : String(error)}` };
  }
  const judgement = typeof given === 'boolean' || typeof given === 'number' ? { score: Number(given) } : given;
  const { score } = judgement ?? {};
  if (typeof score === 'number' && score >= 0 && score <= 1) return { ok: true, judgement };
  return { ok: false, message: `The metric gave ${String(score)}, which is no score from 0 to 1.` };
}
