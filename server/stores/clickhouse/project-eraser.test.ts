import type { ProjectId, Score, ScoreId, TraceId } from '@wheelhouse/core/records';
import { bareSpan, freshTraceId, noonNs, says, spanIdOf } from '@wheelhouse/testing/conformance';
import { telemetryEngines } from '@wheelhouse/testing/embedded';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from './database.ts';
import { type ClickHouse, openClickHouse } from './index.ts';

const never = new AbortController().signal;

describe.each(telemetryEngines())('erasing a project: $name', (engine) => {
  let opened: { url: string; close(): Promise<void> };
  let stores: ClickHouse;
  let database: Database;
  beforeAll(async () => {
    opened = await engine.open();
    stores = openClickHouse({ url: opened.url });
    await stores.migrate();
    database = openDatabase(opened.url);
  }, 60_000);
  afterAll(async () => {
    await database.close();
    await stores.close();
    await opened.close();
  });

  const score = (traceId: TraceId): Score => ({
    id: `sc ${traceId}` as ScoreId,
    traceId,
    ...{ spanId: null, sessionId: null, name: 'helpful', value: 1, comment: null, metadata: {}, source: 'api' },
    createdAt: '2027-01-15T08:00:00.000Z',
  });
  async function fill(project: ProjectId): Promise<void> {
    const traceId = freshTraceId();
    const call = bareSpan(traceId, spanIdOf(1), {
      projectId: project,
      kind: 'generation',
      endNs: noonNs + 1n,
      usage: { counts: { inputUncached: 1 }, source: 'provider' },
      input: says('system', 'You are a helpful assistant of a shop that sells kettles. '.repeat(5)),
    });
    await stores.spans.append([call], `token ${traceId}`);
    await stores.scores.put(project, [score(traceId)]);
    await stores.examples.put(project, [
      { hash: 'abc', content: { input: { question: 'Where?' }, expected: null, metadata: {} } },
    ]);
    await database.insert('eval_cells', [
      { project_id: project, run_id: 'r', example_id: 'e', repetition: 0, scores: '[]', latency_ns: 1, trace_id: '' },
    ]);
    await stores.summaries.settleMinutes();
  }
  async function rowsOf(project: ProjectId): Promise<Record<string, number>> {
    const tables = await database.query<{ table: string }>(
      `SELECT DISTINCT table FROM system.columns
       WHERE database = currentDatabase() AND name = 'project_id' AND table NOT LIKE 'traces_of_%'`,
    );
    const found: Record<string, number> = {};
    for (const { table } of tables) {
      const [row] = await database.query<{ n: string }>(
        `SELECT count() AS n FROM ${table} WHERE project_id = {project:String}`,
        { project },
      );
      if (Number(row?.n) > 0) found[table] = Number(row?.n);
    }
    return found;
  }

  it('leaves no row of it in any table, and every row of others', async () => {
    const [leaving, staying] = [`leaving-${freshTraceId()}`, `staying-${freshTraceId()}`] as [ProjectId, ProjectId];
    await fill(leaving);
    await fill(staying);
    const kept = await rowsOf(staying);
    expect(Object.keys(kept).sort()).toEqual(
      expect.arrayContaining([
        'call_minutes',
        'calls',
        'eval_cells',
        'example_contents',
        'payloads',
        'scores',
        'spans',
      ]),
    );
    expect(await stores.projects.count(leaving)).toEqual({ traces: 1, scores: 1 });
    await stores.projects.erase(leaving, never);
    await stores.summaries.settleMinutes();
    await stores.projects.erase(leaving, never);
    expect(await rowsOf(leaving)).toEqual({});
    expect(await stores.projects.count(leaving)).toEqual({ traces: 0, scores: 0 });
    expect(await rowsOf(staying)).toEqual(kept);
  });
});
