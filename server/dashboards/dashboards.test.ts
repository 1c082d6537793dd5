import { dashboardSchemas, type PanelAskBody, type PanelDataBody } from '@wheelhouse/core/contract';
import type { SearchedTrace, SqlReader, TraceQueries, ViewStore } from '@wheelhouse/core/ports';
import { parseFilter, selects } from '@wheelhouse/core/query';
import { defaultProjectId, type LiveEvent, msToNanos, type ViewId } from '@wheelhouse/core/records';
import { fakeAuditStore, fakeDashboardStore, fakeTraceQueries, fakeViewStore } from '@wheelhouse/testing/fakes';
import { noonMs, openMonitors } from '@wheelhouse/testing/monitors';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleNowNs, searchedTrace } from '../../testing/conformance/sample-filters.ts';
import { readFilter, selectionBefore } from '../traces/index.ts';
import { createDashboardHandlers } from './handlers.ts';

type Asked = Partial<Extract<PanelAskBody['panel'], { kind: 'measure' }>>;
type MeasureData = Extract<PanelDataBody, { kind: 'measure' }>;

const project = defaultProjectId;
const by = { project, actor: 'ann' };
const params = { dashboard: 'd' };

type More = { sql?: SqlReader['query']; queries?: TraceQueries; nowNs?: bigint };

function openDashboards(traces: readonly SearchedTrace[], { sql, queries, nowNs = sampleNowNs }: More = {}) {
  const audit = fakeAuditStore();
  const told: LiveEvent[] = [];
  const kept = fakeTraceQueries();
  const asked: Parameters<TraceQueries['series']>[1][] = [];
  const views: ViewStore = fakeViewStore(audit);
  const handlers = createDashboardHandlers({
    ...{
      dashboards: fakeDashboardStore(audit),
      views,
      sql: { query: sql ?? (() => Promise.reject(new Error('no SQL'))) },
      readFilter,
      selectionBefore,
    },
    queries: {
      series: (of, ask) => {
        asked.push(ask);
        return (queries ?? kept).series(of, ask);
      },
    },
    feed: { publish: (event: LiveEvent) => void told.push(event) },
    clock: { now: () => nowNs },
    random: { bytes: (size) => new Uint8Array(size) },
  });
  const ready = kept.put(project, [...traces]);
  const read = async (panel: PanelAskBody['panel'], q: string) => {
    await ready;
    const body = dashboardSchemas.panelAsk.parse({ panel, q });
    return handlers.readPanel({ by, params: {} as never, query: undefined, body });
  };
  return {
    ...{ handlers, views, asked, read, told },
    measured: (panel: Asked, q = 'last:2h') => read({ kind: 'measure', ...panel } as never, q) as Promise<MeasureData>,
    set: (body: object) =>
      handlers.setDashboard({ by, params, query: undefined, body: dashboardSchemas.newDashboard.parse(body) }),
  };
}

const traces = fc.sample(searchedTrace, { numRuns: 300, seed: 11 }).map((trace, i) => ({
  ...trace,
  runId: null,
  startNs: sampleNowNs - BigInt(i) * 20_000_000_000n,
  endNs: trace.endNs && sampleNowNs - BigInt(i) * 20_000_000_000n + BigInt(i % 7) * 300_000_000n,
}));
const fit = (q: string) => {
  const parsed = parseFilter(q);
  if (!parsed.ok) throw new Error(q);
  return traces.filter((trace) => selects(trace, parsed.filter, sampleNowNs));
};

