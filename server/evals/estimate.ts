import type { EvaluationEstimateBody } from '@wheelhouse/core/contract';
import {
  calledName,
  isScorerLabel,
  type RehearsedCall,
  type RehearsedTarget,
  rehearseScorer,
} from '@wheelhouse/core/eval';
import type { ModelTraffic, PriceReader } from '@wheelhouse/core/ports';
import {
  type Evaluation,
  type ExampleRow,
  type Json,
  type NanoUsd,
  nanosPerMs,
  nanosToMs,
  type ProjectId,
  type Run,
} from '@wheelhouse/core/records';
import { resolveTarget } from '@wheelhouse/core/route';
import { totalCostOf } from '@wheelhouse/core/trace';
import type { CreateDeps, Planned } from './create-evaluation.ts';
import { readRows } from './evaluation-rows.ts';

/** What prices are found by. */
export type PriceDeps = Pick<CreateDeps, 'routes' | 'clock' | 'checker'> & { prices: PriceReader };
export type EstimateDeps = CreateDeps &
  PriceDeps & {
    /** Of versions of models, outside of evaluations. */
    traffic: Pick<ModelTraffic, 'uses'>;
  };

type Basis = EvaluationEstimateBody['runs'][number]['basis'];
type Expected = { basis: Basis; callNanoUsd: NanoUsd | null; seconds: number | null };

const unknown: Expected = { basis: 'unknown', callNanoUsd: null, seconds: null };
const evaluationsLookedAt = 10;
const latelyNs = 7n * 24n * 3_600_000n * nanosPerMs;
const rowsLookedAt = 50;
/** Of English; other languages have fewer. */
const charactersPerToken = 4;
/** An answer of which nothing is known. */
const usualOutputTokens = 200;
/** A verdict with its reason. */
const judgeOutputTokens = 120;
const rowsRehearsed = 5;

const nanoUsd = (dollars: number): NanoUsd => BigInt(Math.round(dollars * 1e9));

/** What its calls took in evaluations, newest first. */
async function inEvaluations(
  { evaluations }: Pick<EstimateDeps, 'evaluations'>,
  project: ProjectId,
  run: Run,
): Promise<Expected | null> {
  const model = calledName(run) ?? '';
  const lately = await evaluations.list(project, { limit: evaluationsLookedAt, model, status: 'completed' });
  for (const { runs, summaries } of lately) {
    const same = runs.find((one) => one.model === run.model && one.version === run.version);
    const meanOf = (measure: string) =>
      summaries.find((one) => one.runId === same?.id && one.measure === measure)?.mean ?? null;
    const [cost, seconds] = [meanOf('cost'), meanOf('latency')];
    if (cost !== null) return { basis: 'lately', callNanoUsd: nanoUsd(cost), seconds };
  }
  return null;
}

async function inTraffic(
  deps: Pick<EstimateDeps, 'clock' | 'traffic'>,
  project: ProjectId,
  { model, version }: Run,
): Promise<Expected | null> {
  if (model === null || version === null) return null;
  const untilNs = deps.clock.now();
  const { uses } = await deps.traffic.uses(project, { models: [model], fromNs: untilNs - latelyNs, untilNs });
  const use = uses.find((one) => one.version === version);
  const priced = use ? use.calls - use.unpriced : 0;
  if (!use || use.costNanoUsd === null || priced <= 0) return null;
  const seconds = use.latency === null ? null : Number(use.latency.p50) / 1e9;
  return { basis: 'lately', callNanoUsd: use.costNanoUsd / BigInt(priced), seconds };
}

type Tokens = { input: number; output: number };
type Sample = { rows: RehearsedTarget[]; tokens: Tokens };

const textOf = (value: Json) => (typeof value === 'string' ? value : JSON.stringify(value));
const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const tokensIn = (characters: number) => Math.ceil(characters / charactersPerToken);

type EstimateRow = Pick<ExampleRow, 'input' | 'expected' | 'metadata'>;

/** Some of the rows, and what the mean one of them is long. An answer is taken to be as long as what is expected. */
function sampleOf(living: readonly EstimateRow[]): Sample {
  const expected = living.flatMap(({ expected }) => (expected === null ? [] : [textOf(expected).length]));
  const output = expected.length === 0 ? usualOutputTokens : tokensIn(meanOf(expected));
  const tokens = {
    input: living.length === 0 ? 0 : tokensIn(meanOf(living.map(({ input }) => textOf(input).length))),
    output,
  };
  const rows = living.slice(0, rowsRehearsed).map(({ input, expected, metadata }) => ({
    ...{ input, expected, metadata },
    output: expected === null ? 'x'.repeat(output * charactersPerToken) : textOf(expected),
  }));
  return { rows, tokens };
}

/** By the price of the model that is called; of a model that is more than one call nothing is known. */
export function priceOfCall(
  deps: PriceDeps,
  project: ProjectId,
  { ref, tokens }: { ref: string; tokens: Tokens },
): Expected {
  const { version, provider, vendorModel } = resolveTarget(ref, deps.routes(project));
  if (version !== null && version.definition.baseModel === undefined) return unknown;
  const prompt = version === null ? 0 : tokensIn(JSON.stringify(version.definition).length);
  const atMs = nanosToMs(deps.clock.now());
  const row = deps.prices.find({ project, provider, models: [vendorModel], atMs, serviceTier: null });
  const counts = { inputUncached: tokens.input + prompt, outputText: tokens.output, requests: 1 };
  const cost = row === null ? null : totalCostOf({ counts, source: 'estimated' }, row);
  return cost === null ? unknown : { basis: 'list price', callNanoUsd: cost, seconds: null };
}

