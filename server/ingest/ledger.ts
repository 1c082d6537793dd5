import type { Handlers, LedgerBody } from '@wheelhouse/core/contract';
import type { Clock } from '@wheelhouse/core/ports';
import { nanosToMs, preview } from '@wheelhouse/core/records';
import { redactText } from './redact.ts';

export type SpanSource = LedgerBody['sources'][number]['source'];

/** Why spans were not kept: `reason` is one of few, `sample` says it for the case at hand. */
export type Rejection = { reason: string; sample: string };

/** What can happen to spans. A span waits in memory first; the gateway's may wait on disk after that. */
export type LedgerEvent =
  | { type: 'received'; source: SpanSource; spans: number }
  /** Found on disk at the start, left by a process before this one. */
  | { type: 'recovered'; spans: number }
  | { type: 'spilled'; spans: number }
  | { type: 'stored'; source: SpanSource; spans: number; from: 'memory' | 'disk' }
  /** From the `door`: they never waited, and are received and rejected in one. */
  | ({ type: 'rejected'; source: SpanSource; spans: number; from: 'door' | 'memory' | 'disk' } & Rejection);

export type Ledger = {
  add(event: LedgerEvent): void;
  read(): LedgerBody;
};

type Account = {
  received: number;
  stored: number;
  rejected: number;
  memory: number;
  disk: number;
  rejections: Map<string, LedgerBody['sources'][number]['rejections'][number]>;
};

/** Reasons are few by construction; this keeps a mistake in that from filling memory. */
const maxReasons = 50;
const otherReasons = 'other';
const sampleLength = 200;

/**
 * What became of every span since the server started: received = stored + rejected + waiting, after each event. An
 * export that could not be read at all counts as one span, because nobody knows how many it held; one that was answered
 * 503 counts as rejected, and again when the exporter sends it again.
 */
export function createLedger({ clock }: { clock: Clock }): Ledger {
  const now = () => new Date(nanosToMs(clock.now())).toISOString();
  const since = now();
  const accountOf = (): Account => ({ received: 0, stored: 0, rejected: 0, memory: 0, disk: 0, rejections: new Map() });
  const accounts: Record<SpanSource, Account> = { gateway: accountOf(), otlp: accountOf() };

  function note({ rejections }: Account, spans: number, given: Rejection): void {
    const known = rejections.has(given.reason) || rejections.size < maxReasons;
    const reason = known ? given.reason : otherReasons;
    const before = rejections.get(reason)?.spans ?? 0;
    const sample = preview(redactText(given.sample), sampleLength);
    rejections.set(reason, { reason, spans: before + spans, lastAt: now(), sample });
  }

  return {
    add(event) {
      const { spans } = event;
      const account = accounts['source' in event ? event.source : 'gateway'];
      switch (event.type) {
        case 'received':
          account.received += spans;
          account.memory += spans;
          break;
        case 'recovered':
          account.received += spans;
          account.disk += spans;
          break;
        case 'spilled':
          account.memory -= spans;
          account.disk += spans;
          break;
        case 'stored':
          account[event.from] -= spans;
          account.stored += spans;
          break;
        case 'rejected':
          if (event.from === 'door') account.received += spans;
          else account[event.from] -= spans;
          account.rejected += spans;
          note(account, spans, event);
      }
    },
    read: () => ({
      since,
      sources: Object.entries(accounts).map(([source, account]) => ({
        source: source as SpanSource,
        received: account.received,
        stored: account.stored,
        rejected: account.rejected,
        waiting: account.memory + account.disk,
        spilled: account.disk,
        rejections: [...account.rejections.values()],
      })),
    }),
  };
}

export function createLedgerHandlers({ ledger }: { ledger: Pick<Ledger, 'read'> }): Handlers<'getLedger'> {
  return { getLedger: async () => ledger.read() };
}
