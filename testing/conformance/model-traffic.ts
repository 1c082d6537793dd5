import type { ModelTraffic, ScoreStore, SpanStore, VersionUse } from '@wheelhouse/core/ports';
import type { LineageRef, ProjectId, Score, ScoreId, Span } from '@wheelhouse/core/records';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bareSpan, freshTraceId, noonNs, spanIdOf } from './sample-spans.ts';

type World = {
  spans: Pick<SpanStore, 'append'>;
  scores: ScoreStore;
  traffic: ModelTraffic;
  /** Resolves when what was appended is in the lists. */
  settle(): Promise<void>;
  close(): Promise<void>;
};

let count = 0;
const run = Math.floor(Math.random() * 2 ** 40).toString(36);
const ms = 1_000_000n;
const period = { fromNs: noonNs, untilNs: noonNs + 3_600_000n * ms };

/** What every {@link ModelTraffic} does. */
export function modelTrafficConformance(name: string, open: () => Promise<World>): void {
  describe(`model traffic: ${name}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world.close());

    const newProject = () => `traffic-${run}-${++count}` as ProjectId;
    const costOf = (nano: bigint) => ({ totalNanoUsd: nano, byBucket: {}, priceId: 'price' });
    /** A call of `bot@1` by `production` that took a number of milliseconds. */
    const call = (projectId: ProjectId, tookMs: number, more: Partial<Span> = {}): Span => ({
      ...bareSpan(freshTraceId(), spanIdOf(1)),
      ...{ projectId, kind: 'generation', startNs: noonNs + 5n * ms, endNs: noonNs + BigInt(5 + tookMs) * ms },
      ...{ status: 'ok', model: { name: 'bot', version: 1, alias: 'production' }, dialect: 'gateway' },
      ...{ usage: { counts: { requests: 1 }, source: 'provider' }, cost: costOf(10n) },
      ...more,
    });
    async function append(spans: Span[]): Promise<void> {
      await world.spans.append(spans, `traffic ${run} ${++count}`);
      await world.settle();
    }
    const uses = async (project: ProjectId, models: string[] | null = null): Promise<VersionUse[]> =>
      (await world.traffic.uses(project, { models, ...period })).uses;

    it('counts what each version did in a time, each span once', async () => {
      const project = newProject();
      const spans = [
        call(project, 100),
        call(project, 300, { model: { name: 'bot', version: 1, alias: null }, cost: null }),
        call(project, 200, { status: 'error', usage: null, cost: null, endNs: null }),
        call(project, 50, { model: { name: 'bot', version: 2, alias: 'canary' }, startNs: noonNs + 9n * ms }),
        call(project, 50, { model: { name: 'other', version: 7, alias: null }, cost: costOf(1n) }),
        call(project, 50, { model: null }),
        call(project, 50, { run: { runId: 'run_1', exampleId: 'ex_1', repetition: 0 } as never }),
        call(project, 50, { startNs: noonNs - 1n }),
        call(project, 50, { startNs: period.untilNs, endNs: period.untilNs + 1n }),
      ];
      await append(spans);
      await append(spans.slice(0, 2));
      const all = await uses(project);
      expect(all.map(({ latency, ...use }) => use)).toEqual([
        {
          ...{ model: 'bot', version: 1, aliases: ['production'], calls: 3, errors: 1, costNanoUsd: 10n, unpriced: 1 },
          ...{ lastNs: noonNs + 5n * ms, scores: [] },
        },
        {
          ...{ model: 'bot', version: 2, aliases: ['canary'], calls: 1, errors: 0, costNanoUsd: 10n, unpriced: 0 },
          ...{ lastNs: noonNs + 9n * ms, scores: [] },
        },
        {
          ...{ model: 'other', version: 7, aliases: [], calls: 1, errors: 0, costNanoUsd: 1n, unpriced: 0 },
          ...{ lastNs: noonNs + 5n * ms, scores: [] },
        },
      ]);
      expect(Number(all[0]?.latency?.p50)).toBeGreaterThanOrEqual(100e6);
      expect(Number(all[0]?.latency?.p50)).toBeLessThanOrEqual(300e6);
      expect(Number(all[0]?.latency?.p95)).toBeGreaterThan(250e6);
      expect((await uses(project, ['other'])).map(({ model }) => model)).toEqual(['other']);
      expect((await world.traffic.uses(project, { models: null, ...period })).whole).toBe(true);
      expect(await uses(newProject())).toEqual([]);
    });

    it('has a run that is more than one call cost what its trace does', async () => {
      const project = newProject();
      const chain = call(project, 80, { kind: 'chain', usage: null, cost: null });
      const steps = [2, 3].map((n) =>
        call(project, 20, { traceId: chain.traceId, spanId: spanIdOf(n), parentSpanId: chain.spanId, model: null }),
      );
      const inner = call(project, 80, { kind: 'chain', usage: null, cost: null, parentSpanId: spanIdOf(9) });
      await append([chain, ...steps]);
      expect(await uses(project)).toMatchObject([{ calls: 1, costNanoUsd: 20n, unpriced: 0 }]);
      await append([inner]);
      expect(await uses(project)).toMatchObject([{ calls: 2, costNanoUsd: 20n, unpriced: 1 }]);
    });

    it('gives each version the scores of its spans and traces, once each', async () => {
      const project = newProject();
      const [one, other] = [call(project, 1), call(project, 1)];
      const again = { ...one, spanId: spanIdOf(2) };
      const second = { ...one, spanId: spanIdOf(3), model: { name: 'bot', version: 2, alias: null } };
      await append([one, again, second, other]);
      const score = (n: number, more: Partial<Score>): Score => ({
        ...{ id: `sc_${run}_${count}_${n}` as ScoreId, traceId: one.traceId, spanId: null, sessionId: null },
        ...{ name: 'helpful', value: true, comment: null, metadata: {}, source: 'human' },
        ...{ createdAt: `2026-02-03T04:05:0${n}.000Z` },
        ...more,
      });
      await world.scores.put(project, [
        score(1, {}),
        score(2, { traceId: other.traceId, value: false }),
        score(3, { name: 'tone', value: 'kind', spanId: one.spanId }),
        score(4, { name: 'tone', value: 'rude', traceId: freshTraceId() }),
      ]);
      expect((await uses(project)).map(({ version, scores }) => ({ version, scores }))).toEqual([
        {
          version: 1,
          scores: [
            { name: 'helpful', count: 2, mean: 0.5, newest: false },
            { name: 'tone', count: 1, mean: null, newest: 'kind' },
          ],
        },
        { version: 2, scores: [{ name: 'helpful', count: 1, mean: 1, newest: true }] },
      ]);
    });

    it('counts the calls of versions and aliases, and tells which versions answered in a trace', async () => {
      const project = newProject();
      const first = call(project, 1);
      const last = call(project, 1, { startNs: noonNs + 8n * ms, spanId: spanIdOf(4) });
      const second = { ...first, spanId: spanIdOf(2), model: { name: 'bot', version: 2, alias: null } };
      const evaluated = call(project, 1, { run: { runId: 'run_1', exampleId: 'ex_1', repetition: 0 } as never });
      await append([first, last, second, evaluated]);
      const [version, alias, none]: LineageRef[] = ['version:bot@1', 'alias:bot@production', 'version:bot@9'];
      const [trace, span]: LineageRef[] = [`trace:${first.traceId}`, `span:${first.traceId}/${second.spanId}`];
      const refs = [version, alias, none, trace] as LineageRef[];
      const newest = { traceId: last.traceId, spanId: last.spanId, startNs: last.startNs };
      expect(await world.traffic.spansOf(project, refs, noonNs)).toEqual(
        new Map([
          [version, { count: 2, newest }],
          [alias, { count: 2, newest }],
          [none, { count: 0, newest: null }],
        ]),
      );
      expect(await world.traffic.versionsIn(project, [trace, span, version] as LineageRef[])).toEqual([
        { from: 'version:bot@1', to: trace },
        { from: 'version:bot@2', to: trace },
        { from: 'version:bot@2', to: span },
      ]);
    });
  });
}
