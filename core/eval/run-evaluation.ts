import type { CancelSignal, Clock, EarlierAnswer, ModelOutcome, ModelRunner, Timer } from '../ports/index.ts';
import {
  type Cell,
  contentHash,
  type ExampleRow,
  type Json,
  type NanoUsd,
  type Run,
  type ScorerResult,
  type TraceId,
} from '../records/index.ts';
import { inputOf } from './input-of.ts';
import { createPace } from './pace.ts';
import { failed, type JudgingWorld, type Scorer, type ScoringTarget } from './scorer-kind.ts';

type MaybeTraced<Outcome> = Outcome extends unknown ? Omit<Outcome, 'traceId'> & { traceId: TraceId | null } : never;
/** What a run answered; without a trace where nothing was traced. `cached`: whoever was asked took an earlier answer. */
export type Answered = MaybeTraced<ModelOutcome> & { cached?: boolean };

type AskOptions = { repetition: number; signal: CancelSignal };
/** Asks a run for its answer to a row. */
export type Ask = (run: Run, row: ExampleRow, options: AskOptions) => Promise<Answered>;

export type CellPlace = Pick<Cell, 'runId' | 'exampleId' | 'repetition'>;

export type EvaluationPlan = {
  runs: readonly Run[];
  rows: AsyncIterable<ExampleRow> | Iterable<ExampleRow>;
  /** By label; see {@link judgesOf}. */
  judges: Judges;
  repetitions: number;
  /** Calls under way at one time. */
  concurrency: number;
  /** Whether the cell was recorded before; then it is not made again. */
  isFinished(place: CellPlace): boolean;
  /** What {@link answerKey} knows of the run; null: its answers are not taken again. */
  identityOf(run: Run): string | null;
  rollout: string | null;
  /** An answer that was given before under the key. */
  earlier(key: string): EarlierAnswer | null;
  /** Whether nothing more is to be begun; what is under way is ended. */
  isOver(): boolean;
};

export type EvaluationDeps = { ask: Ask; clock: Clock; timer: Timer };

/** An answer to judge, and where it was traced. */
type AnswerTarget = Omit<ScoringTarget, 'spans'> & { traceId: TraceId | null };

/** Judges an answer, with what it needs of the world at hand. */
export type Judge = (answer: AnswerTarget, signal: CancelSignal) => ScorerResult | Promise<ScorerResult>;
export type Judges = ReadonlyMap<string, Judge>;

/** Scorers of labels, put into their world. */
export const judgesOf = (scorers: Iterable<readonly [string, Scorer]>, world: JudgingWorld): Judges =>
  new Map(
    [...scorers].map(([label, score]) => {
      const judge: Judge = ({ traceId, ...answer }, signal) => {
        const spans = traceId === null ? null : () => world.spansOf(traceId, signal);
        return score({ ...answer, spans }, { ...world, signal });
      };
      return [label, judge];
    }),
  );

type Task = { run: Run; row: ExampleRow; repetition: number };

/** A scorer that takes longer has failed on that answer. */
const scorerDeadlineMs = 120_000;
/** A call that is refused for want of room is made again so often. */
const limitedTries = 12;

export const cellKey = ({ runId, exampleId, repetition }: CellPlace): string => `${runId} ${exampleId} ${repetition}`;

/** The name that an OpenAI client would call; the version is fixed, wherever its alias may point by now. null: code of the caller. */
export const calledName = ({ model, version }: Run): string | null =>
  model === null || version === null ? model : `${model}@${version}`;

/** Asks models by their names. */
export const askModels =
  (runner: ModelRunner): Ask =>
  (run, row, { repetition, signal }) => {
    const place = { runId: run.id, exampleId: row.exampleId, repetition };
    return runner.run(calledName(run) ?? '', inputOf(row.input), { signal, run: place });
  };

/** The same key may take the same answer: it covers who answers, what was asked, which repetition and which rollout it is. */
export const answerKey = (of: { identity: string; input: Json; repetition: number; rollout: string }): string =>
  contentHash([of.identity, of.input, of.repetition, of.rollout]);

function keyOf(plan: Pick<EvaluationPlan, 'identityOf' | 'rollout'>, { run, row, repetition }: Task): string {
  const identity = plan.identityOf(run);
  if (plan.rollout === null || identity === null) return '';
  return answerKey({ identity, input: row.input, repetition, rollout: plan.rollout });
}

