import type { SearchedTrace, TraceQueries } from '@wheelhouse/core/ports';
import { matches, parseFilter, printFilter, selects, withoutField } from '@wheelhouse/core/query';
import {
  boundLevels,
  everyTrace,
  type Filter,
  type Measures,
  type Moments,
  type ProjectId,
  type Spread,
  type TextField,
  type TraceId,
} from '@wheelhouse/core/records';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sampleFilter, sampleNowNs, searchedTrace } from './sample-filters.ts';

export type TraceQueriesWorld = {
  queries: TraceQueries;
  /** Puts these lines, and their scores, in place of older ones. */
  put(project: ProjectId, traces: SearchedTrace[]): Promise<void>;
  close(): Promise<void>;
};

const nowNs = sampleNowNs;
const select = (filter: Filter) => ({ filter, nowNs });
const newestFirst = (a: SearchedTrace, b: SearchedTrace) =>
  a.startNs === b.startNs ? (a.traceId < b.traceId ? 1 : -1) : a.startNs < b.startNs ? 1 : -1;
const chosen = (traces: readonly SearchedTrace[], filter: Filter) =>
  traces.filter((trace) => selects(trace, filter, nowNs));
const idsOf = (traces: readonly { traceId: string }[]) => traces.map(({ traceId }) => traceId);

function read(text: string): Filter {
  const parsed = parseFilter(text);
  if (!parsed.ok) throw new Error(parsed.problem.message);
  return parsed.filter;
}

const valuesOf = (trace: SearchedTrace, field: TextField): (string | null)[] => {
  const lists: Partial<Record<TextField, readonly (string | null)[]>> = {
    status: [trace.status],
    model: trace.models,
    kind: trace.kinds,
    environment: [trace.environment],
    tag: trace.tags,
    user: [trace.userId],
  };
  const values = lists[field] ?? [];
  return values.length === 0 ? [''] : values.map((value) => value ?? '');
};