export type JudgeEstimate = {
  scorer: string;
  /** For one answer. */
  calls: number;
  nanoUsd: NanoUsd | null;
};

/** What a scorer that asks models takes for one answer, by rehearsing it on a few; null: it asks none. */
async function estimateJudge(
  deps: PriceDeps,
  project: ProjectId,
  { scorer, rows }: { scorer: string; rows: readonly RehearsedTarget[] },
): Promise<JudgeEstimate | null> {
  const calls: RehearsedCall[] = [];
  for (const row of rows) calls.push(...(await rehearseScorer(scorer, row, deps)));
  if (calls.length === 0) return null;
  const costs = calls.map(({ model, kind, inputCharacters }) => {
    const output = kind === 'chat' ? judgeOutputTokens : 0;
    const tokens = { input: tokensIn(inputCharacters), output };
    return priceOfCall(deps, project, { ref: model, tokens }).callNanoUsd;
  });
  const known = costs.flatMap((cost) => cost ?? []);
  const sum = known.reduce((all, cost) => all + cost, 0n);
  return {
    scorer,
    calls: Math.round((calls.length / rows.length) * 10) / 10,
    nanoUsd: known.length < costs.length ? null : sum / BigInt(rows.length),
  };
}

/** Each scorer of the server that asks models. */
export async function estimateJudges(
  deps: PriceDeps,
  project: ProjectId,
  { scorers, rows }: { scorers: readonly string[]; rows: readonly RehearsedTarget[] },
): Promise<JudgeEstimate[]> {
  const known = scorers.filter((scorer) => isScorerLabel(scorer, deps));
  const judges = await Promise.all(known.map((scorer) => estimateJudge(deps, project, { scorer, rows })));
  return judges.filter((one) => one !== null);
}

export const judgeEstimateBody = ({ nanoUsd, ...judge }: JudgeEstimate) => ({
  ...judge,
  nanoUsd: nanoUsd === null ? null : String(nanoUsd),
});

/** What the calls of an evaluation would cost: each run as it did lately, else by list prices; judges by list prices. */
export async function estimateEvaluation(
  deps: EstimateDeps,
  project: ProjectId,
  planned: Planned,
): Promise<EvaluationEstimateBody> {
  const read = await readRows({ ...deps, project }, planned, { after: 0, limit: rowsLookedAt });
  return estimateCalls(deps, project, { ...planned, sample: read.filter(({ erasedAt }) => erasedAt === null) });
}

/** What rows that are in no dataset are estimated by. */
export type InputsDeps = PriceDeps & Pick<EstimateDeps, 'evaluations' | 'traffic'>;

type Calls = Pick<Planned, 'runs' | 'repetitions' | 'total' | 'concurrency' | 'scorers'> & {
  /** Some of the rows that are asked. */
  sample: readonly EstimateRow[];
};

/** As {@link estimateEvaluation}, of rows that are in no dataset yet. */
export async function estimateCalls(
  deps: InputsDeps,
  project: ProjectId,
  { runs, repetitions, total, concurrency, scorers, sample }: Calls,
): Promise<EvaluationEstimateBody> {
  const { rows, tokens } = sampleOf(sample.slice(0, rowsLookedAt));
  const each: (Expected & { ref: string | null })[] = [];
  for (const run of runs) {
    const expected: Expected =
      run.ref === null
        ? { basis: 'client', callNanoUsd: null, seconds: null }
        : ((await inEvaluations(deps, project, run)) ??
          (await inTraffic(deps, project, run)) ??
          priceOfCall(deps, project, { ref: calledName(run) ?? '', tokens }));
    each.push({ ref: run.ref, ...expected });
  }
  const judges = await estimateJudges(deps, project, { scorers, rows });
  const calls = total / runs.length;
  const known = [
    ...each.flatMap(({ callNanoUsd }) => (callNanoUsd === null ? [] : [callNanoUsd * BigInt(calls)])),
    ...judges.flatMap(({ nanoUsd }) => (nanoUsd === null ? [] : [nanoUsd * BigInt(total)])),
  ];
  const times = each.flatMap(({ seconds }) => (seconds === null ? [] : [seconds]));
  return {
    rows: calls / repetitions,
    calls: total,
    costNanoUsd: known.length === 0 ? null : String(known.reduce((sum, cost) => sum + cost, 0n)),
    runs: each.map(({ ref, callNanoUsd, basis }) => ({
      ...{ ref, basis, callNanoUsd: callNanoUsd === null ? null : String(callNanoUsd) },
    })),
    judges: judges.map(judgeEstimateBody),
    seconds: times.length === 0 ? null : (meanOf(times) * total) / Math.min(concurrency, total),
  };
}

export const estimateOf = ({ costNanoUsd }: EvaluationEstimateBody): Evaluation['estimateNanoUsd'] =>
  costNanoUsd === null ? null : BigInt(costNanoUsd);
