import type { PredictorCall } from '../program/index.ts';
import { isJsonObject, type Json, type JsonObject, WheelhouseError } from '../records/index.ts';
import type { Expense } from './budget.ts';

/** A predictor's call, as far as demonstrations and reflection need it. */
export type TracedCall = Pick<PredictorCall, 'path' | 'input' | 'output' | 'error' | 'kept'> & { traceId?: string };

/**
 * Why a run has no score of its own: no answer that could be read (`answer`), a model or code that could not be asked
 * (`call`), a metric that said nothing (`metric`).
 */
export type RunFailure = { of: 'answer' | 'call' | 'metric'; message: string };

/** What a candidate made of a row. Of rows for training it has what was asked and said as well. */
export type RunEntry = {
  kind: 'run';
  key: string;
  /** 0 where it failed. */
  score: number;
  failure: RunFailure | null;
  feedback: string | null;
  feedbackOf?: Readonly<Record<string, string>>;
  calls?: TracedCall[];
  latencyMs: number;
  expense: Expense;
  /** Since the search began, over all its parts. */
  atMs: number;
};

/** What the proposing model wrote; null: nothing that could be read. */
export type WriteEntry = {
  kind: 'write';
  key: string;
  output: JsonObject | null;
  error: string | null;
  expense: Expense;
  atMs: number;
};
export type Entry = RunEntry | WriteEntry;

/** After so many questions in a row that nobody could answer or judge, asking on is no use. */
export const failuresInARow = 10;

export const failureOf = (entry: Entry): RunFailure | null =>
  entry.kind === 'run' ? entry.failure : entry.error === null ? null : { of: 'call', message: entry.error };
/** Whether it says something of who was asked, and nothing of the candidate. */
export const isOfOthers = (failure: RunFailure | null): boolean => failure !== null && failure.of !== 'answer';

/** Without the questions that a search ended with in vain: whoever goes on wants to ask them again. */
function withoutOutage(entries: readonly Entry[]): Entry[] {
  const last = entries.findLastIndex((entry) => !isOfOthers(failureOf(entry)));
  return entries.slice(0, entries.length - 1 - last < failuresInARow ? entries.length : last + 1);
}

/**
 * Everything that was asked so far, as JSON. A search is repeated from it without asking again, and goes on where it ended:
 * so nothing else needs to be kept, and nothing can disagree with it.
 */
export type CompileState = { version: 1; plan: string; entries: Entry[] };

/** @throws WheelhouseError `invalid_request` where it is no state, or one of something else */
export function readState(value: Json | CompileState | undefined, plan: string): CompileState {
  if (value === undefined) return { version: 1, plan, entries: [] };
  const bad = (what: string, hint: string) =>
    new WheelhouseError('invalid_request', `The state ${what}.`, { param: 'state', hint });
  if (!isJsonObject(value) || value.version !== 1 || !Array.isArray(value.entries))
    throw bad('is none that this version wrote', 'Leave it out to begin anew.');
  if (value.plan !== plan)
    throw bad(
      'belongs to another compilation',
      'It goes with the same program, rows, optimizer, models and seed; leave it out to begin anew.',
    );
  return { version: 1, plan, entries: withoutOutage(value.entries as unknown as Entry[]) };
}
