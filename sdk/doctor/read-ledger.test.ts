import type { LedgerBody } from '@wheelhouse/core/contract';
import { describe, expect, it } from 'vitest';
import { lastRejection, readLedger } from './read-ledger.ts';

type Source = LedgerBody['sources'][number];

const source = (change: Partial<Source>): Source => ({
  source: 'otlp',
  received: 0,
  stored: 0,
  rejected: 0,
  waiting: 0,
  spilled: 0,
  rejections: [],
  ...change,
});
const rejection = (lastAt: string, reason: string) => ({
  reason,
  spans: 1,
  lastAt,
  sample: `span \`chat\`: ${reason}`,
});
const read = (...sources: Partial<Source>[]) =>
  readLedger({ since: '2026-11-21T09:00:00Z', sources: sources.map(source) });

describe('the ledger, read by the doctor', () => {
  it('says that nothing has arrived', () => {
    expect(read({}, { source: 'gateway' })).toMatchObject([
      { state: 'good', text: 'No span has arrived since the server started.' },
    ]);
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

  it('knows of no rejection where there is none', () => {
    expect(lastRejection({ since: '', sources: [source({})] })).toBeNull();
  });
});
