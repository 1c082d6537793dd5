import { setTimeout as sleep } from 'node:timers/promises';
import { type ProjectId, type Span, type TraceId, WheelhouseError } from '@wheelhouse/core/records';
import { chunksOf } from './columns.ts';
import type { Database } from './database.ts';
import { createBacklog, type Dirty } from './summary-backlog.ts';
import { createCallRollUp, putWatermark, unsettledTraces } from './summary-progress.ts';
import { callsSql, entangledSql, familiesSql, oldTracesSql, summariesSql } from './summary-sql.ts';
import { createHourRollUp, quietMs } from './trace-hours.ts';
import { type Family, uncountedCalls } from './uncounted-calls.ts';

export type SummariesLog = {
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
};
export type OnSummarized = (project: ProjectId, traceIds: TraceId[]) => void;

/**
 * Keeps `trace_summaries`, `calls` and `call_minutes` equal to what they are folded from, a moment later, and sums hours up
 * in which nothing changes any more.
 */
export type Summaries = {
  /** Does the write, and sees to the traces of these spans afterwards, whether it succeeded or not. */
  follow<T>(spans: readonly Pick<Span, 'projectId' | 'traceId'>[], write: () => Promise<T>): Promise<T>;
  /** Resolves when these traces, or all, have the summary of everything that was written before. */
  settle(project?: ProjectId, ids?: readonly TraceId[]): Promise<void>;
  /** As {@link settle} of all, and the minutes too. */
  settleMinutes(): Promise<void>;
  /** Resolves when no write that began before is under way any more. */
  drain(): Promise<void>;
  /** No summary is made meanwhile, but by the function that the work is given, which brings the minutes up to date. */
  exclusively<T>(work: (rollUp: () => Promise<void>) => Promise<T>): Promise<T>;
  /** Finds what the process before left undone. */
  recover(): Promise<void>;
  /** Brings everything up to date, if the store is there, and stops. */
  close(): Promise<void>;
};

export type SummariesDeps = {
  database: Database;
  onSummarized: OnSummarized;
  log: SummariesLog;
  limits?: Partial<typeof defaults>;
};

/** What comes within this time is summarized together. */
const gatherMs = 100;
/** Rests so much longer than it worked: a round costs much the same for few traces, and the engine has spans to take. */
const restFactor = 4;
const longestRestMs = 3_000;
/** A trace that is younger has no fragment that is older, so that nothing older is looked at. */
const youngMs = 60_000;
const minutesEveryMs = 3_000;
const watermarkEveryMs = 10_000;
const failedMs = 1_000;
/** So many traces may wait for their summaries; who brings more waits so long, and is then refused. */
const defaults = { mostTraces: 200_000, patienceMs: 5_000, quietMs, hoursEveryMs: 10_000 };
const closeMs = 5_000;

const isAway = (error: unknown) => error instanceof WheelhouseError && error.code === 'store_unavailable';

/** Makes the rows of these traces anew from what is stored. */
async function summarize(database: Database, project: ProjectId, traces: readonly TraceId[]): Promise<void> {
  const youngSince = Date.now() - youngMs;
  const rows = await database.query<{ trace_id: TraceId }>(oldTracesSql, { project, traces, since: youngSince });
  const old = new Set(rows.map(({ trace_id }) => trace_id));
  const parts = [
    { traces: traces.filter((trace) => !old.has(trace)), since: youngSince },
    { traces: [...old], since: 0 },
  ];
  for (const part of parts) {
    if (part.traces.length === 0) continue;
    const params = { ...part, project };
    const entangled = await database.query<{ trace_id: TraceId }>(entangledSql, params);
    const families =
      entangled.length === 0
        ? []
        : await database.query<Family>(familiesSql, { ...params, traces: entangled.map(({ trace_id }) => trace_id) });
    const uncounted = [...uncountedCalls(families)];
    await database.command(summariesSql(uncounted), params);
    await database.command(callsSql(uncounted), params);
  }
}

const restAfter = (startedMs: number): number => Math.min((Date.now() - startedMs) * restFactor, longestRestMs);

async function inCloseTime(settled: Promise<void>, log: SummariesLog): Promise<void> {
  const told = settled.catch((err: unknown) => log.warn({ err }, 'summaries are made at the next start'));
  await Promise.race([told, sleep(closeMs, undefined, { ref: false })]);
}

type HourTurns = Pick<SummariesDeps, 'database' | 'log'> & {
  limits: typeof defaults;
  stopping: AbortSignal;
  inTurn<T>(work: () => Promise<T>): Promise<T>;
};

/** Sums hours up as long as some may become due, with a look at them from time to time. */
function createHourTurns({ database, log, limits, stopping, inTurn }: HourTurns) {
  const rollUp = createHourRollUp(database, limits.quietMs);
  let changedMs = 0;
  let loop: Promise<void> | null = null;
  const wait = (ms: number) => sleep(ms, undefined, { signal: stopping, ref: false }).catch(() => {});

  async function rollUpAll(): Promise<void> {
    for (let more = true; more && !stopping.aborted; ) {
      const startedMs = Date.now();
      more = await inTurn(() => rollUp.step());
      if (more) await wait(restAfter(startedMs));
    }
  }
  async function run(): Promise<void> {
    for (let lookedMs = 0; !stopping.aborted && lookedMs <= changedMs + limits.quietMs; ) {
      await wait(limits.hoursEveryMs);
      lookedMs = Date.now();
      await rollUpAll().catch((err: unknown) => {
        lookedMs = 0;
        if (!stopping.aborted) log.warn({ err }, 'sums of hours wait for the store');
      });
    }
    loop = null;
  }
  function changed(): void {
    changedMs = Date.now();
    if (!stopping.aborted) loop ??= run();
  }
  return {
    changed,
    /** Lines are gone, or sums of them. */
    removed(): void {
      rollUp.forget();
      changed();
    },
    stopped: () => loop,
  };
}