/** The runs take turns in going first, so that whatever drifts in the meantime hits all alike. */
async function* tasksOf(plan: EvaluationPlan): AsyncGenerator<Task> {
  const { runs } = plan;
  let turn = 0;
  for await (const row of plan.rows)
    for (let repetition = 0; repetition < plan.repetitions; repetition++) {
      const first = turn++ % runs.length;
      for (const run of [...runs.slice(first), ...runs.slice(0, first)])
        if (!plan.isFinished({ runId: run.id, exampleId: row.exampleId, repetition })) yield { run, row, repetition };
    }
}

function withDeadline(timer: Timer, result: Promise<ScorerResult>): Promise<ScorerResult> {
  return new Promise((resolve, reject) => {
    const callOff = timer.after(scorerDeadlineMs, () =>
      resolve(failed(`the scorer said nothing for ${scorerDeadlineMs / 1000} s`)),
    );
    result.then(resolve, reject).finally(callOff);
  });
}

/** What each judge says; one that says nothing in time has failed. */
export async function scoreAnswer(
  { timer }: Pick<EvaluationDeps, 'timer'>,
  judges: Judges,
  { target, signal }: { target: AnswerTarget; signal: CancelSignal },
): Promise<Record<string, ScorerResult>> {
  const scores = [...judges].map(async ([label, judge]) => {
    const result = judge(target, signal);
    return [label, 'ok' in result ? result : await withDeadline(timer, result)] as const;
  });
  return Object.fromEntries(await Promise.all(scores));
}

/** What judges cost. */
export const judgeCost = (scores: Record<string, ScorerResult>): NanoUsd =>
  Object.values(scores).reduce((sum, { calls }) => sum + BigInt(calls?.costNanoUsd ?? 0), 0n);

/** Asks, again and later where there was no room; null: it was stopped meanwhile. */
async function answerOf(deps: EvaluationDeps, lane: Lane, task: Task): Promise<Answered> {
  const { pace, signal } = lane;
  for (let tries = 1; ; tries++) {
    await pace.enter(signal);
    let how: Parameters<typeof pace.leave>[0] = 'answered';
    try {
      const outcome = await deps.ask(task.run, task.row, { repetition: task.repetition, signal });
      const limited = outcome.ok ? undefined : outcome.limited;
      if (limited === undefined) return outcome;
      how = { limited: limited.retryAfterMs };
      if (tries === limitedTries || lane.plan.isOver()) return outcome;
    } finally {
      pace.leave(how);
    }
  }
}

async function makeCell(deps: EvaluationDeps, lane: Lane, task: Task): Promise<Cell> {
  const { plan, signal } = lane;
  const { run, row, repetition } = task;
  const key = keyOf(plan, task);
  const earlier = key === '' ? null : plan.earlier(key);
  const outcome: Answered = earlier ? { ok: true, text: earlier.output, ...earlier } : await answerOf(deps, lane, task);
  const { latencyNs, costNanoUsd, traceId } = outcome;
  const { input, expected, metadata } = row;
  const output = outcome.ok ? outcome.text : null;
  const target = { input, expected, metadata, latencyNs, costNanoUsd, traceId };
  const scores = output === null ? {} : await scoreAnswer(deps, plan.judges, { target: { ...target, output }, signal });
  return {
    ...{ runId: run.id, exampleId: row.exampleId, repetition, output },
    error: outcome.ok ? null : outcome.error,
    ...{ scores, latencyNs, costNanoUsd, judgeNanoUsd: judgeCost(scores), traceId },
    ...{ cached: earlier !== null || outcome.cached === true, answerKey: key },
  };
}

type Lane = { plan: EvaluationPlan; signal: CancelSignal; pace: ReturnType<typeof createPace> };

/**
 * Calls every run on every row, as often as is wanted, and scores the answers. A call that failed is a cell with an error;
 * each cell is handed to `onCell` and the place it held is free only when that resolves, so that at most `concurrency`
 * answers can be lost. Resolves when every cell is there or nothing more was to be begun; rejects with the signal's reason
 * when stopped, and when `onCell` or a row fails.
 */
export async function runEvaluation(
  deps: EvaluationDeps,
  plan: EvaluationPlan,
  { signal, onCell }: { signal: CancelSignal; onCell: (cell: Cell) => Promise<void> },
): Promise<void> {
  const tasks = tasksOf(plan);
  const lane: Lane = { plan, signal, pace: createPace(deps, plan.concurrency) };
  let broken = false;
  const work = async () => {
    while (!broken && !signal.aborted && !plan.isOver()) {
      const next = await tasks.next();
      if (next.done || signal.aborted || plan.isOver()) return;
      const cell = await makeCell(deps, lane, next.value);
      // A call that the stop cut short says nothing about the model.
      if (signal.aborted && cell.error !== null) return;
      await onCell(cell);
    }
  };
  const lanes = Array.from({ length: plan.concurrency }, () =>
    work().catch((error: unknown) => {
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
