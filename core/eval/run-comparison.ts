import type { CancelSignal, ModelRunner } from '../ports/index.ts';
import type { Cell, ExampleRow, Run } from '../records/index.ts';
import { inputOf } from './input-of.ts';
import type { Scorer } from './scorer-kind.ts';

export type ComparisonPlan = {
  a: Run;
  b: Run;
  rows: AsyncIterable<ExampleRow> | Iterable<ExampleRow>;
  /** By label; see `createScorer`. */
  scorers: ReadonlyMap<string, Scorer>;
  repetitions: number;
  /** Calls under way at one time. */
  concurrency: number;
  /** Keys of the cells that were recorded before, by {@link cellKey}; they are not called again. */
  finished: ReadonlySet<string>;
};

type Task = { run: Run; row: ExampleRow; repetition: number };

export const cellKey = (cell: Pick<Cell, 'runId' | 'exampleId' | 'repetition'>): string =>
  `${cell.runId} ${cell.exampleId} ${cell.repetition}`;

/** The name that an OpenAI client would call; the version is fixed, wherever its alias may point by now. */
const calledName = ({ model, version }: Run) => (version === null ? model : `${model}@${version}`);

/** The sides take turns in going first, so that whatever drifts in the meantime hits both alike. */
async function* tasksOf(plan: ComparisonPlan): AsyncGenerator<Task> {
  let turn = 0;
  for await (const row of plan.rows)
    for (let repetition = 0; repetition < plan.repetitions; repetition++) {
      const sides = turn++ % 2 === 0 ? [plan.a, plan.b] : [plan.b, plan.a];
      for (const run of sides)
        if (!plan.finished.has(cellKey({ runId: run.id, exampleId: row.exampleId, repetition })))
          yield { run, row, repetition };
    }
}

async function callCell(
  runner: ModelRunner,
  task: Task,
  scorers: ComparisonPlan['scorers'],
  signal: CancelSignal,
): Promise<Cell> {
  const { run, row, repetition } = task;
  const place = { runId: run.id, exampleId: row.exampleId, repetition };
  const outcome = await runner.run(calledName(run), inputOf(row.input), { signal, run: place });
  const output = outcome.ok ? outcome.text : null;
  return {
    ...place,
    output,
    error: outcome.ok ? null : outcome.error,
    scores:
      output === null
        ? {}
        : Object.fromEntries([...scorers].map(([label, score]) => [label, score(output, row.expected)])),
    latencyNs: outcome.latencyNs,
    costNanoUsd: outcome.costNanoUsd,
    traceId: outcome.traceId,
  };
}

/**
 * Calls both sides on every row and scores the answers. A call that failed is a cell with an error; each cell is handed
 * to `onCell` and the place it held is free only when that resolves, so that at most `concurrency` answers can be lost.
 * Resolves when every cell is there; rejects with the signal's reason when stopped, and when `onCell` or a row fails.
 */
export async function runComparison(
  deps: { runner: ModelRunner },
  plan: ComparisonPlan,
  { signal, onCell }: { signal: CancelSignal; onCell: (cell: Cell) => Promise<void> },
): Promise<void> {
  const tasks = tasksOf(plan);
  let broken = false;
  const lane = async () => {
    while (!broken && !signal.aborted) {
      const next = await tasks.next();
      if (next.done || signal.aborted) return;
      const cell = await callCell(deps.runner, next.value, plan.scorers, signal);
      // A call that the stop cut short says nothing about the model.
      if (signal.aborted && cell.error !== null) return;
      await onCell(cell);
    }
  };
  const lanes = Array.from({ length: plan.concurrency }, () =>
    lane().catch((error: unknown) => {
      broken = true;
      throw error;
    }),
  );
  const ended = await Promise.allSettled(lanes);
  await tasks.return(undefined);
  if (signal.aborted) throw signal.reason;
  const failure = ended.find((end) => end.status === 'rejected');
  if (failure) throw failure.reason;
}
