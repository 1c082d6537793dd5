import { parseFilter } from '@wheelhouse/core/query';
import { nanosToMs, type ProjectId, type Span, type TextField } from '@wheelhouse/core/records';
import { telemetryEngines } from '@wheelhouse/testing/embedded';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bareSpan, freshTraceId, spanIdOf } from '../../../testing/conformance/sample-spans.ts';
import { type Database, openDatabase } from './database.ts';
import { fineGrain, grainOf } from './hour-grains.ts';
import { type ClickHouse, openClickHouse } from './index.ts';
import { createTraceQueries } from './query/index.ts';
import { rolledHours } from './query/rolled-hours.ts';
import { createHourRollUp } from './trace-hours.ts';

const hourNs = 3_600_000_000_000n;
/** Within an hour, like most moments. */
const nowNs = (1_800_000_000_000_000_000n / hourNs) * hourNs + 1_500_000_000_000n;
const hours = 50;
const fields: TextField[] = ['status', 'name', 'model', 'tag'];

const read = (q: string) => {
  const parsed = parseFilter(q);
  if (!parsed.ok) throw new Error(parsed.problem.message);
  return parsed.filter;
};

/** Four traces an hour, two spans each. */
function tracesOf(project: ProjectId): Span[][] {
  return Array.from({ length: 4 * hours }, (_, n) => {
    const traceId = freshTraceId();
    const startNs = nowNs - BigInt(n) * (hourNs / 4n);
    const shared = {
      ...{ projectId: project, startNs, environment: n % 3 === 0 ? 'staging' : 'production', service: 'shop' },
      ...{ endNs: startNs + BigInt(1 + (n % 7)) * 1_000_000_000n, tags: n % 5 === 0 ? ['vip', 'eu'] : [] },
    };
    return [
      bareSpan(traceId, spanIdOf(0), {
        ...shared,
        ...{ kind: 'agent', name: n % 2 === 0 ? 'answer' : 'route', status: n % 11 === 0 ? 'error' : 'ok' },
        ...(n % 13 === 0 && { run: { runId: 'run_1', exampleId: 'ex_1', repetition: 0 } }),
      }),
      bareSpan(traceId, spanIdOf(1), {
        ...{ ...shared, parentSpanId: spanIdOf(0), kind: 'generation', provider: 'openai', firstTokenNs: startNs + 5n },
        ...{ requestModel: n % 4 === 0 ? 'o3' : 'gpt-4o' },
        usage: { counts: { inputUncached: 10 + n, outputText: 1 }, source: 'provider' },
        cost: n % 6 === 0 ? null : { totalNanoUsd: BigInt(n), byBucket: {}, priceId: 'row' },
      }),
    ];
  });
}

it('takes the grain with the fewest rows that tells the fields apart', () => {
  expect(grainOf([])).toBe(0);
  expect(grainOf(['status', 'environment'])).toBe(0);
  expect(grainOf(['status', 'model', 'model'])).toBe(grainOf(['model']));
  expect(grainOf(['model', 'tag'])).toBe(fineGrain);
  expect(grainOf(['model', 'user'])).toBeNull();
});

