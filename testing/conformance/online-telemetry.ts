import type { ArrivedAsk, OnlineTelemetry, ScoreStore, SpanStore } from '@wheelhouse/core/ports';
import type { ProjectId, ScoreId, Span, SpanId, TraceId } from '@wheelhouse/core/records';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bareSpan, freshTraceId, spanIdOf } from './sample-spans.ts';

type World = {
  spans: Pick<SpanStore, 'append'>;
  scores: Pick<ScoreStore, 'put'>;
  releases: { now(): Promise<bigint> };
  online: OnlineTelemetry;
  close(): Promise<void>;
};

let count = 0;
const run = Math.floor(Math.random() * 2 ** 40).toString(36);
const ms = 1_000_000n;
const hourNs = 3_600_000n * ms;

/** What every {@link OnlineTelemetry} does. */
export function onlineTelemetryConformance(name: string, open: () => Promise<World>): void {
  describe(`telemetry of what arrives: ${name}`, () => {
    let world: World;
    let startMs: number;
    beforeAll(async () => {
      world = await open();
      startMs = Number((await world.releases.now()) / ms) - 1;
    });
    afterAll(() => world.close());

    const newProject = () => `online-${run}-${++count}` as ProjectId;
    const span = (projectId: ProjectId, traceId: TraceId, more: Partial<Span> = {}): Span => {
      const startNs = BigInt(startMs) * ms;
      return { ...bareSpan(traceId, spanIdOf(1)), projectId, startNs, endNs: startNs + 5n * ms, ...more };
    };
    const append = (spans: Span[]) => world.spans.append(spans, `online ${run} ${++count}`);
    const parent = { parentSpanId: spanIdOf(9) as SpanId };
    const arrived = (project: ProjectId, more: Partial<ArrivedAsk> = {}) =>
      world.online.arrived(project, {
        ...{ of: 'traces', after: { ms: startMs, id: '' }, untilMs: startMs + 3_600_000, waitMs: 60_000, limit: 100 },
        ...more,
      });
    const idsOf = async (...args: Parameters<typeof arrived>) => (await arrived(...args)).map(({ id }) => id);

    it('gives what came behind a place, a page at a time, each trace once', async () => {
      const project = newProject();
      const traces = [freshTraceId(), freshTraceId(), freshTraceId()].sort();
      for (const traceId of traces)
        await append([span(project, traceId), span(project, traceId, { ...parent, spanId: spanIdOf(2) })]);
      await append([span(newProject(), freshTraceId())]);
      const all = await arrived(project);
      expect(all.map(({ id }) => id).toSorted()).toEqual(traces);
      const [first] = await arrived(project, { limit: 1 });
      expect(first).toEqual(all[0]);
      expect(await arrived(project, { after: all[0] as (typeof all)[0] })).toEqual(all.slice(1));
      expect(await arrived(project, { after: all.at(-1) as (typeof all)[0] })).toEqual([]);
      expect(await arrived(project, { untilMs: startMs })).toEqual([]);
    });

    it('waits for the root of a trace, and gives it again when more comes', async () => {
      const project = newProject();
      const traceId = freshTraceId();
      await append([span(project, traceId, { ...parent, spanId: spanIdOf(2) })]);
      const [orphan] = await arrived(project);
      const nowMs = Number((await world.releases.now()) / ms);
      expect(orphan?.ms).toBeGreaterThan(nowMs + 20_000);
      expect(await arrived(project, { untilMs: nowMs + 10_000 })).toEqual([]);
      await append([span(project, traceId)]);
      const [whole] = await arrived(project, { untilMs: nowMs + 10_000 });
      expect(whole?.id).toBe(traceId);
      expect(await idsOf(project, { after: whole as NonNullable<typeof whole> })).toEqual([]);
    });

    it('leaves out history, and figures that were made anew', async () => {
      const project = newProject();
      const old = BigInt(startMs) * ms - 30n * hourNs;
      await append([span(project, freshTraceId(), { startNs: old, endNs: old + 5n })]);
      expect(await arrived(project)).toEqual([]);
    });

    it('gives sessions, and traces that may be followed up, when the wait is over', async () => {
      const project = newProject();
      const [one, two] = [freshTraceId(), freshTraceId()];
      await append([span(project, one, { sessionId: 's 1' }), span(project, freshTraceId())]);
      await append([span(project, two, { sessionId: 's 1' })]);
      const nowMs = Number((await world.releases.now()) / ms);
      expect(await arrived(project, { of: 'sessions', untilMs: nowMs + 30_000 })).toEqual([]);
      expect(await idsOf(project, { of: 'sessions', untilMs: nowMs + 61_000 })).toEqual(['s 1']);
      expect(await idsOf(project, { of: 'follow_ups', untilMs: nowMs + 30_000 })).toEqual([]);
      expect(await idsOf(project, { of: 'follow_ups', untilMs: nowMs + 61_000 })).toContain(two);
    });

    it('gives numbers of one scorer and one name, of traces alone', async () => {
      const project = newProject();
      const traceId = freshTraceId();
      const createdAt = new Date(startMs + 1_000).toISOString();
      const score = (id: string, more: object) => ({
        ...{ id: id as ScoreId, traceId, spanId: null, sessionId: null, name: 'kind', value: 0.5, comment: null },
        ...{ metadata: { scorer: 'judge' }, source: 'judge' as const, createdAt },
        ...more,
      });
      await world.scores.put(project, [
        score('a', {}),
        score('b', { metadata: { scorer: 'other' } }),
        score('c', { name: 'other' }),
        score('d', { spanId: spanIdOf(1) }),
        score('e', { traceId: freshTraceId(), value: true }),
        score('f', { traceId: freshTraceId(), value: 'a label' }),
        score('g', { traceId: freshTraceId(), createdAt: new Date(startMs - 10_000).toISOString() }),
      ]);
      const ask = { name: 'kind', label: 'judge', sinceMs: startMs, untilMs: startMs + 60_000, limit: 10 };
      const found = await world.online.scored(project, ask);
      expect(found).toHaveLength(2);
      expect(found).toContainEqual({ traceId, value: 0.5 });
      expect(found.map(({ value }) => value).toSorted()).toEqual([0.5, 1]);
    });
  });
}
