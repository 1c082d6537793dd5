import { type Candidate, type Demo, overlay, type Signature } from '../../program/index.ts';
import { isJsonObject, type JsonObject } from '../../records/index.ts';
import type { Bench } from '../bench.ts';
import { type Draw, pick, shuffled } from '../draws.ts';
import type { SearchRow } from '../row.ts';
import type { RunEntry, TracedCall } from '../state.ts';

/** A row as a predictor would show it: what it has fields for. null: that is no example of it. */
function labelled(row: SearchRow, { inputs, outputs }: Signature, isAlone: boolean): Demo | null {
  const { expected } = row;
  // A label that is no object is that of the one output, where a program has but one predictor.
  const answers = outputs.filter(({ name }) => name !== 'reasoning');
  const named: JsonObject = isJsonObject(expected)
    ? expected
    : isAlone && answers.length === 1 && expected !== undefined
      ? { [answers[0]?.name ?? '']: expected }
      : {};
  const values: JsonObject = {};
  for (const { name } of [...inputs, ...outputs]) {
    const value = Object.hasOwn(row.input, name) ? row.input[name] : named[name];
    if (value !== undefined && value !== null) values[name] = value;
  }
  const has = (fields: Signature['inputs']) => fields.some(({ name }) => Object.hasOwn(values, name));
  return has(inputs) && has(outputs) ? { values } : null;
}

/** Demonstrations of rows for every predictor that they are examples of. */
export function labelledDemos(bench: Bench, rows: readonly SearchRow[]): Record<string, Demo[]> {
  const isAlone = bench.predictors.size === 1;
  return Object.fromEntries(
    [...bench.predictors].map(([path, signature]) => [
      path,
      rows.flatMap((row) => labelled(row, signature, isAlone) ?? []),
    ]),
  );
}

/** A candidate that shows these, in place of what it showed. */
export const showing = (candidate: Candidate, demos: Readonly<Record<string, readonly Demo[]>>): Candidate =>
  overlay(candidate, Object.fromEntries(Object.entries(demos).map(([path, shown]) => [path, { demos: shown }])));

const demoOfCall = ({ input, output, traceId }: TracedCall): Demo => ({
  ...{ values: { ...input, ...output }, augmented: true },
  ...(traceId === undefined ? {} : { traceId }),
});

/** Of several calls of a predictor in one run the last, or as often one of those before it. */
export function demosOfRun({ calls = [] }: RunEntry, draw: Draw): Map<string, Demo> {
  const byPath = new Map<string, TracedCall[]>();
  for (const call of calls)
    if (call.kept && call.output !== null) byPath.set(call.path, [...(byPath.get(call.path) ?? []), call]);
  return new Map(
    [...byPath].map(([path, all]) => {
      const last = all.at(-1) as TracedCall;
      const chosen = all.length > 1 && draw() < 0.5 ? pick(all.slice(0, -1), draw) : last;
      return [path, demoOfCall(chosen)];
    }),
  );
}

export type Bootstrapping = {
  /** Most demonstrations that the teacher's runs give a predictor. */
  maxBootstrapped: number;
  /** Most demonstrations in all, the rest of labelled rows. */
  maxLabeled: number;
  /** How often a row is tried; after the first time with temperature 1. */
  maxRounds: number;
  /** A run shows something from this score on; null: with any above 0. */
  threshold: number | null;
  /** Laid over the program: what shows how it is done, for example with a larger model. */
  teacher: Candidate;
};

/** In which order, and from what the rest is drawn. */
type Order = { rows: readonly SearchRow[]; seed: string };

/** The program with so many labelled rows, drawn by the seed. */
export const labelsOnly = (bench: Bench, k: number, candidate: Candidate = bench.base): Candidate =>
  showing(candidate, labelledDemos(bench, shuffled(bench.train, bench.draw('labels')).slice(0, k)));

/** The teacher, which shows labelled rows unless it shows something of its own. */
export function teacherOf(bench: Bench, { teacher, maxLabeled }: Bootstrapping): Candidate {
  const given = overlay(bench.base, teacher);
  const isTuned = Object.values(given).some(({ demos = [] }) => demos.length > 0);
  if (isTuned || maxLabeled === 0) return given;
  return labelsOnly(bench, maxLabeled, given);
}

export const atTemperature = (bench: Bench, candidate: Candidate, temperature: number): Candidate =>
  overlay(
    candidate,
    Object.fromEntries([...bench.predictors.keys()].map((path) => [path, { parameters: { temperature } }])),
  );

/** Whether a run is one to learn from. @param threshold null: any score above 0 is enough, as DSPy has it */
export const isGood = ({ failure, score }: RunEntry, threshold: number | null): boolean =>
  failure === null && (threshold === null ? score > 0 : score >= threshold);

/** Of each row the first run that is good enough; null: none is. */
export async function tryRows(
  bench: Bench,
  rows: readonly SearchRow[],
  { teacher, hot, options }: { teacher: Candidate; hot: Candidate; options: Bootstrapping },
): Promise<(RunEntry | null)[]> {
  const good = new Map<number, RunEntry>();
  for (let round = 0; round < options.maxRounds; round++) {
    const left = [...rows.keys()].filter((i) => !good.has(i));
    const candidate = round === 0 ? teacher : hot;
    const runs = await bench.run(left.map((i) => ({ candidate, row: rows[i] as SearchRow, rollout: round })));
    for (const [j, run] of runs.entries()) if (isGood(run, options.threshold)) good.set(left[j] as number, run);
  }
  return rows.map((_, i) => good.get(i) ?? null);
}

/**
 * Demonstrations of a teacher's runs that score well enough, each of a row that was not shown to it, and labelled rows up to
 * as many as there may be (BootstrapFewShot; Khattab et al. 2023).
 * @param found gets them as they come, so that what is cut short has what there was
 */
export async function bootstrap(
  bench: Bench,
  options: Bootstrapping,
  { rows, seed }: Order,
  found: Record<string, Demo[]> = {},
): Promise<Record<string, Demo[]>> {
  const teacher = teacherOf(bench, options);
  const hot = atTemperature(bench, teacher, 1);
  const draw = bench.draw(`calls ${seed}`);
  const accepted = new Set<string>();
  for (let at = 0; at < rows.length && accepted.size < options.maxBootstrapped; ) {
    // As many at once as are still needed: none of them can be one too many.
    const batch = rows.slice(at, at + options.maxBootstrapped - accepted.size);
    at += batch.length;
    for (const [i, run] of (await tryRows(bench, batch, { teacher, hot, options })).entries()) {
      if (run === null) continue;
      for (const [path, demo] of demosOfRun(run, draw)) {
        found[path] ??= [];
        found[path].push(demo);
      }
      accepted.add(batch[i]?.key ?? '');
    }
  }
  const rest = shuffled(
    rows.filter(({ key }) => !accepted.has(key)),
    bench.draw(`rest ${seed}`),
  );
  for (const [path, raw] of Object.entries(labelledDemos(bench, rest))) {
    const shown = (found[path] ?? []).slice(0, options.maxBootstrapped);
    found[path] = [...shown, ...raw.slice(0, Math.max(0, options.maxLabeled - shown.length))];
  }
  return found;
}
