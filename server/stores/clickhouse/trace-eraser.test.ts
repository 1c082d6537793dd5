import type { SpanStore, TraceEraser } from '@wheelhouse/core/ports';
import type { ProjectId, Score, ScoreId, Span, TraceId } from '@wheelhouse/core/records';
import { bareSpan, freshTraceId, noonNs, says, spanIdOf } from '@wheelhouse/testing/conformance';
import { telemetryEngines } from '@wheelhouse/testing/embedded';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from './database.ts';
import { createPayloadStore } from './payload-store.ts';
import { createScoreStore } from './score-store.ts';
import { createSpanStore } from './span-store.ts';
import { createSummaries, type Summaries } from './summaries.ts';
import { createTraceEraser } from './trace-eraser.ts';

const tables = ['spans', 'traces', 'trace_summaries', 'calls', 'scores'];
const log = { warn: () => {}, error: () => {} };
const hourNs = 3_600_000_000_000n;

describe.each(telemetryEngines())('erasing: $name', (engine) => {
  let opened: { url: string; close(): Promise<void> };
  let database: Database;
  let summaries: Summaries;
  let spans: SpanStore;
  let eraser: TraceEraser;
  let count = 0;
  const freshProject = () => `erased-${++count}-${freshTraceId()}` as ProjectId;
  const token = () => `erase-${++count}-${freshTraceId()}`;

  beforeAll(async () => {
    opened = await engine.open();
    const { openClickHouse } = await import('./index.ts');
    const stores = openClickHouse({ url: opened.url });
    await stores.migrate();
    await stores.close();
    database = openDatabase(opened.url);
    const payloads = createPayloadStore(database);
    summaries = createSummaries({ database, log, onSummarized: () => {} });
    spans = createSpanStore({ database, payloads, summaries });
    eraser = createTraceEraser({ database, payloads, summaries });
  }, 60_000);
  afterAll(async () => {
    await summaries.close();
    await database.close();
    await opened.close();
  });

  const shared = says('system', 'You are a helpful assistant of a shop that sells kettles. '.repeat(5));
  const call = (project: ProjectId, traceId: TraceId, more: Partial<Span> = {}): Span =>
    bareSpan(traceId, spanIdOf(1), {
      projectId: project,
      kind: 'generation',
      usage: { counts: { inputUncached: 1 }, source: 'provider' },
      endNs: noonNs + 1n,
      input: shared,
      output: says('assistant', `Only trace ${traceId} was told this, and nobody else has heard of it so far.`),
      ...more,
    });
  const score = (traceId: TraceId): Score => ({
    id: `sc ${traceId}` as ScoreId,
    traceId,
    spanId: null,
    sessionId: null,
    name: 'helpful',
    value: 1,
    comment: null,
    metadata: {},
    source: 'api',
    createdAt: '2027-01-15T08:00:00.000Z',
  });
  const rowsOf = async (table: string, project: ProjectId) => {
    const [row] = await database.query<{ rows: string }>(
      `SELECT count() AS rows FROM ${table} WHERE project_id = {project:String}`,
      { project },
    );
    return Number(row?.rows);
  };
  const callsInMinutes = async (project: ProjectId) => {
    const [row] = await database.query<{ calls: string }>(
      `SELECT sum(calls) AS calls FROM call_minutes FINAL WHERE project_id = {project:String}`,
      { project },
    );
    return Number(row?.calls);
  };

  it('leaves nothing of a user but a tombstone, and everything of others', async () => {
    const project = freshProject();
    const [gone, kept] = [freshTraceId(), freshTraceId()];
    await spans.append(
      [
        call(project, gone, { userId: 'ada' }),
        bareSpan(gone, spanIdOf(2), { projectId: project, userId: 'somebody else', startNs: noonNs + 30n * hourNs }),
        call(project, kept, { userId: 'bob' }),
      ],
      token(),
    );
    await createScoreStore(database).put(project, [score(gone), score(kept)]);
    await summaries.settleMinutes();
    expect(await callsInMinutes(project)).toBe(2);
    expect(await rowsOf('payloads', project)).toBe(3);

    expect(await eraser.erase(project, { type: 'user', id: 'ada' })).toBe(1);
    expect(await eraser.sweep(project)).toBe(1);
    await summaries.settleMinutes();
    for (const table of tables) expect([table, await rowsOf(table, project)]).toEqual([table, 1]);
    expect(await rowsOf('payloads', project)).toBe(2);
    expect(await callsInMinutes(project)).toBe(1);
    expect(await spans.traceSummaries(project, [gone, kept])).toMatchObject([{ traceId: kept }]);
    expect(await spans.span(project, kept, spanIdOf(1))).toMatchObject({ input: shared });
    expect([...(await eraser.tombstones(project, [gone, kept])).keys()]).toEqual([gone]);
    // What is stored later is there, with contents that were swept.
    await spans.append([call(project, gone)], token());
    expect(await spans.span(project, gone, spanIdOf(1))).toMatchObject({ output: call(project, gone).output });
  });

  it('comes to its end however often it is cut off', async () => {
    for (let steps = 0; ; steps++) {
      const project = freshProject();
      const trace = freshTraceId();
      await spans.append([call(project, trace, { sessionId: 's' })], token());
      await createScoreStore(database).put(project, [score(trace)]);
      await summaries.settleMinutes();
      let left = steps;
      const failing: Database = {
        ...database,
        command: (...args) => (left-- > 0 ? database.command(...args) : Promise.reject(new Error('cut off'))),
      };
      const cut = createTraceEraser({ database: failing, payloads: { forget: () => {} }, summaries });
      const whole = await cut.erase(project, { type: 'session', id: 's' }).then(
        () => true,
        () => false,
      );
      await eraser.erase(project, { type: 'session', id: 's' });
      await eraser.sweep(project);
      for (const table of tables.filter((one) => one !== 'traces'))
        expect([steps, table, await rowsOf(table, project)]).toEqual([steps, table, 0]);
      expect([steps, await callsInMinutes(project), await rowsOf('payloads', project)]).toEqual([steps, 0, 0]);
      if (whole) break;
    }
  }, 60_000);

  it('sweeps no content that a span needs which was under way, or comes after nobody was seen to need it', async () => {
    const project = freshProject();
    const [old, under, late] = [freshTraceId(), freshTraceId(), freshTraceId()];
    const again = (trace: TraceId) => call(project, trace, { output: call(project, old).output });
    const payloads = createPayloadStore(database);
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const held = token();
    const slow: Database = {
      ...database,
      async insertEncoded(table, rows, settings) {
        if (settings?.insert_deduplication_token === held) await released;
        return database.insertEncoded(table, rows, settings);
      },
    };
    const store = createSpanStore({ database: slow, payloads, summaries });
    await store.append([call(project, old)], token());
    await eraser.erase(project, { type: 'trace', id: old });
    const writing = store.append([again(under)], held);
    let isLate = false;
    const racing: Database = {
      ...database,
      async command(sql, params) {
        if (sql.startsWith('ALTER TABLE payloads') && isLate) {
          isLate = false;
          await store.append([again(late)], token());
        }
        return database.command(sql, params);
      },
    };
    // The write that was under way ends while the sweep waits for it.
    const drain = () => {
      const drained = summaries.drain();
      release();
      return drained;
    };
    const sweeper = createTraceEraser({ database: racing, payloads, summaries: { ...summaries, drain } });
    await sweeper.sweep(project);
    release();
    await writing;
    expect(await store.span(project, under, spanIdOf(1))).toMatchObject({ input: shared });
    // Nothing needs these any more but the span that comes in the last moment.
    isLate = true;
    await sweeper.erase(project, { type: 'trace', id: under });
    await sweeper.sweep(project);
    expect(isLate).toBe(false);
    expect(await store.span(project, late, spanIdOf(1))).toMatchObject({ input: shared });
    await store.append([again(under)], token());
    expect(await store.span(project, under, spanIdOf(1))).toMatchObject({ input: shared });
  }, 60_000);

  it('expires what started before an hour, and keeps traces whole that went on after it', async () => {
    const project = freshProject();
    const [past, across, later] = [freshTraceId(), freshTraceId(), freshTraceId()];
    await spans.append(
      [
        call(project, past),
        call(project, across),
        bareSpan(across, spanIdOf(2), { projectId: project, startNs: noonNs + 5n * hourNs }),
        call(project, later, { startNs: noonNs + 5n * hourNs }),
      ],
      token(),
    );
    await summaries.settleMinutes();
    await eraser.expire(project, noonNs + 2n * hourNs);
    await eraser.sweep(project);
    const ids = (await spans.traceSummaries(project, [past, across, later])).map(({ traceId }) => traceId);
    expect(ids.sort()).toEqual([across, later].sort());
    expect(await spans.spansOfTrace(project, past)).toEqual([]);
    expect(await spans.spansOfTrace(project, across)).toHaveLength(2);
    expect(await spans.span(project, across, spanIdOf(1))).toMatchObject({ input: shared });
    // The answers of `across` and `later`, and what all were told.
    expect(await rowsOf('payloads', project)).toBe(3);
  });
});
