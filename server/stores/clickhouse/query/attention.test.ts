import type { ProjectId, Span } from '@wheelhouse/core/records';
import { telemetryEngines } from '@wheelhouse/testing/embedded';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bareSpan, freshTraceId, spanIdOf } from '../../../../testing/conformance/sample-spans.ts';
import { type ClickHouse, openClickHouse } from '../index.ts';

const minute = 60_000_000_000n;
const hour = 60n * minute;
const project = 'watched' as ProjectId;
/** Within an hour, so that hours and minutes both are read. */
const untilNs = 1_800_000_000_000_000_000n + 17n * minute;
const fromNs = untilNs - 6n * hour;

const call = (startNs: bigint, more: Partial<Span> & { ms?: number } = {}) => {
  const { ms = 100, ...rest } = more;
  return bareSpan(freshTraceId(), spanIdOf(0), {
    ...{ projectId: project, kind: 'generation', name: 'chat', provider: 'sim', requestModel: 'steady', startNs },
    endNs: startNs + BigInt(ms) * 1_000_000n,
    usage: { counts: { inputUncached: 10, requests: 1 }, source: 'provider' },
    cost: { totalNanoUsd: 7n, byBucket: {}, priceId: 'row' },
    ...rest,
  });
};
const several = (n: number, make: (i: number) => Span) => Array.from({ length: n }, (_, i) => make(i));
const status = (failed: boolean) => (failed ? ('error' as const) : ('ok' as const));

describe.each(telemetryEngines())('what needs attention is read, $name', (engine) => {
  let opened: { url: string; close(): Promise<void> };
  let stores: ClickHouse;

  beforeAll(async () => {
    opened = await engine.open();
    stores = openClickHouse({ url: opened.url });
    await stores.migrate();
    const now = (i: number) => fromNs + BigInt(i) * minute;
    const before = (i: number) => fromNs - 1n - BigInt(i) * minute;
    const ofRun = { run: { runId: 'run_1', exampleId: 'ex_1', repetition: 0 } };
    await stores.spans.append(
      [
        ...several(40, (i) => call(now(i), { status: status(i < 8), ms: i + 1 })),
        ...several(30, (i) => call(before(i), { status: status(i < 3), ms: 10 })),
        // Too few before; without a price.
        ...several(25, (i) => call(now(i), { requestModel: 'fresh', name: 'other', cost: null })),
        // Before the six hours before, and in the seven days.
        ...several(10, (i) => call(fromNs - 100n * hour - BigInt(i) * hour, { ms: 10 })),
        // Not before anything, not of now, of another project, of an evaluation.
        call(fromNs - 8n * 24n * hour, { ms: 9000 }),
        call(untilNs, { status: 'error' }),
        call(now(1), { projectId: 'elsewhere' as ProjectId, status: 'error' }),
        call(now(1), { ...ofRun, status: 'error' }),
      ],
      'attention',
    );
    await stores.summaries.settle();
    await stores.summaries.settleMinutes();
  }, 60_000);
  afterAll(async () => {
    await stores.close();
    await opened.close();
  });

  it('traces that failed by model and name, in the time and in the one before it', async () => {
    const found = await stores.attention.failures(project, { fromNs, untilNs, least: 20 });
    const steady = { now: { count: 40, errors: 8 }, before: { count: 30, errors: 3 } };
    expect(found.traces).toBe(65);
    expect(found.groups).toHaveLength(2);
    expect(found.groups).toEqual(
      expect.arrayContaining([
        { field: 'model', value: 'sim/steady', ...steady },
        { field: 'name', value: 'chat', ...steady },
      ]),
    );
  });

  it('calls by model: how many, without a price, and how slow beside the seven days before', async () => {
    const [steady, fresh, ...none] = await stores.attention.calls(project, { fromNs, untilNs });
    expect(none).toEqual([]);
    expect(steady).toMatchObject({ model: 'sim/steady', calls: 40, unpriced: 0 });
    expect(steady?.now).toMatchObject({ calls: 40 });
    expect(steady?.usual).toMatchObject({ calls: 40 });
    expect(Number(steady?.now?.p95) / 1e6).toBeGreaterThan(36);
    expect(Number(steady?.now?.p95) / 1e6).toBeLessThan(40);
    expect(steady?.now?.tail).toHaveLength(20);
    expect(Number(steady?.usual?.p95) / 1e7).toBeCloseTo(1, 1);
    expect(fresh).toMatchObject({ model: 'sim/fresh', calls: 25, unpriced: 25, usual: null });
  });

  it('of a project without anything: nothing', async () => {
    const none = 'nobody' as ProjectId;
    expect(await stores.attention.failures(none, { fromNs, untilNs, least: 20 })).toEqual({ traces: 0, groups: [] });
    expect(await stores.attention.calls(none, { fromNs, untilNs })).toEqual([]);
  });
});
