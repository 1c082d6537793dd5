import type { GatewayTargetsBody, GatewayUsageBody, LedgerBody } from '@wheelhouse/core/contract';
import type { Alert, Key } from '@wheelhouse/core/records';
import { describe, expect, it } from 'vitest';
import { findInAlerts, findInBudgets, findInKeys, findInLedger, findInTargets } from './of-the-server.ts';

const nowMs = Date.UTC(2026, 10, 20, 12);
const iso = (ms: number) => new Date(ms).toISOString();
const minute = 60_000;
const day = 24 * 60 * minute;
const said = ({ rows }: { rows: { severity: string; text: string }[] }) => rows.map((row) => [row.severity, row.text]);

type Account = LedgerBody['sources'][number];
const account = (more: Partial<Account>): Account => ({
  ...{ source: 'otlp', since: iso(0), received: 0, stored: 0, rejected: 0, waiting: 0, spilled: 0 },
  ...{ oldestWaitingAt: null, rejections: [], days: [], ...more },
});
const ledger = (sources: Account[], kept = 0): LedgerBody => ({
  ...{ since: iso(0), partial: false, sources, deadLetters: { kept, bytes: 0, dropped: 0 } },
});

describe('what needs attention of the server', () => {
  it('is a ledger that does not balance, or spans that wait for long; what waits a moment is as it should be', () => {
    const waits = (forMs: number) =>
      account({ received: 5, stored: 4, waiting: 1, oldestWaitingAt: iso(nowMs - forMs) });
    const found = findInLedger(
      ledger([
        account({ received: 10, stored: 8, rejected: 1 }),
        ...[waits(3 * minute), waits(20 * minute), waits(5_000)],
      ]),
      nowMs,
    );
    expect(said(found)).toEqual([
      ['bad', 'The ledger of otlp does not balance: 10 received, but 8 stored, 1 rejected and 0 waiting.'],
      ['warn', '1 span of otlp is not stored yet; the oldest waits for 3 min.'],
      ['bad', '1 span of otlp is not stored yet; the oldest waits for 20 min.'],
    ]);
    expect(said(findInLedger(ledger([], 3), nowMs))).toEqual([
      ['warn', '3 refused requests wait to be repaired and sent again.'],
    ]);
    expect(findInLedger({ ...ledger([]), deadLetters: null }, nowMs)).toEqual({ rows: [], looked: 'the ledger' });
  });

  it('is a budget that is used up or near its end, by the name of whose it is', () => {
    const used = (state: 'ok' | 'alert' | 'used', spent: bigint, subject = 'key_1') => ({
      ...{ subject, spentNanoUsd: String(spent), reservedNanoUsd: '0', state },
    });
    const budget = (more: Partial<GatewayUsageBody['budgets'][number]>) => ({
      ...{ id: 'bg_1', scope: 'key' as const, subject: '*', period: 'month' as const, hard: true, alertAt: 0.8 },
      ...{ amountNanoUsd: '10000000000', createdBy: 'ada', createdAt: iso(0), usedBy: [] },
      ...{ periodStart: iso(0), periodEnd: null, ...more },
    });
    const usage: GatewayUsageBody = {
      budgets: [
        budget({ usedBy: [used('used', 10_000_000_000n), used('ok', 1n, 'key_2')] }),
        budget({ scope: 'project', hard: false, period: 'day', usedBy: [used('alert', 8_100_000_000n, 'default')] }),
      ],
      ...{ limits: [], cache: { hits: 0, semanticHits: 0, misses: 0, entries: 0, bytes: 0 } },
    };
    const found = findInBudgets(usage, new Map([['key_1', 'support-bot']]));
    expect(said(found)).toEqual([
      ['bad', 'The budget of key support-bot of this month is used up: $10.00 of $10.00 (100 %); calls are refused.'],
      ['warn', 'The budget of the project of this day is near its end: $8.10 of $10.00 (81 %).'],
    ]);
    expect(found.looked).toBe('2 budgets');
  });

  it('is a target that takes no calls', () => {
    const target: GatewayTargetsBody['data'][number] = {
      ...{ target: 'openai/gpt-4o', provider: 'openai', state: 'open', retryAt: iso(nowMs + 25_000), running: 0 },
      ...{ attempts: 10, failures: 7, latencyMs: null, headroom: null, keys: [] },
      lastFailure: { kind: 'overloaded', message: '', at: iso(nowMs) },
    };
    const data = [
      target,
      { ...target, state: 'probing' as const, lastFailure: null },
      { ...target, state: 'ok' as const },
    ];
    expect(said(findInTargets({ running: 0, routes: [], data }, nowMs))).toEqual([
      [
        'bad',
        'openai/gpt-4o takes no calls: 7 of 10 attempts failed; last failure: overloaded; it is tried again in 25 s.',
      ],
      ['bad', 'openai/gpt-4o takes no calls: 7 of 10 attempts failed; one call finds out whether it is back.'],
    ]);
  });

  it('is a key that ends within seven days, unless it is over', () => {
    const key = (name: string, expiresAt: string | null, revokedAt: string | null = null) =>
      ({ name, last4: 'aB3x', expiresAt, revokedAt }) as Key;
    const found = findInKeys(
      [
        ...[key('soon', iso(nowMs + 5 * 60 * minute)), key('this week', iso(nowMs + 6 * day))],
        ...[key('later', iso(nowMs + 8 * day)), key('never', null)],
        ...[key('over', iso(nowMs - day)), key('revoked', iso(nowMs + day), iso(nowMs))],
      ],
      nowMs,
    );
    expect(said(found)).toEqual([
      ['warn', 'The key soon (…aB3x) ends in 5 h, on 2026-11-20 17:00 UTC.'],
      ['warn', 'The key this week (…aB3x) ends in 6 days, on 2026-11-26 12:00 UTC.'],
    ]);
    expect(found.looked).toBe('4 keys');
  });

  it('is an alert that is open, with the way to its page', () => {
    const alert: Alert = {
      ...{
        id: 'al_1',
        group: null,
        monitor: 'errors',
        kind: 'alert',
        sentence: 'The failing share is 9 %.',
        value: 0.09,
        expected: null,
      },
      ...{ q: 'status:error', openedAt: iso(nowMs), closedAt: null, untold: null },
    };
    const { rows } = findInAlerts([alert, { ...alert, monitor: 'calls', kind: 'no_data' }]);
    expect(rows).toEqual([
      {
        ...{ kind: 'alert', severity: 'bad', text: 'errors: The failing share is 9 %.' },
        href: '/alerts/al_1',
      },
      expect.objectContaining({ severity: 'warn', text: 'calls: The failing share is 9 %.' }),
    ]);
  });
});
