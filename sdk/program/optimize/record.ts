import type { RequestBody } from '@wheelhouse/core/contract';
import { type CompileEvent, createProgress, recordedReport } from '@wheelhouse/core/optimize';
import type { OptimizationCandidate } from '@wheelhouse/core/records';
import { type Client, WheelhouseApiError } from '../../client/index.ts';
import type { Optimized } from './optimize.ts';

/** What a record says of an optimization that runs here. */
export type RecordSetup = RequestBody<'recordOptimization'>;

export type OptimizationRecord = {
  id: string;
  /** To be told everything that the compiler tells. */
  see(event: CompileEvent): void;
  /** Says how it ended. What the server does not take is let be; false then. */
  end(how: { optimized: Optimized } | { error: unknown }): Promise<boolean>;
};

type RecordOptions = {
  client: Client;
  /** The record of an earlier run of the same, which this one goes on with. */
  resume?: string | undefined;
  /** Somebody stopped it, on its page or through the API. */
  onStop(): void;
};

const reportEveryMs = 1_000;
/** Also where nothing is new: somebody may have stopped it. */
const reportAtLeastMs = 4_000;
const candidatesAtOnce = 50;
/** A record must not hold up what it is of. */
const patienceMs = 10_000;
/** The server's limit of a text. */
const longestError = 2_000;

/** A server that has no room for it, or is not there, is no reason not to go on. */
async function tried<T>(call: (signal: AbortSignal) => Promise<T>): Promise<T | null> {
  try {
    return await call(AbortSignal.timeout(patienceMs));
  } catch {
    return null;
  }
}

type Opened = { id: string; turn: number };

/** The record that an earlier run left, in another turn; of a run that was killed it is still said to run. */
async function resumed(client: Client, id: string, budget: RecordSetup['budget']): Promise<Opened | null> {
  const params = { optimizationId: id };
  const again = () =>
    tried((signal) => client.call('resumeOptimization', { params, body: { here: true, budget }, signal }));
  const first = await again();
  if (first) return first;
  await tried((signal) => client.call('stopOptimization', { params, signal }));
  return again();
}

const endOf = (how: Parameters<OptimizationRecord['end']>[0]) => {
  if ('error' in how) {
    const said = how.error instanceof Error ? how.error.message : String(how.error);
    return { state: 'failed' as const, error: said.slice(0, longestError), report: null };
  }
  const { report, definition, madeFrom } = how.optimized;
  const { reason, message } = report.stopped;
  if (reason === 'called_off') return { state: 'stopped' as const, report: null, madeFrom };
  const isFailed = reason === 'failing' || reason === 'price_unknown';
  return {
    ...(isFailed ? { state: 'failed' as const, error: message.slice(0, longestError) } : { state: 'done' as const }),
    ...{ report: recordedReport(report), definition: definition as never, madeFrom },
  };
};

/** Tells a server how far an optimization is that runs here; null: the server takes no record of it. */
export async function openRecord(
  setup: RecordSetup,
  { client, resume, onStop }: RecordOptions,
): Promise<OptimizationRecord | null> {
  const opened: Opened | null =
    (resume === undefined ? null : await resumed(client, resume, setup.budget)) ??
    (await tried((signal) => client.call('recordOptimization', { body: setup, signal })));
  if (opened === null) return null;
  const { id, turn } = opened;
  const params = { optimizationId: id };
  const progress = createProgress();
  let waiting: OptimizationCandidate[] = [];
  let isChanged = false;
  let isLost = false;
  let sentMs = performance.now();
  let sending: Promise<unknown> | null = null;

  /** Whether the server took it. */
  async function send(): Promise<boolean> {
    waiting.push(...progress.news());
    const some = waiting.slice(0, candidatesAtOnce);
    isChanged = waiting.length > some.length;
    sentMs = performance.now();
    const body = { turn, progress: progress.now(), candidates: some } as RequestBody<'reportOptimization'>;
    try {
      const answer = await client.call('reportOptimization', {
        ...{ params, body, signal: AbortSignal.timeout(patienceMs) },
      });
      waiting = waiting.slice(some.length);
      isLost = !answer.goesOn;
      if (answer.state === 'stopped') onStop();
      return true;
    } catch (error) {
      // The next report says all of it again.
      isChanged = true;
      isLost = error instanceof WheelhouseApiError && error.status < 500 && error.status !== 429 && error.status > 0;
      return false;
    }
  }

  const timer = setInterval(() => {
    const isDue = isChanged || performance.now() - sentMs > reportAtLeastMs;
    if (isLost || sending !== null || !isDue) return;
    sending = send().finally(() => {
      sending = null;
    });
  }, reportEveryMs);

  return {
    id,
    see(event) {
      progress.see(event);
      isChanged = true;
    },
    async end(how) {
      clearInterval(timer);
      await sending;
      while (isChanged && !isLost && (await send()));
      const body = { turn, ...endOf(how) } as RequestBody<'finishOptimization'>;
      return (await tried((signal) => client.call('finishOptimization', { params, body, signal }))) !== null;
    },
  };
}