/** One at a time: a later summary must have seen more. */
function createTurn(): <T>(work: () => Promise<T>) => Promise<T> {
  let turn: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = turn.then(work, work);
    turn = mine.catch(() => {});
    return mine;
  };
}

/** Bounds what is remembered: spans come no faster than they are summarized. */
async function haveRoom(
  backlog: { size(): number },
  { mostTraces, patienceMs, stopping }: { mostTraces: number; patienceMs: number; stopping: AbortSignal },
): Promise<void> {
  for (let waited = 0; backlog.size() >= mostTraces; waited += gatherMs) {
    if (waited >= patienceMs || stopping.aborted)
      throw new WheelhouseError('store_unavailable', 'Too many traces are waiting for their summaries.');
    await sleep(gatherMs);
  }
}

/** A trace that the engine cannot summarize must not keep the others from it. */
async function summarizeEach(deps: SummariesDeps, project: ProjectId, traces: TraceId[]): Promise<void> {
  try {
    await summarize(deps.database, project, traces);
    deps.onSummarized(project, traces);
  } catch (err) {
    if (isAway(err)) throw err;
    if (traces.length === 1) return deps.log.error({ err, traces }, 'a trace cannot be summarized');
    for (const half of chunksOf(traces, Math.ceil(traces.length / 2))) await summarizeEach(deps, project, half);
  }
}

export function createSummaries(deps: SummariesDeps): Summaries {
  const { database, log } = deps;
  const limits = { ...defaults, ...deps.limits };
  const backlog = createBacklog();
  const stopping = new AbortController();
  const inTurn = createTurn();
  let loop: Promise<void> | null = null;
  const rollUpCalls = createCallRollUp(database);
  const hours = createHourTurns({ ...deps, limits, stopping: stopping.signal, inTurn });
  const due = { minutes: false, watermark: false };
  const doneMs = { minutes: 0, watermark: 0 };

  async function summarizeTaken(taken: Dirty[]): Promise<void> {
    const [first] = taken;
    if (!first) return;
    try {
      await summarizeEach(
        deps,
        first.project,
        taken.map(({ trace }) => trace),
      );
      due.minutes = true;
      due.watermark = true;
      hours.changed();
    } catch (error) {
      for (const one of taken) backlog.mark(one);
      throw error;
    } finally {
      backlog.done(taken);
    }
  }

  async function rollUp(): Promise<void> {
    await rollUpCalls();
    due.minutes = false;
    doneMs.minutes = Date.now();
  }

  async function writeWatermark(): Promise<void> {
    due.watermark = false;
    doneMs.watermark = Date.now();
    await putWatermark(database, backlog.settledUntilMs());
  }

  async function step(): Promise<void> {
    const startedMs = Date.now();
    if (backlog.size() > 0) await inTurn(() => summarizeTaken(backlog.take()));
    if (due.minutes && Date.now() - doneMs.minutes >= minutesEveryMs) await inTurn(rollUp);
    if (due.watermark && Date.now() - doneMs.watermark >= watermarkEveryMs) await writeWatermark();
    const rest = backlog.size() > limits.mostTraces / 4 ? 0 : restAfter(startedMs);
    await sleep(Math.max(rest, gatherMs), undefined, { signal: stopping.signal }).catch(() => {});
  }

  async function run(): Promise<void> {
    await sleep(gatherMs, undefined, { signal: stopping.signal }).catch(() => {});
    while (!stopping.signal.aborted && (backlog.size() > 0 || due.minutes || due.watermark)) {
      try {
        await step();
      } catch (err) {
        log.warn({ err, traces: backlog.size() }, 'summaries of traces wait for the store');
        await sleep(failedMs, undefined, { signal: stopping.signal }).catch(() => {});
      }
    }
    // In the same step as the look at what is due, so that nothing comes in between.
    loop = null;
  }

  function start(): void {
    if (!stopping.signal.aborted) loop ??= run();
  }

  async function settle(project?: ProjectId, ids?: readonly TraceId[]): Promise<void> {
    if (project !== undefined && ids !== undefined) {
      if (!ids.some((id) => backlog.has(project, id))) return;
      await inTurn(() => summarizeTaken(backlog.take({ project, traces: ids })));
      return;
    }
    await inTurn(async () => {
      while (backlog.size() > 0) await summarizeTaken(backlog.take());
    });
  }

  async function settleMinutes(): Promise<void> {
    await settle();
    if (due.minutes) await inTurn(rollUp);
  }

  return {
    async follow(spans, write) {
      if (backlog.size() >= limits.mostTraces) await haveRoom(backlog, { ...limits, stopping: stopping.signal });
      const sinceMs = Date.now();
      const done = write();
      const entry = { sinceMs, done: done.catch(() => {}) };
      backlog.writing.add(entry);
      try {
        return await done;
      } finally {
        for (const { projectId, traceId } of spans) backlog.mark({ project: projectId, trace: traceId, sinceMs });
        backlog.writing.delete(entry);
        start();
      }
    },
    settle,
    settleMinutes,
    exclusively: (work) => inTurn(() => work(rollUp)).finally(hours.removed),
    drain: async () => void (await Promise.all([...backlog.writing].map(({ done }) => done))),
    async recover() {
      const { untilMs, traces } = await unsettledTraces(database);
      for (const one of traces) backlog.mark({ ...one, sinceMs: untilMs });
      due.minutes = traces.length > 0;
      start();
      hours.changed();
    },
    async close() {
      stopping.abort();
      await Promise.all([loop, hours.stopped()]);
      await inCloseTime(settleMinutes().then(writeWatermark), log);
    },
  };
}
