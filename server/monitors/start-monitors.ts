import type { Clock, DueMonitor, LookResult, MonitorStore, Random } from '@wheelhouse/core/ports';
import { idRandomBytes, newId, wholeMs } from '@wheelhouse/core/records';
import { type AlertStep, nextLook } from '@wheelhouse/core/watch';
import { type Found, type Looker, nextDueMs } from './look.ts';
import { type SendDeps, sendDue } from './send.ts';

export type MonitorWorkerDeps = SendDeps & {
  monitors: MonitorStore;
  looker: Looker;
  log: { error(details: object, message: string): void };
};

const everyMs = 2_000;
const holdMs = 60_000;
const looksAtOnce = 20;
/** What opens or ends within it goes to a channel as one message. */
const groupMs = 3_000;
const retryMs = 60_000;

const isoOf = (ms: number) => new Date(ms).toISOString();

/** What is written after a look. */
export function resultOf(
  { monitor }: Pick<DueMonitor, 'monitor'>,
  found: Found,
  { clock, random }: { clock: Clock; random: Random },
): LookResult {
  const nowMs = wholeMs(clock.now());
  const at = isoOf(nowMs);
  const seen = { ...found, at, until: isoOf(found.untilMs) };
  const { look, step } = nextLook(monitor, monitor.look, { seen, isOpen: monitor.alertId !== null });
  const id = (prefix: 'al' | 'dv') => newId(prefix, nowMs, random.bytes(idRandomBytes));
  const isSilent = monitor.silencedUntil !== null && monitor.silencedUntil > at;
  const open = ({ of }: Extract<AlertStep, { kind: 'open' }>): LookResult['opened'] => ({
    alert: {
      ...{ id: id('al'), kind: of, sentence: found.sentence, value: found.value, expected: found.expected },
      ...{ q: found.q, openedAt: at, untold: isSilent ? 'silenced' : null },
    },
    messages: isSilent ? [] : monitor.channels.map((channel) => ({ id: id('dv'), channel })),
  });
  return {
    ...{
      look: { ...look, ...(found.probe ? { probe: found.probe } : {}) },
      dueMs: nextDueMs(monitor, nowMs),
      messagesDueMs: nowMs + groupMs,
    },
    opened: step?.kind === 'open' ? open(step) : null,
    closedAt: step?.kind === 'close' ? at : null,
  };
}

/** What is written when nothing could be seen: the state stays, and says why. */
function failedResult({ monitor: { look } }: Pick<DueMonitor, 'monitor'>, error: unknown, nowMs: number): LookResult {
  const problem = error instanceof Error ? error.message : String(error);
  return {
    ...{ look: { ...look, problem }, dueMs: nowMs + retryMs, opened: null, closedAt: null },
    messagesDueMs: nowMs,
  };
}

export type MonitorWorker = {
  /** Looks at what is due and sends what waits, now. */
  run(): Promise<void>;
  stop(): Promise<void>;
};

/**
 * Looks at monitors when they are due, and sends what follows. Servers share this by holds in the store; what a look led to
 * is written at once with its messages, so that a server that is killed has told of it wholly or will look again.
 */
export function startMonitors(deps: MonitorWorkerDeps): MonitorWorker {
  const { monitors, looker, clock, random, log } = deps;
  const stopping = new AbortController();
  const nowMs = () => wholeMs(clock.now());

  async function look(due: DueMonitor): Promise<void> {
    const result = await looker.look(due.project, due.monitor, nowMs()).then(
      (found) => resultOf(due, found, { clock, random }),
      (error: unknown) => failedResult(due, error, nowMs()),
    );
    await monitors.record(due, result);
  }

  async function lookAtDue(): Promise<void> {
    for (const due of await monitors.claim(nowMs(), { holdMs, limit: looksAtOnce })) {
      // Whoever waited here behind slow ones for as long as it was held is held by another by now.
      if (stopping.signal.aborted || nowMs() > due.heldUntilMs - holdMs / 2) return;
      await look(due);
    }
  }

  let isFailing = false;
  async function attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      isFailing = false;
    } catch (err) {
      if (!isFailing && !stopping.signal.aborted) log.error({ err }, 'monitors cannot be looked after; trying again');
      isFailing = true;
    }
  }

  // A sink that answers slowly must not keep monitors from being looked at.
  let looking: Promise<void> | null = null;
  let sending: Promise<void> | null = null;
  function tick(): Promise<unknown> {
    looking ??= attempt(lookAtDue).finally(() => {
      looking = null;
    });
    sending ??= attempt(() => sendDue(deps, stopping.signal)).finally(() => {
      sending = null;
    });
    return Promise.all([looking, sending]);
  }
  const timer = setInterval(tick, everyMs).unref();

  return {
    async run() {
      await tick();
    },
    async stop() {
      clearInterval(timer);
      stopping.abort(new Error('The server stops.'));
      await Promise.all([looking, sending]);
    },
  };
}
