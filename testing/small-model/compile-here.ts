import { type CompileState, compile, randomSearch } from '@wheelhouse/core/optimize';
import { candidateHash, candidateOf } from '@wheelhouse/core/program';
import { contentHash } from '@wheelhouse/core/records';
import { programWorld } from '@wheelhouse/sdk/program';
import { lineAdapter } from './line-adapter.ts';
import { concurrency, type Outcome, type RowResult, rowsOfSeed, search } from './plan.ts';
import { metricOf, type Task, type TaskRow } from './tasks.ts';

/** Scores of a candidate on rows held out, in their order. */
function scoresOf({ entries }: CompileState, candidate: string, rows: readonly TaskRow[]): RowResult[] {
  const runs = new Map(entries.flatMap((entry) => (entry.kind === 'run' ? [[entry.key, entry] as const] : [])));
  return rows.map(({ input, expected }) => {
    const row = contentHash([input, expected]).slice(0, 16);
    const run = runs.get(`${candidate.slice(0, 16)}:${row}:held_out:0`);
    if (run === undefined) throw new Error(`A row held out was not run: ${JSON.stringify(input)}`);
    if (run.failure !== null && run.failure.of !== 'answer') throw new Error(run.failure.message);
    return { score: run.score, read: run.failure === null };
  });
}

/** Compiles a task as a user does who has a server: every call of the model goes through its gateway. */
export async function compileHere(
  task: Task,
  seed: number,
  given: { count: number; baseUrl: string },
): Promise<Outcome> {
  const rows = rowsOfSeed(task, seed, given.count);
  const { best, report, state } = await compile(
    task.program,
    {
      ...{ ...rows, metric: metricOf(task), seed, concurrency },
      optimizer: randomSearch({ ...search, threshold: 1 }),
      budget: { calls: 1_000_000 },
    },
    {
      world: programWorld({ baseUrl: given.baseUrl, model: 'llama-cpp/gemma-3-270m', adapter: lineAdapter }),
      clock: { now: () => BigInt(Date.now()) * 1_000_000n },
    },
  );
  if (report.stopped.reason !== 'done') throw new Error(report.stopped.message);
  const before = candidateHash(candidateOf(task.program));
  return {
    before: scoresOf(state, before, rows.heldOut),
    after: scoresOf(state, candidateHash(best.candidate), rows.heldOut),
    demos: Object.values(best.candidate).reduce((sum, { demos = [] }) => sum + demos.length, 0),
    candidates: report.candidates.flatMap(({ scores }) => scores.map(({ score }) => score)),
  };
}
