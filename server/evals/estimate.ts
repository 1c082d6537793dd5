import type { EvaluationEstimateBody } from '@wheelhouse/core/contract';
import { calledName } from '@wheelhouse/core/eval';
import type { ModelTraffic, PriceReader } from '@wheelhouse/core/ports';
import {
  type Evaluation,
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

export type EstimateDeps = CreateDeps & {
  prices: PriceReader;
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

const nanoUsd = (dollars: number): NanoUsd => BigInt(Math.round(dollars * 1e9));

/** What its calls took in evaluations, newest first. */
async function inEvaluations({ evaluations }: EstimateDeps, project: ProjectId, run: Run): Promise<Expected | null> {
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

async function inTraffic(deps: EstimateDeps, project: ProjectId, { model, version }: Run): Promise<Expected | null> {
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

/** Of the mean row, by the length of its texts. */
async function tokensOf(deps: EstimateDeps, project: ProjectId, planned: Planned): Promise<Tokens> {
  const rows = await readRows({ ...deps, project }, planned, { after: 0, limit: rowsLookedAt });
  const living = rows.filter(({ erasedAt }) => erasedAt === null);
  const textOf = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
  const mean = (lengths: number[]) =>
    Math.ceil(lengths.reduce((sum, length) => sum + length, 0) / lengths.length / charactersPerToken);
  const expected = living.flatMap(({ expected }) => (expected === null ? [] : [textOf(expected).length]));
  return {
    input: living.length === 0 ? 0 : mean(living.map(({ input }) => textOf(input).length)),
    output: expected.length === 0 ? usualOutputTokens : mean(expected),
  };
}

/** By the price of the model that is called; of a model that is more than one call nothing is known. */
function byPrice(deps: EstimateDeps, project: ProjectId, { run, tokens }: { run: Run; tokens: Tokens }): Expected {
  const { version, provider, vendorModel } = resolveTarget(calledName(run) ?? '', deps.routes(project));
  if (version !== null && version.definition.baseModel === undefined) return unknown;
  const prompt = version === null ? 0 : Math.ceil(JSON.stringify(version.definition).length / charactersPerToken);
  const atMs = nanosToMs(deps.clock.now());
  const row = deps.prices.find({ project, provider, models: [vendorModel], atMs, serviceTier: null });
  const counts = { inputUncached: tokens.input + prompt, outputText: tokens.output, requests: 1 };
  const cost = row === null ? null : totalCostOf({ counts, source: 'estimated' }, row);
  return cost === null ? unknown : { basis: 'list price', callNanoUsd: cost, seconds: null };
}

/** What the calls of an evaluation would cost, judges left out: each run as it did lately, else by list prices. */
export async function estimateEvaluation(
  deps: EstimateDeps,
  project: ProjectId,
  planned: Planned,
): Promise<EvaluationEstimateBody> {
  const { runs, repetitions, total, concurrency } = planned;
  const tokens = await tokensOf(deps, project, planned);
  const each: (Expected & { ref: string | null })[] = [];
  for (const run of runs) {
    const expected: Expected =
      run.ref === null
        ? { basis: 'client', callNanoUsd: null, seconds: null }
        : ((await inEvaluations(deps, project, run)) ??
          (await inTraffic(deps, project, run)) ??
          byPrice(deps, project, { run, tokens }));
    each.push({ ref: run.ref, ...expected });
  }
  const calls = total / runs.length;
  const known = each.flatMap(({ callNanoUsd }) => (callNanoUsd === null ? [] : [callNanoUsd * BigInt(calls)]));
  const times = each.flatMap(({ seconds }) => (seconds === null ? [] : [seconds]));
  const seconds = times.reduce((sum, time) => sum + time, 0) / times.length;
  return {
    rows: calls / repetitions,
    calls: total,
    costNanoUsd: known.length === 0 ? null : String(known.reduce((sum, cost) => sum + cost, 0n)),
    runs: each.map(({ ref, callNanoUsd, basis }) => ({
      ...{ ref, basis, callNanoUsd: callNanoUsd === null ? null : String(callNanoUsd) },
    })),
    seconds: times.length === 0 ? null : (seconds * total) / Math.min(concurrency, total),
  };
}

export const estimateOf = ({ costNanoUsd }: EvaluationEstimateBody): Evaluation['estimateNanoUsd'] =>
  costNanoUsd === null ? null : BigInt(costNanoUsd);
