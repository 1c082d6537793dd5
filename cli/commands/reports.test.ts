import type { LedgerBody, ReconciliationBody } from '@wheelhouse/sdk';
import { expect, it } from 'vitest';
import { colorStyle, plainStyle } from '../output/style.ts';
import { ledgerReport } from './ingest.ts';
import { reconciliationReport } from './reconcile.ts';

const usd = (dollars: number) => String(Math.round(dollars * 1e9));
const row = (model: string, ours: number | null, bill: number | null, more = {}) => ({
  ...{ day: '2026-01-02', model, calls: 1_200, unpriced: 0 },
  oursNanoUsd: ours === null ? null : usd(ours),
  billNanoUsd: bill === null ? null : usd(bill),
  residualNanoUsd: usd((bill ?? 0) - (ours ?? 0)),
  ...more,
});
const found: ReconciliationBody = {
  ...{ format: 'OpenAI costs (JSON)', provider: 'openai', from: '2026-01-02', until: '2026-01-03', notes: [] },
  rows: [
    row('gpt-4o', 2, 2.5),
    row('gpt-9\u001b[31m', null, 0.25, { unpriced: 1_200 }),
    row('web search', null, 0.01, { calls: 0 }),
    row('o3', 1, null),
  ],
  ...{ oursNanoUsd: usd(3), billNanoUsd: usd(2.76), residualNanoUsd: usd(-0.24), calls: 3_600, unpriced: 1_200 },
};

it('prints a reconciliation as a table: an unknown price is ?, what one side lacks is empty', () => {
  expect(reconciliationReport(found, plainStyle)).toBe(
    [
      '  OpenAI costs (JSON) of openai · 2026-01-02 to 2026-01-03 (UTC) · residual = bill − ours',
      '',
      '  DAY          MODEL         OURS      BILL   RESIDUAL   CALLS   UNPRICED',
      '  2026-01-02   gpt-4o       $2.00     $2.50     $0.500   1,200',
      '  2026-01-02   gpt-9[31m        ?    $0.250     $0.250   1,200      1,200',
      '  2026-01-02   web search           $0.0100    $0.0100',
      '  2026-01-02   o3           $1.00               −$1.00   1,200',
      '               all          $3.00     $2.76    −$0.240   3,600      1,200',
      '',
    ].join('\n'),
  );
});

it('paints a residual that is worth a look', () => {
  const painted = reconciliationReport(
    { ...found, rows: [row('a', 1, 2), row('b', 100, 101), row('c', 0.001, 0.002)] },
    colorStyle,
  );
  const yellow = painted.split('\n').filter((line) => line.includes('\u001b[33m'));
  expect(yellow).toHaveLength(1);
  expect(yellow[0]).toContain('$1.00');
});

const account = (more: Partial<LedgerBody['sources'][number]>): LedgerBody['sources'][number] => ({
  ...{ source: 'otlp', since: '2026-01-01T00:00:00Z', received: 0, stored: 0, rejected: 0, waiting: 0, spilled: 0 },
  ...{ oldestWaitingAt: null, rejections: [], days: [] },
  ...more,
});
const ledger = (...sources: Partial<LedgerBody['sources'][number]>[]): LedgerBody => ({
  ...{ since: '2026-01-01T00:00:00Z', partial: false, deadLetters: null },
  sources: sources.map(account),
});

it('prints the ledger: doors that were used, then why spans were rejected, newest first', () => {
  const rejection = (reason: string, lastAt: string) => ({ reason, lastAt, spans: 1, sample: `because\n${reason}` });
  const report = ledgerReport(
    ledger(
      {
        received: 1_203,
        stored: 1_201,
        rejected: 2,
        rejections: [rejection('old', '2026-01-01T10:00:00Z'), rejection('new', '2026-01-02T10:00:00Z')],
      },
      { source: 'gateway', received: 5, stored: 2, waiting: 3, spilled: 1, oldestWaitingAt: '2026-01-02T09:59:57Z' },
      { source: 'langfuse' },
    ),
    { style: plainStyle, nowMs: Date.parse('2026-01-02T10:00:00Z') },
  );
  expect(report).toBe(
    [
      '  DOOR      RECEIVED   STORED   REJECTED   WAITING   ON DISK   LAG',
      '  otlp         1,203    1,201          2         0         0',
      '  gateway          5        2          0         3         1   3 s',
      '',
      '  DOOR   SPANS   REJECTED FOR   LAST (UTC)            SAMPLE',
      '  otlp       1   new            2026-01-02 10:00:00   because new',
      '  otlp       1   old            2026-01-01 10:00:00   because old',
      '',
    ].join('\n'),
  );
});

it('says when nothing has arrived', () => {
  expect(ledgerReport(ledger({}), { style: plainStyle, nowMs: 0 })).toBe('  No span has arrived yet.\n');
});
