import type { OptimizationEstimateBody, ParsedBody } from '@wheelhouse/core/contract';
import type { RehearsedTarget } from '@wheelhouse/core/eval';
import type { ReadRow } from '@wheelhouse/core/optimize';
import { type Actor, contentHash, type Json } from '@wheelhouse/core/records';
import type { HandlerDeps } from './deps.ts';
import { planOptimization } from './plan.ts';

const rowsLookedAt = 50;
const rowsRehearsed = 5;
/** Of English; other languages have fewer. */
const charactersPerToken = 4;
/** An answer of which nothing is known. */
const usualOutputTokens = 200;

const textOf = (value: Json) => (typeof value === 'string' ? value : JSON.stringify(value));
const meanOf = (values: readonly number[]) =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
const tokensIn = (characters: number) => Math.ceil(characters / charactersPerToken);

/** What a mean row is long; an answer is taken to be as long as what is expected. */
function tokensOf(rows: readonly ReadRow[], prompt: string) {
  const some = rows.slice(0, rowsLookedAt);
  const expected = some.flatMap(({ expected: one }) => (one === null || one === undefined ? [] : [textOf(one).length]));
  return {
    input: tokensIn(prompt.length + meanOf(some.map(({ input }) => textOf(input).length))),
    output: expected.length === 0 ? usualOutputTokens : tokensIn(meanOf(expected)),
  };
}

const rehearsed = ({ input, expected = null, metadata = {} }: ReadRow, output: number): RehearsedTarget => ({
  ...{ input, expected, metadata },
  output: expected === null ? 'x'.repeat(output * charactersPerToken) : textOf(expected),
});

/** Of the different inputs, where nobody says which rows are held out. */
const heldOutShare = 0.3;

/** What an optimization would run on, and what its budget comes to at most; nothing is started. */
export async function estimateOptimization(
  deps: HandlerDeps,
  by: Actor,
  body: ParsedBody<'createOptimization'>,
): Promise<OptimizationEstimateBody> {
  const { project } = by;
  const { planned, sources } = await planOptimization(deps, by, body, { freezes: false });
  const { subject, rows, read } = sources;
  const { train, validation = [], heldOut } = rows;
  const inputs = new Set(train.map(({ input }) => contentHash(input))).size;
  const apart = heldOut?.length ?? Math.floor(inputs * heldOutShare);
  const tokens = tokensOf(read, subject.signature?.instructions ?? '');
  const call = deps.priceOfCall(project, { ref: planned.model, tokens });
  const { costNanoUsd, calls } = planned.budget;
  const byMoney = costNanoUsd === null || call === null || call === 0n ? null : Number(BigInt(costNanoUsd) / call);
  const most = calls === null ? byMoney : Math.min(calls, byMoney ?? Infinity);
  const cost = call === null || most === null ? costNanoUsd : String(call * BigInt(most));
  const targets = read.slice(0, rowsRehearsed).map((row) => rehearsed(row, tokens.output));
  return {
    ...{ program: planned.program, model: planned.model },
    rows: { train: train.length - (heldOut ? 0 : apart), validation: validation.length, heldOut: apart },
    ...{ calls: most, costNanoUsd: cost, callNanoUsd: call === null ? null : String(call) },
    judges: await deps.estimateJudges(project, { scorers: planned.scorers, rows: targets }),
  };
}