describe.each(telemetryEngines())('sums of hours, $name', (engine) => {
  let opened: { url: string; close(): Promise<void> };
  let stores: ClickHouse;
  let database: Database;

  beforeAll(async () => {
    opened = await engine.open();
    stores = openClickHouse({ url: opened.url });
    database = openDatabase(opened.url);
    await stores.migrate();
  }, 60_000);
  afterAll(async () => {
    await database.close();
    await stores.close();
    await opened.close();
  });

  /** Asked of sums, where they hold, and of lines alone, which one more condition that always fits makes sure of. */
  async function expectSame(project: ProjectId, q: string): Promise<number> {
    const queries = createTraceQueries(database);
    const ask = async (filter: string) => {
      const of = { filter: read(filter), nowNs, of: 'traces', step: 3_600, groups: 3 } as const;
      const [list, facets, ...series] = await Promise.all([
        queries.list(project, { filter: read(filter), nowNs, limit: 300 }),
        queries.facets(project, { filter: read(filter), nowNs, fields, limit: 20 }),
        queries.series(project, { ...of, by: 'model' }),
        queries.series(project, { ...of, step: 86_400 }),
      ]);
      return { list, facets, series };
    };
    const [sums, lines] = await Promise.all([ask(q), ask(`${q} spans>0`)]);
    expect(sums).toEqual(lines);
    return sums.facets.total;
  }
  async function store(spans: Span[]): Promise<void> {
    await stores.spans.append(spans, freshTraceId());
    await stores.summaries.settle();
  }
  async function open(name: string) {
    const project = `${name}-${freshTraceId()}` as ProjectId;
    const traces = tracesOf(project);
    await store(traces.flat());
    const rollUp = createHourRollUp(database, 0);
    const all = async () => {
      while (await rollUp.step());
    };
    const held = (q = '', grain = fineGrain) =>
      rolledHours(database, project, { filter: read(q), nowNs, grains: [grain] });
    return { project, traces, rollUp, all, held };
  }
  /** Of those that no evaluation made. */
  const own = (traces: Span[][]) => traces.filter(([root]) => root?.run === null).length;

  it('answer as lines do, whatever is asked of them', async () => {
    const { project, traces, all, held } = await open('same');
    expect(await held()).toBeNull();
    await all();
    expect((await held())?.inside).toMatch(/^\(\(hour >= \S+ 'UTC'\) AND hour < \S+ 'UTC'\)\)\)$/);
    expect(await expectSame(project, '')).toBe(own(traces));
    for (const q of [
      'last:30h environment:production',
      'last:30d status:error,ok -model:o3',
      'tag:vip (name:answer | service:shop*) -last:1h',
      'status:error tag:vip -user:ada',
      'run:run_1',
    ])
      await expectSame(project, q);
    const evening = new Date(nanosToMs(nowNs - 30n * hourNs)).toISOString();
    const morning = new Date(nanosToMs(nowNs - 7n * hourNs)).toISOString();
    expect(await expectSame(project, `since:${evening} until:${morning}`)).toBeGreaterThan(0);
  }, 120_000);

  it('give way to lines in an hour that changes, and hold again when it is summed up anew; forget what is erased', async () => {
    const { project, traces, rollUp, all, held } = await open('late');
    await all();
    const traceId = freshTraceId();
    const late = traces[41]?.map((span) => ({ ...span, traceId, tags: ['late'] })) ?? [];
    await store(late);
    expect((await held())?.inside.split(' OR ')).toHaveLength(2);
    expect(await expectSame(project, '')).toBe(own(traces) + 1);
    await all();
    expect((await held())?.inside.split(' OR ')).toHaveLength(1);
    expect(await expectSame(project, '')).toBe(own(traces) + 1);

    // No value is left behind that no line has any more.
    await stores.eraser.erase(project, { type: 'trace', id: traceId });
    const named = (tag: string) =>
      database.query(
        'SELECT 1 FROM trace_hours WHERE project_id = {project:String} AND has(tags, {tag:String}) LIMIT 1',
        {
          ...{ project, tag },
        },
      );
    expect([await named('late'), (await named('vip')).length]).toEqual([[], 1]);
    expect(await expectSame(project, '')).toBe(own(traces));
    rollUp.forget();
    await all();
    expect((await held())?.inside.split(' OR ')).toHaveLength(1);
    expect(await expectSame(project, '')).toBe(own(traces));

    const before = nowNs - 20n * hourNs;
    await stores.eraser.expire(project, before);
    const left = traces.filter(([root]) => (root?.startNs ?? 0n) >= (before / hourNs) * hourNs);
    expect(await expectSame(project, '')).toBe(own(left));
  }, 120_000);

  it('are not kept by fields that tell nearly every trace apart, which lines answer for', async () => {
    const project = `apart-${freshTraceId()}` as ProjectId;
    const spans = Array.from({ length: 100 }, (_, n) =>
      bareSpan(freshTraceId(), spanIdOf(0), { projectId: project, startNs: nowNs - BigInt(n), tags: [`order ${n}`] }),
    );
    await store(spans);
    const rollUp = createHourRollUp(database, 0);
    while (await rollUp.step());
    const held = (grain: number | null) =>
      rolledHours(database, project, { filter: read(''), nowNs, grains: [grain ?? 0] });
    expect(await held(grainOf(['tag']))).toBeNull();
    expect(await held(grainOf(['kind']))).not.toBeNull();
    expect(await expectSame(project, '')).toBe(100);
  }, 120_000);

  it('are made only where nothing has changed for a while', async () => {
    const { held } = await open('young');
    const patient = createHourRollUp(database, 3_600_000);
    while (await patient.step());
    expect(await held()).toBeNull();
  }, 120_000);
});
