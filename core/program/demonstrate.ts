import { canonicalJson, type JsonObject } from '../records/index.ts';
import { uniformFrom } from '../stats/index.ts';
import { demoOf } from './candidate.ts';
import type { Module, PredictorCall, ProgramWorld } from './module.ts';
import { drawFrom } from './modules/ensemble.ts';
import { runProgram } from './run-program.ts';
import type { Candidate, Demo } from './tunables.ts';

/** So many examples, drawn by the seed, each as likely as any. */
export const sample = <T>(examples: readonly T[], count: number, seed: number): T[] =>
  drawFrom(examples, count, uniformFrom(seed));

/** The examples without this one, so that nothing is shown its own answer. */
export const allBut = (examples: readonly JsonObject[], one: JsonObject): JsonObject[] =>
  examples.filter((example) => canonicalJson(example) !== canonicalJson(one));

/** What an example becomes on its way to a demonstration; null: it is none. */
export type Transform = (example: JsonObject) => JsonObject | null | Promise<JsonObject | null>;

/**
 * Demonstrations out of examples: each goes through every transformation, and is left out where one gives null; it stops
 * after `count` that went through. With `rest`, the examples that were not looked at follow as they are.
 */
export function annotate(...transforms: readonly Transform[]) {
  return async (
    examples: readonly JsonObject[],
    { count, rest = false }: { count: number; rest?: boolean },
  ): Promise<Demo[]> => {
    const demos: Demo[] = [];
    let looked = 0;
    for (; looked < examples.length && demos.length < count; looked++) {
      let example: JsonObject | null = examples[looked] as JsonObject;
      for (const transform of transforms) example = example && (await transform(example));
      if (example) demos.push({ values: example, augmented: true });
    }
    return rest ? [...demos, ...examples.slice(looked).map((values) => ({ values }))] : demos;
  };
}

/** Of several calls of one predictor the last: the one that the output came of. */
function demosOf(calls: readonly PredictorCall[]): Map<string, Demo> {
  const demos = new Map<string, Demo>();
  for (const call of calls) {
    const demo = call.kept ? demoOf(call) : null;
    if (demo) demos.set(call.path, demo);
  }
  return demos;
}

/**
 * Runs a program over examples, and lets the runs whose output is accepted show every predictor in it what to do: one label
 * at the end becomes a demonstration of each step (weak supervision, Khattab et al. 2022). Runs that fail show nothing.
 * @returns what `withCandidate` takes
 */
export async function demonstrate<I, O>(
  program: Module<I, O>,
  examples: readonly { input: I; expected?: unknown }[],
  world: ProgramWorld,
  {
    count,
    accept,
  }: { count: number; accept(output: O, example: { input: I; expected?: unknown }): boolean | Promise<boolean> },
): Promise<Candidate> {
  const found: Record<string, { demos: Demo[] }> = {};
  let accepted = 0;
  for (const example of examples) {
    if (accepted >= count) break;
    const done = await runProgram(program, example.input, world);
    if (!done.ok || !(await accept(done.output, example))) continue;
    accepted++;
    for (const [path, demo] of demosOf(done.calls)) {
      found[path] ??= { demos: [] };
      found[path].demos.push(demo);
    }
  }
  return found;
}
