import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { expectGoodPage } from './look-at-page.ts';
import { type Opened, openHouse } from './open-house.ts';
import { type Seeded, seed } from './seed.ts';
import type { Wheelhouse } from './start-wheelhouse.ts';
import { untilListed } from './until-stored.ts';

type Target = { name: string; path: (seeded: Seeded) => string; settled: string | RegExp };

/** When the seeded traffic was. */
const morning = 'q=since:2026-11-20T09:10+until:2026-11-20T09:40';

const targets: Target[] = [
  { name: 'overview', path: () => `/overview?${morning}`, settled: 'Score · grounded' },
  { name: 'overview-split', path: () => `/overview?${morning}&by=user&split=on`, settled: 'barbara' },
  { name: 'traces', path: () => '/traces', settled: 'invoke_agent support' },
  { name: 'traces-peek', path: ({ traceId }) => `/traces?q=user:ada&peek=${traceId}`, settled: 'find_order' },
  {
    name: 'traces-wrong-filter',
    path: () => '/traces?q=status:error+modle:gpt*',
    settled: 'There is no field `modle`.',
  },
  { name: 'sessions', path: () => '/traces?group=session', settled: 'chat-106' },
  { name: 'users', path: () => '/traces?group=user', settled: 'barbara' },
  { name: 'session', path: ({ sessionId }) => `/sessions/${sessionId}`, settled: 'Do you ship to Norway?' },
  {
    name: 'trace',
    path: ({ traceId, spanId }) => `/traces/${traceId}?span=${spanId}`,
    settled: 'execute_tool track_parcel',
  },
  {
    name: 'conversation',
    path: ({ traceId }) => `/traces/${traceId}?view=conversation`,
    settled: 'Let me look at the order.',
  },
  { name: 'graph', path: ({ traceId }) => `/traces/${traceId}?view=graph`, settled: '4 steps' },
  { name: 'log', path: ({ traceId }) => `/traces/${traceId}?view=log`, settled: 'execute_tool track_parcel' },
  { name: 'models', path: () => '/models', settled: 'support-bot' },
  { name: 'model', path: () => '/models/support-bot', settled: 'Knows deliveries and invoices' },
  { name: 'datasets', path: () => '/datasets', settled: 'support-golden' },
  { name: 'dataset', path: () => '/datasets/support-golden', settled: 'Do you ship to Norway?' },
  { name: 'experiments', path: () => '/experiments', settled: 'support-golden' },
  {
    name: 'evaluation',
    path: ({ evaluationId }) => `/experiments/${evaluationId}`,
    settled: /24 (?:answers|rows)|Regressions/,
  },
  { name: 'ledger', path: () => '/ledger', settled: 'it balances' },
  { name: 'prices', path: () => '/prices?model=gpt-4o-mini', settled: 'openai/gpt-4o-mini' },
  { name: 'settings', path: () => '/settings', settled: 'Single-key shortcuts' },
];

describe('every page', () => {
  let opened: Opened;
  let house: Wheelhouse;
  let browser: Browser;
  let seeded: Seeded;

  beforeAll(async () => {
    opened = await openHouse();
    ({ house, browser } = opened);
  });
  afterAll(() => opened?.close());

  describe('empty', () => {
    it.each([
      ['traces', 'No traces yet'],
      ['models', 'No models yet'],
      ['datasets', 'No datasets yet'],
      ['experiments', 'No evaluations yet'],
      ['review', 'No queues yet'],
      ['settings/people', 'On this machine everything is yours'],
      ['settings/keys', 'No keys yet'],
      ['settings/gateway', 'No budgets'],
      ['settings/audit', 'Nothing was changed yet'],
    ])('%s teaches what to do first', async (name, settled) => {
      const target = { name: `${name.replace('settings/', '')}-empty`, path: `/${name}`, settled };
      await expectGoodPage({ browser, house }, target);
    });
  });

  describe('with content', () => {
    beforeAll(async () => {
      seeded = await seed(house.url, house.client);
      const params = { evaluationId: seeded.evaluationId };
      const finished = async () =>
        expect((await house.client.call('getEvaluation', { params })).status).toBe('completed');
      await vi.waitFor(finished, { timeout: 30_000, interval: 200 });
      await untilListed(house.client, 24);
    });

    it.each(targets)('$name is accessible, small, narrow where it must be, and without errors', async (target) => {
      await expectGoodPage({ browser, house }, { ...target, path: target.path(seeded) });
    });
  });
});
