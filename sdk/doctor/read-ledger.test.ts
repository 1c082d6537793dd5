import type { LedgerBody } from '@wheelhouse/core/contract';
import { describe, expect, it } from 'vitest';
import { readLedger } from './read-ledger.ts';

type Source = LedgerBody['sources'][number];

const source = (change: Partial<Source>): Source => ({
  source: 'otlp',
  since: '2026-11-01T09:00:00Z',
  received: 0,
  stored: 0,
  rejected: 0,
  waiting: 0,
  spilled: 0,
  oldestWaitingAt: null,
  rejections: [],
  days: [],
  ...change,
});
const rejection = (lastAt: string, reason: string) => ({
  reason,
  spans: 1,
  lastAt,
  sample: `span \`chat\`: ${reason}`,
});
const read = (...sources: Partial<Source>[]) =>
  readLedger({ since: '2026-11-01T09:00:00Z', partial: false, sources: sources.map(source), deadLetters: null });

describe('the ledger, read by the doctor', () => {
  it('says that nothing has arrived', () => {
    expect(read({}, { source: 'gateway' })).toMatchObject([{ state: 'good', text: 'No span has arrived yet.' }]);
  });

  it('is content when everything received is stored', () => {
    expect(read({ received: 1204, stored: 1204 })).toMatchObject([
      { state: 'good', text: '1,204 spans through OTLP: 1,204 stored, none rejected.' },
    ]);
  });

  it('shows the newest rejection of all doors, with its sample and what to do', () => {
    const rejections = [
      rejection('2026-11-21T09:01:00Z', 'a name without text'),
      rejection('2026-11-21T09:05:00Z', 'a traceId of zeros'),
    ];
    const [check] = read({ received: 3, stored: 1, rejected: 2, rejections });
    expect(check?.state).toBe('warn');
    expect(check?.text).toContain('2 rejected. The last, at 09:05:00 UTC: span `chat`: a traceId of zeros');
    expect(check?.todo).toContain('16 and 8 bytes');
  });

  it('takes the hint of the error table where the reason is one of its codes', () => {
    const rejections = [rejection('2026-11-21T09:01:00Z', 'body_too_large')];
    expect(read({ rejections })[0]?.todo).toContain('limits.bodyBytes');
  });

  it('says that what waits is not lost', () => {
    expect(read({ source: 'gateway', received: 5, stored: 2, waiting: 3, spilled: 1 })).toMatchObject([
      { state: 'warn', text: '5 spans through the gateway: 2 stored, 3 waiting, 1 of them on disk.' },
    ]);
  });

  it('takes rejections of days before the last as history', () => {
    const counts = { received: 3, stored: 2, rejected: 1 };
    const days = [{ day: '2026-11-21', ...counts }];
    const rejections = [rejection('2026-11-20T09:01:00Z', 'a name without text')];
    expect(read({ ...counts, rejections, days })).toMatchObject([
      { state: 'good', text: '3 spans through OTLP: 2 stored, 1 rejected.' },
    ]);
    const today = [rejection('2026-11-21T00:00:00.000Z', 'a name without text')];
    expect(read({ ...counts, rejections: today, days })).toMatchObject([{ state: 'warn' }]);
  });

  it('names a door that it does not know as the ledger does', () => {
    expect(read({ source: 'langfuse', received: 1, stored: 1 })[0]?.text).toContain('through langfuse');
  });
});