describe('what a panel shows', () => {
  it('is of its own filter, that of the dashboard and that of its saved view, whose time gives way', async () => {
    const world = openDashboards(traces);
    const url = `/traces?${new URLSearchParams({ q: 'tag:a last:1m' })}`;
    await world.views.create(by, { id: 'vw_1' as ViewId, name: 'Tagged', url });
    const { groups } = await world.measured({ q: '-status:unset', view: 'Tagged' }, 'last:1h has:model');
    expect(groups[0]?.total.value).toBe(fit('-status:unset tag:a last:1h has:model').length);
    expect(fit('-status:unset tag:a last:1h has:model').length).toBeGreaterThan(0);
    await expect(world.measured({ view: 'gone' })).rejects.toMatchObject({ code: 'not_found' });
  });

  it('is what a monitor measures of the same traces', async () => {
    const recent = Array.from({ length: 40 }, (_, i) => ({
      ...{
        atMs: noonMs - 60_000 - i * 30_000,
        latencyMs: 500 + ((i * 37) % 900),
        inputTokens: 100 + i,
        outputTokens: i,
      },
      ...{ status: i % 5 === 0 ? ('error' as const) : ('ok' as const), firstTokenNs: BigInt(i + 1) * 1_000_000n },
      scores: i % 2 === 0 ? [{ name: 'good', value: i / 40 }] : [],
      costNanoUsd: i % 3 === 0 ? null : BigInt(i) * 1_000_000n,
    }));
    const monitors = await openMonitors({ traces: recent });
    const world = openDashboards([], { queries: monitors.queries, nowNs: msToNanos(noonMs) });
    const measures = [
      ...(['traces', 'cost', 'error_rate', 'input_tokens', 'output_tokens'] as const).map((kind) => ({ kind })),
      ...(['p50', 'p90', 'p99'] as const).map((quantile) => ({ kind: 'latency' as const, quantile })),
      { kind: 'first_token' as const, quantile: 'p90' as const },
      { kind: 'share' as const, q: 'tokens>120' },
      { kind: 'score' as const, name: 'good' },
    ];
    for (const measure of measures) {
      const panel = await world.measured({ q: 'model:gpt', measure }, 'last:1h');
      const rule = { kind: 'above' as const, value: 0.99 };
      const found = await monitors.try({ q: 'model:gpt', measure, rule, leastRows: 1 });
      expect(found.value, JSON.stringify(measure)).not.toBeNull();
      expect(panel.groups[0]?.total.value, JSON.stringify(measure)).toBeCloseTo(found.value ?? Number.NaN, 9);
    }
  });

  it('leads to the traces behind it, group by group, and all others', async () => {
    const world = openDashboards(traces);
    const last = ' last:2h';
    for (const panel of [
      { measure: { kind: 'error_rate' }, by: 'environment', top: 1 },
      { measure: { kind: 'share', q: 'tokens>5' }, by: 'user', top: 2 },
      { measure: { kind: 'traces' }, by: 'score.good', top: 20 },
      { measure: { kind: 'score', name: 'good' }, by: null },
      { measure: { kind: 'traces' }, by: 'model', top: 2 },
    ] satisfies Asked[]) {
      const { groups } = await world.measured({ q: '-status:unset', ...panel });
      expect(groups.length).toBeGreaterThan(0);
      for (const { q, total, rest } of groups) {
        if (q === null) expect([rest, panel.by]).toEqual([true, 'model']);
        else {
          const isShare = panel.measure.kind === 'error_rate' || panel.measure.kind === 'share';
          const counted = isShare ? (total.value ?? 0) * total.n : total.n;
          const behind = fit(q + last);
          const scored = behind.filter(({ scores }) =>
            scores.some((one) => one.name === 'good' && typeof one.value !== 'string'),
          );
          const number = panel.measure.kind === 'score' ? scored.length : behind.length;
          expect(number, q).toBe(Math.round(counted));
        }
      }
    }
  });

  it('stands beside the time before where it is a number or a table, and nothing is 0 where it counts', async () => {
    const world = openDashboards(traces);
    const { groups } = await world.measured({ shape: 'number' }, 'last:30m');
    const now = fit('last:30m').length;
    expect(groups[0]).toMatchObject({ total: { value: now }, before: { value: fit('last:1h').length - now } });
    const none = await world.measured({ shape: 'number', q: 'user:nobody' }, 'last:30m');
    expect(none.groups).toMatchObject([{ value: null, total: { value: 0 }, before: { value: 0 }, change: null }]);
    expect((await world.measured({ shape: 'line' }, 'last:30m')).groups[0]?.before).toBeNull();
    expect((await world.measured({ shape: 'number' }, '')).groups[0]?.before).toBeNull();
  });

  it('adds up over its points, whatever it is grouped by', async () => {
    const world = openDashboards(traces);
    for (const panel of [{ by: 'status' }, { by: 'user', top: 3 }, { by: 'score.good' }] satisfies Asked[]) {
      const { groups } = await world.measured(panel);
      const sum = groups.reduce((all, { total }) => all + (total.value ?? 0), 0);
      expect(sum).toBe(fit('last:2h').length);
      for (const { points, total } of groups)
        expect(points.reduce((all, { value }) => all + (value ?? 0), 0)).toBe(total.value);
    }
  });

  it('is one read for panels that ask the same of one moment, and fails for itself alone', async () => {
    const world = openDashboards(traces);
    const kinds = ['traces', 'cost', 'error_rate', 'tokens'] as const;
    await Promise.all(kinds.map((kind) => world.measured({ measure: { kind } })));
    expect(world.asked).toHaveLength(1);
    const outcomes = await Promise.allSettled([world.measured({}), world.measured({ q: 'nonsense:' })]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  });

  it('refuses a time of its own, where it is kept and where it is read', async () => {
    const world = openDashboards(traces);
    const panel = { id: 'p1', title: 'One', kind: 'measure' };
    const wrong = [{ q: 'last:1h' }, { q: '-(tag:a since:2026-01-01)' }, { measure: { kind: 'share', q: 'last:1h' } }];
    for (const one of wrong) {
      await expect(world.set({ title: 'D', panels: [{ ...panel, ...one }] })).rejects.toMatchObject({ param: 'q' });
      await expect(world.measured(one as Asked)).rejects.toMatchObject({ param: 'q' });
    }
    await expect(world.set({ title: 'D', panels: [{ ...panel, q: 'oops:1' }] })).rejects.toMatchObject({
      code: 'filter_invalid',
    });
  });
});

it('SQL sees the time that is shown, written out, and no other text is put into it', async () => {
  const seen: string[] = [];
  const world = openDashboards([], {
    sql: async (_, said) => {
      seen.push(said);
      return { columns: [], rows: [], truncated: false };
    },
  });
  const sql = 'SELECT {{from}}, {{until}}, {{from}}, {{other}}';
  await world.read({ kind: 'sql', sql, shape: 'table' }, 'since:2026-11-20T09:00 until:2026-11-21 tag:"\'); DROP"');
  await world.read({ kind: 'sql', sql: '{{from}}', shape: 'table' }, '');
  const [from, until] = [
    "toDateTime64('2026-11-20 09:00:00.000', 3, 'UTC')",
    "toDateTime64('2026-11-21 00:00:00.000', 3, 'UTC')",
  ];
  expect(seen[0]).toBe(`SELECT ${from}, ${until}, ${from}, {{other}}`);
  expect(seen[1]).toBe("toDateTime64('1970-01-01 00:00:00.000', 3, 'UTC')");
});

it('a dashboard is told of when somebody changes or removes it, and not when that is refused', async () => {
  const world = openDashboards([]);
  await world.set({ title: 'D' });
  await expect(world.set({ title: 'E', ifRevision: 9 })).rejects.toMatchObject({ code: 'conflict' });
  const remove = () => world.handlers.removeDashboard({ by, params, query: undefined, body: undefined });
  expect([await remove(), await remove()]).toEqual([{ removed: true }, { removed: false }]);
  const told = { type: 'dashboards', project, name: 'd' };
  expect(world.told).toEqual([told, told]);
});

it('a dashboard takes no two panels of one id, and no name that is no address', async () => {
  const panel = { id: 'p1', title: 'One', kind: 'text', text: 'x' };
  const twice = dashboardSchemas.newDashboard.safeParse({ title: 'D', panels: [panel, panel] });
  expect(twice.error?.issues[0]?.message).toBe('two panels have the id `p1`');
  const world = openDashboards([]);
  const body = dashboardSchemas.newDashboard.parse({ title: 'D', panels: [panel] });
  await expect(
    world.handlers.setDashboard({ by, params: { dashboard: '../x' }, query: undefined, body }),
  ).rejects.toMatchObject({ code: 'invalid_request', param: 'dashboard' });
});