/** What every {@link TraceQueries} does: the same as `matches` on the same traces. */
export function traceQueriesConformance(name: string, open: () => Promise<TraceQueriesWorld>): void {
  describe(`trace queries: ${name}`, () => {
    let world: TraceQueriesWorld;
    const project = 'queried' as ProjectId;
    const traces = fc.sample(searchedTrace, { numRuns: 200, seed: 5 });
    const oneOf = (filter: Filter) => chosen(traces, filter);

    beforeAll(async () => {
      world = await open();
      // Older lines of the same traces, which a later one replaces, and traces of another project.
      await world.put(
        project,
        traces.slice(0, 50).map((trace) => ({ ...trace, name: 'before', userId: 'before', scores: [] })),
      );
      await world.put(project, traces);
      await world.put('elsewhere' as ProjectId, fc.sample(searchedTrace, { numRuns: 20, seed: 6 }));
    });
    afterAll(() => world.close());

    const listAll = async (filter: Filter, limit: number) => {
      const found: string[] = [];
      let cursor: string | null = null;
      do {
        const page = await world.queries.list(project, {
          ...select(filter),
          limit,
          ...(cursor !== null && { cursor }),
        });
        expect(page.data.length).toBeLessThanOrEqual(limit);
        found.push(...idsOf(page.data));
        cursor = page.next;
      } while (cursor !== null);
      return found;
    };

    it('choose the traces that the filter fits, newest first, for any filter', async () => {
      await fc.assert(
        fc.asyncProperty(sampleFilter, async (filter) => {
          const expected = idsOf(oneOf(filter).toSorted(newestFirst));
          const { data } = await world.queries.list(project, { ...select(filter), limit: 500 });
          expect({ filter: printFilter(filter), ids: idsOf(data) }).toEqual({
            filter: printFilter(filter),
            ids: expected,
          });
        }),
        { numRuns: 150 },
      );
    }, 120_000);

    it('give each line whole, with the newest score of each name', async () => {
      const { data } = await world.queries.list(project, { ...select(read('run:* or -run:*')), limit: 500 });
      const expected = traces.toSorted(newestFirst).map(({ text: _, services: __, ...summary }) => summary);
      expect(data).toEqual(expected);
      const ids = idsOf(traces.slice(0, 7)) as TraceId[];
      const searched = await world.queries.searched(project, [...ids, 'f'.repeat(32) as TraceId]);
      expect(searched.toSorted(newestFirst)).toEqual(traces.slice(0, 7).toSorted(newestFirst));
      expect(await world.queries.searched(project, [])).toEqual([]);
    });

    it('leave evaluations out unless they are asked for', async () => {
      const outside = traces.filter(({ runId }) => runId === null);
      expect(outside.length).toBeLessThan(traces.length);
      expect(await listAll(everyTrace, 500)).toEqual(idsOf(outside.toSorted(newestFirst)));
      expect(await listAll(read('run:run_1'), 500)).toHaveLength(
        traces.filter(({ runId }) => runId === 'run_1').length,
      );
    });

    it('page through a list without gap or overlap, also when traces come meanwhile', async () => {
      const paged = 'paged' as ProjectId;
      const [first, ...rest] = fc.sample(searchedTrace, { numRuns: 41, seed: 7 }).map((t) => ({ ...t, runId: null }));
      if (!first) throw new Error('no trace');
      await world.put(paged, rest);
      const one = await world.queries.list(paged, { ...select(everyTrace), limit: 15 });
      await world.put(paged, [{ ...first, startNs: nowNs, endNs: null }]);
      const two = await world.queries.list(paged, { ...select(everyTrace), limit: 100, cursor: one.next ?? '' });
      expect([...idsOf(one.data), ...idsOf(two.data)]).toEqual(idsOf(rest.toSorted(newestFirst)));
      expect(two.next).toBeNull();
      expect(await listAll(read('status:error'), 3)).toEqual(idsOf(oneOf(read('status:error')).toSorted(newestFirst)));
    });

    it('find traces however far they lie apart', async () => {
      const far = 'far' as ProjectId;
      const [sample] = fc.sample(searchedTrace, { numRuns: 1, seed: 8 });
      if (!sample) throw new Error('no trace');
      const years = Array.from({ length: 12 }, (_, i) => ({
        ...sample,
        traceId: (i + 1).toString(16).padStart(32, '0') as TraceId,
        runId: null,
        startNs: nowNs - BigInt(i ** 4) * 3_600_000_000_000n,
        endNs: null,
      }));
      await world.put(far, years);
      const { data } = await world.queries.list(far, { ...select(everyTrace), limit: 50 });
      expect(idsOf(data)).toEqual(idsOf(years));
      const since = await world.queries.list(far, { ...select(read('last:100h')), limit: 50 });
      expect(idsOf(since.data)).toEqual(idsOf(years.slice(0, 4)));
    });

    it('refuse a cursor that no page gave', async () => {
      for (const cursor of ['x', '1', '-1.a', '.a'])
        await expect(world.queries.list(project, { ...select(everyTrace), limit: 1, cursor })).rejects.toMatchObject({
          code: 'invalid_request',
          param: 'cursor',
        });
    });

    it('count each facet under all conditions but its own', async () => {
      const fields: TextField[] = ['status', 'model', 'kind', 'environment', 'tag', 'user'];
      for (const filter of [everyTrace, read('status:error tag:a,ab'), read('-kind:agent cost>0.001 environment:*')]) {
        const { total, facets } = await world.queries.facets(project, { ...select(filter), fields, limit: 100 });
        expect(total).toBe(oneOf(filter).length);
        expect(facets.map(({ field }) => field)).toEqual(fields);
        for (const { field, values } of facets) {
          const counts = new Map<string, number>();
          for (const trace of oneOf(withoutField(filter, field)))
            for (const value of valuesOf(trace, field)) counts.set(value ?? '', (counts.get(value ?? '') ?? 0) + 1);
          const expected = [...counts].map(([value, count]) => ({ value, count }));
          expect(new Set(values)).toEqual(new Set(expected));
          expect(values.map(({ count }) => count)).toEqual(
            expected.map(({ count }) => count).toSorted((a, b) => b - a),
          );
        }
      }
      const none = await world.queries.facets(project, { ...select(read('status:ok')), fields: [], limit: 1 });
      expect(none).toEqual({ total: oneOf(read('status:ok')).length, facets: [] });
      const { facets } = await world.queries.facets(project, { ...select(everyTrace), fields: ['kind'], limit: 2 });
      expect(facets).toMatchObject([{ more: true, values: [{}, {}] }]);
    });

    /** Between the two values whose ranks are next to it, and within 2 % where it is estimated. */
    function expectQuantile(value: bigint | undefined, sorted: readonly bigint[], share: number): void {
      const rank = share * (sorted.length - 1);
      const [low, high] = [
        sorted[Math.max(0, Math.floor(rank) - 1)],
        sorted[Math.min(sorted.length - 1, Math.ceil(rank) + 1)],
      ];
      expect(Number(value ?? -1n)).toBeGreaterThanOrEqual(Number(low) * 0.98 - 1);
      expect(Number(value ?? -1n)).toBeLessThanOrEqual(Number(high) * 1.02 + 1);
    }

    function expectMeasures(measures: Measures | undefined, of: readonly SearchedTrace[]): void {
      const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
      const costs = of.flatMap(({ costNanoUsd }) => (costNanoUsd === null ? [] : [costNanoUsd]));
      expect(measures).toMatchObject({
        count: of.length,
        errors: of.filter(({ status }) => status === 'error').length,
        inputTokens: sum(of.map(({ inputTokens }) => inputTokens)),
        outputTokens: sum(of.map(({ outputTokens }) => outputTokens)),
        costNanoUsd: costs.length === 0 ? null : costs.reduce((a, b) => a + b, 0n),
        unpriced: sum(of.map(({ unpricedCalls }) => unpricedCalls)),
      });
      const durations = of
        .flatMap(({ startNs, endNs }) => (endNs === null ? [] : [endNs - startNs]))
        .sort((a, b) => (a < b ? -1 : 1));
      if (durations.length === 0) expect(measures?.latency).toBeNull();
      else {
        expectQuantile(measures?.latency?.p50, durations, 0.5);
        expectQuantile(measures?.latency?.p90, durations, 0.9);
        expectQuantile(measures?.latency?.p99, durations, 0.99);
      }
    }

    const numbers = (values: (bigint | number | null)[]) =>
      values.flatMap((value) => (value === null ? [] : [Number(value)]));

    function expectMoments(moments: Moments | null | undefined, values: readonly number[]): void {
      const n = values.length;
      if (n === 0) {
        expect(moments).toBeNull();
        return;
      }
      const mean = values.reduce((a, b) => a + b, 0) / n;
      expect(moments?.count).toBe(n);
      expect((moments?.mean ?? Number.NaN) / (mean || 1)).toBeCloseTo(mean === 0 ? 0 : 1, 9);
      if (n < 2) {
        expect(moments?.sd).toBeNull();
        return;
      }
      const sd = Math.sqrt(values.reduce((a, value) => a + (value - mean) ** 2, 0) / (n - 1));
      expect((moments?.sd ?? Number.NaN) / (sd || 1)).toBeCloseTo(sd === 0 ? 0 : 1, 6);
    }

    function expectSpread(spread: Spread | undefined, of: readonly SearchedTrace[]): void {
      const latency = numbers(of.map(({ startNs, endNs }) => (endNs === null ? null : endNs - startNs)));
      expectMoments(spread?.latency, latency);
      expectMoments(spread?.firstToken, numbers(of.map(({ firstTokenNs }) => firstTokenNs)));
      expectMoments(spread?.inputTokens, numbers(of.map(({ inputTokens }) => inputTokens)));
      expectMoments(spread?.outputTokens, numbers(of.map(({ outputTokens }) => outputTokens)));
      expectMoments(spread?.cost, numbers(of.map(({ costNanoUsd }) => costNanoUsd)));
      const scored = of.flatMap(({ scores }) =>
        scores.flatMap(({ name, value }) => (name === 'good' && typeof value !== 'string' ? [Number(value)] : [])),
      );
      expectMoments(spread?.score, scored);
      expect(spread?.users).toBe(new Set(of.flatMap(({ userId }) => userId || [])).size);
      const sorted = latency.toSorted((a, b) => a - b).map(BigInt);
      if (sorted.length === 0) {
        expect(spread?.latencyAt).toBeNull();
        return;
      }
      for (const [i, level] of boundLevels.entries())
        expectQuantile(BigInt(Math.round(spread?.latencyAt?.[i] ?? -1)), sorted, level);
    }

    it('sum over time, in buckets and in all, with the means of a score', async () => {
      const filter = read('-status:unset');
      const series = await world.queries.series(project, {
        ...select(filter),
        of: 'traces',
        step: 60,
        score: 'good',
        groups: 5,
      });
      const fit = oneOf(filter);
      const [all, ...none] = series.groups;
      expect(none).toEqual([]);
      expect(all).toMatchObject({ value: null, rest: false });
      expectMeasures(all?.total, fit);
      expect(all?.buckets.map(({ count }) => count).reduce((a, b) => a + b, 0)).toBe(fit.length);
      for (const bucket of all?.buckets ?? []) {
        expect(bucket.startNs % 60_000_000_000n).toBe(0n);
        expect(bucket.startNs >= series.fromNs && bucket.startNs < series.untilNs).toBe(true);
        const inside = fit.filter(
          ({ startNs }) => startNs >= bucket.startNs && startNs < bucket.startNs + 60_000_000_000n,
        );
        expectMeasures(bucket, inside);
      }
      const good = fit.flatMap(({ scores }) =>
        scores.filter(({ name, value }) => name === 'good' && typeof value !== 'string'),
      );
      expect(all?.total.score?.count).toBe(good.length);
      expect(all?.total.score?.mean).toBeCloseTo(good.reduce((a, { value }) => a + Number(value), 0) / good.length);
    });

    it('make one series of each value, and one of the rest', async () => {
      const series = await world.queries.series(project, {
        ...select(everyTrace),
        of: 'traces',
        by: 'status',
        groups: 2,
      });
      expect(series.groups).toHaveLength(3);
      const [first, second, rest] = series.groups;
      expect(rest).toMatchObject({ value: null, rest: true });
      expect((first?.total.count ?? 0) >= (second?.total.count ?? 0)).toBe(true);
      for (const group of [first, second]) expectMeasures(group?.total, oneOf(read(`status:${group?.value}`)));
      const named = [first?.value, second?.value];
      expectMeasures(
        rest?.total,
        oneOf(everyTrace).filter(({ status }) => !named.includes(status)),
      );
      const models = await world.queries.series(project, {
        ...select(everyTrace),
        of: 'traces',
        by: 'model',
        groups: 20,
      });
      for (const { value, total } of models.groups)
        expect(total.count).toBe(oneOf(everyTrace).filter((trace) => valuesOf(trace, 'model').includes(value)).length);
    });

    it('know of single traces what means and their doubt are made of, when asked', async () => {
      const filter = read('-status:unset');
      const fit = oneOf(filter);
      const ask = { ...select(filter), of: 'traces' as const, step: 3600, score: 'good', groups: 3 };
      const plain = await world.queries.series(project, ask);
      expect(plain.groups[0]?.total).not.toHaveProperty('spread');
      for (const by of [undefined, 'model', 'tag', 'user'] as const) {
        const { groups } = await world.queries.series(project, { ...ask, spread: true, ...(by && { by }) });
        expect(groups.length).toBeGreaterThan(0);
        for (const { value, rest, total } of groups.filter((group) => !group.rest)) {
          const own = by === undefined ? fit : fit.filter((trace) => valuesOf(trace, by).includes(value));
          expect(rest).toBe(false);
          expectMeasures(total, own);
          expectSpread(total.spread, own);
        }
      }
    });

    it('count those that fit another filter as well, of each series and bucket', async () => {
      const filter = read('-status:unset or run:*');
      const counted = read('tokens>5 or tag:a');
      const both = oneOf(filter).filter((trace) => selects(trace, counted, nowNs) || trace.runId !== null);
      const fits = new Set(both.filter((trace) => matches(trace, counted, nowNs)));
      const ask = { ...select(filter), of: 'traces' as const, step: 3600, counted };
      for (const by of [undefined, 'tag', 'environment'] as const) {
        const { groups } = await world.queries.series(project, { ...ask, groups: 3, ...(by && { by }) });
        for (const { value, buckets, total } of groups.filter((group) => !group.rest)) {
          const own = oneOf(filter).filter((trace) => by === undefined || valuesOf(trace, by).includes(value));
          expect(total.counted).toBe(own.filter((trace) => fits.has(trace)).length);
          expect(buckets.reduce((all, bucket) => all + (bucket.counted ?? 0), 0)).toBe(total.counted);
        }
      }
    });

    it('make one series of each value of a score', async () => {
      const { groups } = await world.queries.series(project, {
        ...{ ...select(everyTrace), of: 'traces', groups: 3, spread: true },
        by: { score: 'good' },
      });
      const labelOf = ({ scores }: SearchedTrace) => String(scores.find(({ name }) => name === 'good')?.value ?? '');
      const named = groups.filter(({ rest }) => !rest);
      expect(named).toHaveLength(3);
      for (const { value, total } of named) {
        const own = oneOf(everyTrace).filter((trace) => labelOf(trace) === value);
        expectMeasures(total, own);
        expect(total.spread?.users).toBe(new Set(own.flatMap(({ userId }) => userId || [])).size);
      }
      expectMeasures(
        groups.find(({ rest }) => rest)?.total,
        oneOf(everyTrace).filter((trace) => !named.some(({ value }) => value === labelOf(trace))),
      );
    });

    it('choose a step that fits the time, and refuse too many buckets', async () => {
      const day = await world.queries.series(project, { ...select(read('last:24h')), of: 'traces', groups: 5 });
      expect(day.step).toBe(1800);
      expect(day.untilNs >= nowNs && day.fromNs <= nowNs - 86_400_000_000_000n).toBe(true);
      const tooMany = { ...select(read('last:365d')), of: 'traces' as const, step: 60, groups: 5 };
      await expect(world.queries.series(project, tooMany)).rejects.toMatchObject({
        code: 'invalid_request',
        param: 'step',
      });
      const none = await world.queries.series('nobody' as ProjectId, {
        ...select(everyTrace),
        of: 'traces',
        groups: 5,
      });
      expect(none.groups).toEqual([]);
    });

    it('refuse what calls over time do not keep, and name what they do', async () => {
      const calls = (filter: Filter, more: object = {}) =>
        world.queries.series(project, { ...select(filter), of: 'calls', groups: 5, ...more });
      await expect(calls(read('user:a'))).rejects.toMatchObject({ code: 'filter_invalid', param: 'q' });
      await expect(calls(read('refund'))).rejects.toMatchObject({ code: 'filter_invalid', param: 'q' });
      await expect(calls(everyTrace, { by: 'user' })).rejects.toMatchObject({ code: 'invalid_request', param: 'by' });
      for (const more of [{ spread: true }, { counted: everyTrace }, { by: { score: 'x' } }])
        await expect(calls(everyTrace, more)).rejects.toMatchObject({ code: 'invalid_request', param: 'of' });
      await expect(calls(everyTrace, { score: 'x' })).rejects.toMatchObject({
        code: 'invalid_request',
        param: 'score',
      });
      await expect(calls(read('model:bot provider:a last:1h'), { by: 'model' })).resolves.toMatchObject({
        of: 'calls',
      });
    });

    it('gather sessions and users over all their traces, newest first, page by page', async () => {
      const filter = read('status:error');
      const expected = new Map<string, SearchedTrace[]>();
      for (const trace of oneOf(filter)) if (trace.sessionId !== null) expected.set(trace.sessionId, []);
      for (const trace of traces) expected.get(trace.sessionId ?? '')?.push(trace);
      const found: string[] = [];
      let cursor: string | null = null;
      do {
        const page = await world.queries.sessions(project, {
          ...select(filter),
          limit: 4,
          ...(cursor !== null && { cursor }),
        });
        for (const session of page.data) {
          const own = expected.get(session.sessionId)?.toSorted(newestFirst) ?? [];
          found.push(session.sessionId);
          expect(session).toMatchObject({
            traces: own.length,
            errors: own.filter(({ status }) => status === 'error').length,
            lastNs: own[0]?.startNs,
            firstNs: own.at(-1)?.startNs,
            outputPreview: own[0]?.outputPreview,
            inputPreview: own.at(-1)?.inputPreview,
            users: [...new Set(own.flatMap(({ userId }) => userId ?? []))].sort(),
          });
          expect(await world.queries.session(project, session.sessionId)).toEqual(session);
        }
        cursor = page.next;
      } while (cursor !== null);
      expect(new Set(found)).toEqual(new Set(expected.keys()));
      expect(found).toHaveLength(expected.size);
      expect(await world.queries.session(project, 'nobody')).toBeNull();

      const users = await world.queries.users(project, { ...select(everyTrace), limit: 100 });
      for (const user of users.data) {
        const own = traces.filter(({ userId }) => userId === user.userId);
        expect(user).toMatchObject({
          traces: own.length,
          sessions: new Set(own.flatMap(({ sessionId }) => sessionId ?? [])).size,
        });
      }
      expect(users.data).toHaveLength(new Set(oneOf(everyTrace).flatMap(({ userId }) => userId ?? [])).size);
    });

    it('give the traces of a session oldest first', async () => {
      const id = "it's";
      const own = traces
        .filter(({ sessionId }) => sessionId === id)
        .toSorted(newestFirst)
        .reverse();
      expect(own.length).toBeGreaterThan(2);
      const one = await world.queries.tracesOfSession(project, id, { limit: 2 });
      const two = await world.queries.tracesOfSession(project, id, { limit: 500, cursor: one.next ?? '' });
      expect([...idsOf(one.data), ...idsOf(two.data)]).toEqual(idsOf(own));
    });
  });
}
