import type { CancelSignal, Clock } from '../ports/index.ts';
import {
  type AnyModule,
  type Candidate,
  type PredictorCall,
  type ProgramWorld,
  runProgram,
  withCandidate,
} from '../program/index.ts';
import { type ErrorCode, type JsonObject, nanosToMs } from '../records/index.ts';
import { expenseOf } from './budget.ts';
import { judge, type Metric } from './metric.ts';
import type { AnyRow } from './row.ts';
import type { RunEntry, RunFailure, TracedCall, WriteEntry } from './state.ts';

/** A program with what is tuned in it. `shape` says what was built of the compiled program, empty: it is that itself. */
export type Contender = { program: AnyModule; shape: string; candidate: Candidate };

/** Who is asked. */
export type Asking = {
  world: ProgramWorld;
  /** Writes instructions. */
  proposer: string;
  metric: Metric<never, never>;
  clock: Clock;
  /** Since the search began. */
  nowMs: () => number;
};

/** What says something about the candidate, and not about who was asked. */
const ownFault = new Set<ErrorCode>(['answer_unreadable', 'context_length_exceeded', 'content_policy_violation']);

const traced = ({ path, input, output, error, kept, asks }: PredictorCall): TracedCall => {
  const traceId = asks.at(-1)?.traceId;
  return { path, input, output, error, kept, ...(traceId === undefined ? {} : { traceId }) };
};

type Ran = { calls: PredictorCall[] } & ({ ok: true; output: unknown } | { ok: false; failure: RunFailure });

/** What the program itself throws is a failure as well: one row must not end a search of hours. */
async function runOnce(
  { program, candidate }: Contender,
  row: AnyRow,
  world: ProgramWorld,
  rollout: number,
): Promise<Ran> {
  try {
    const done = await runProgram(withCandidate(program, candidate), row.input, world, { rollout });
    if (done.ok) return { ok: true, output: done.output, calls: done.calls };
    const { code, message } = done.error;
    return { ok: false, failure: { of: ownFault.has(code) ? 'answer' : 'call', message }, calls: done.calls };
  } catch (error) {
    if (world.signal.aborted) throw error;
    const message = `The program threw: ${error instanceof Error ? error.message : String(error)}`;
    return { ok: false, failure: { of: 'call', message }, calls: [] };
  }
}

/** A program or a metric of somebody's own may never end, and must not keep a search from being called off. */
function untilAborted<T>(signal: CancelSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const cut = () => reject(signal.reason);
    signal.addEventListener('abort', cut, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', cut));
  });
}

type RunOf = { contender: Contender; row: AnyRow; key: string; rollout: number };

/** Runs a candidate on a row and judges what it gave. @throws the signal's reason */
export const askRun = (asking: Asking, of: RunOf): Promise<RunEntry> =>
  untilAborted(asking.world.signal, runAndJudge(asking, of));

async function runAndJudge(
  { world, metric, clock, nowMs }: Asking,
  { contender, row, key, rollout }: RunOf,
): Promise<RunEntry> {
  const began = clock.now();
  const ran = await runOnce(contender, row, world, rollout);
  const latencyMs = nanosToMs(clock.now() - began);
  const { input, expected } = row;
  const { calls } = ran;
  const judged = ran.ok ? await judge(metric, { input, expected, output: ran.output, calls } as never) : null;
  // What was cut off says nothing, and must not be remembered.
  if (world.signal.aborted) throw world.signal.reason;
  const failure: RunFailure | null = !ran.ok
    ? ran.failure
    : judged?.ok === false
      ? { of: 'metric', message: judged.message }
      : null;
  const { score = 0, feedback = null, feedbackOf } = judged?.ok ? judged.judgement : {};
  return {
    ...{ kind: 'run', key, score, failure },
    feedback: ran.ok ? feedback : `It gave no answer. ${ran.failure.message}`,
    ...(feedbackOf === undefined ? {} : { feedbackOf }),
    ...(row.split === 'train' ? { calls: calls.map(traced) } : {}),
    ...{ latencyMs, expense: expenseOf(calls), atMs: nowMs() },
  };
}

/** Lets the proposing model answer. @throws the signal's reason */
export async function askWrite(
  { world, proposer, nowMs }: Asking,
  {
    module,
    input,
    key,
    rollout,
    temperature,
  }: { module: AnyModule; input: JsonObject; key: string; rollout: number; temperature: number },
): Promise<WriteEntry> {
  const done = await runProgram(module, input, { ...world, model: proposer }, { rollout, parameters: { temperature } });
  const isOwnFault = !done.ok && ownFault.has(done.error.code);
  return {
    ...{ kind: 'write', key, output: done.ok ? (done.output as JsonObject) : null },
    error: done.ok || isOwnFault ? null : done.error.message,
    ...{ expense: expenseOf(done.calls), atMs: nowMs() },
  };
}
