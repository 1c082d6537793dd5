import type { PairAsk, ReleaseTelemetry, ScoreStore, SpanStore } from '@wheelhouse/core/ports';
import { copyRun, copyStopped, type ProjectId, type Score, type ScoreId, type Span } from '@wheelhouse/core/records';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bareSpan, freshTraceId, spanIdOf } from './sample-spans.ts';

type World = {
  spans: Pick<SpanStore, 'append'>;
  scores: Pick<ScoreStore, 'put'>;
  releases: ReleaseTelemetry;
  close(): Promise<void>;
};

const runId = Math.floor(Math.random() * 2 ** 40).toString(36);
const release = 'rel_1';
const ms = 1_000_000n;
const stamp = { 'wheelhouse.release': release, 'wheelhouse.release.arm': 'incumbent' };
let count = 0;

/** What every {@link ReleaseTelemetry} knows of calls that were copied. */
export function releasePairsConformance(name: string, open: () => Promise<World>): void {
  describe(`pairs of a release: ${name}`, () => {
    let world: World;
    let startNs: bigint;
    let project: ProjectId;
    beforeAll(async () => {
      world = await open();
      startNs = await world.releases.now();
    });
    afterAll(() => world.close());

    const begin = () => {
      project = `paired-${runId}-${++count}` as ProjectId;
    };
    const span = (more: Partial<Span>): Span => ({
      ...bareSpan(freshTraceId(), spanIdOf(1)),
      ...{
        projectId: project,
        kind: 'generation',
        startNs,
        endNs: startNs + 7n * ms,
        status: 'ok',
        dialect: 'gateway',
      },
      ...{ cost: { totalNanoUsd: 10n, byBucket: {}, priceId: 'price' } },
      ...more,
    });
    /** A call that is to be copied. */
    const call = (userId: string | null, more: Partial<Span> = {}) =>
      span({ userId, model: { name: 'bot', version: 1, alias: 'production' }, attributes: stamp, ...more });
    const copy = (of: Span, more: Partial<Span> = {}) =>
      span({ model: { name: 'bot', version: 2, alias: null }, run: copyRun(release, of), ...more });
    const append = (...spans: Span[]) => world.spans.append(spans, `paired ${runId} ${++count}`);
    const rate = async ({ traceId }: Span, value: number, scored = 'good') => {
      const createdAt = new Date(Number((await world.releases.now()) / ms)).toISOString();
      const score: Score = {
        ...{
          id: `sc_pair_${runId}_${++count}` as ScoreId,
          traceId,
          spanId: null,
          sessionId: null,
          name: scored,
          value,
        },
        ...{ comment: null, metadata: {}, source: 'judge', createdAt },
      };
      await world.scores.put(project, [score]);
    };
    const ask = (more: Partial<PairAsk> = {}): PairAsk => ({
      ...{ release, model: 'bot', alias: 'production', incumbent: 1, candidate: 2, sticky: 'user', scores: ['good'] },
      ...{ sinceNs: startNs - 1_000n * ms, fromNs: startNs - 1_000n * ms, untilNs: startNs + 3_600_000n * ms },
      ...more,
    });
    const paired = async (more: Partial<PairAsk> = {}) => world.releases.paired(project, ask(more));
    const counts = async () => world.releases.copies(project, ask());

    it('are a call and its copy, of each user the first, whatever came first', async () => {
      begin();
      const [ann, again, bob, eve] = [call('ann'), call('ann'), call('bob'), call('eve')];
      await append(copy(bob, { status: 'error', cost: null, endNs: startNs + 9n * ms }));
      expect(await paired()).toEqual([]);
      await append(ann, again, bob, eve, copy(ann, { finishReasons: ['content_filter'] }), copy(again));
      const seen = { kind: 'call', latencyNs: 7n * ms, costNanoUsd: 10n, failed: false, refused: false };
      const told = await paired();
      expect(told.map((one) => one.seen)).toHaveLength(2);
      expect(told.map((one) => one.seen)).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ kind: 'pair', incumbent: { ...seen, arm: 'incumbent' } }),
          {
            ...{ kind: 'pair', incumbent: { ...seen, arm: 'incumbent' } },
            candidate: { ...seen, arm: 'candidate', failed: true, costNanoUsd: null, latencyNs: 9n * ms },
          },
        ]),
      );
      expect(await paired({ sticky: 'request' })).toHaveLength(3);
      expect(await paired({ fromNs: startNs + 600_000n * ms })).toEqual([]);
      expect(new Set(told.map(({ key }) => key)).size).toBe(2);
      expect(await paired()).toEqual(told);
      // One call was not copied after all.
      expect(await counts()).toEqual({ drawn: 4, answered: 3, costNanoUsd: '20' });
    });

    it('leave out what was never asked: refused for its limits, or ended with its server', async () => {
      begin();
      const calls = Array.from({ length: 4 }, (_, i) => call(`user ${i}`));
      const failed = { status: 'error', cost: null } as const;
      const [one, two, three, four] = calls as [Span, Span, Span, Span];
      await append(...calls);
      await append(
        copy(one, { ...failed, attributes: { 'http.response.status_code': 429 } }),
        copy(two, { ...failed, statusMessage: copyStopped }),
        copy(three, { ...failed, attributes: { 'error.type': 'budget_exceeded' } }),
        copy(four, { ...failed, attributes: { 'http.response.status_code': 500 } }),
      );
      expect((await paired()).map(({ seen }) => seen)).toMatchObject([{ kind: 'pair', candidate: { failed: true } }]);
      expect(await counts()).toMatchObject({ drawn: 4, answered: 1 });
    });

    it('are the root of a copy that is more than one call, which costs what all of it does', async () => {
      begin();
      const own = call('ann', { kind: 'chain', cost: null });
      const root = copy(own, { kind: 'chain', cost: null });
      const inner = copy(own, { traceId: root.traceId, spanId: spanIdOf(2), parentSpanId: root.spanId, model: null });
      await append(own, root, inner);
      expect(await paired()).toHaveLength(1);
      expect(await counts()).toEqual({ drawn: 1, answered: 1, costNanoUsd: '10' });
    });

    it('are scores of both, by name, once both are there; what only one of them has counts for nothing', async () => {
      begin();
      const [ann, bob] = [call('ann'), call('bob')];
      const [annCopy, bobCopy] = [copy(ann), copy(bob)];
      await append(ann, bob, annCopy, bobCopy);
      await rate(ann, 1);
      await rate(bob, 1);
      await rate(annCopy, 0.5, 'other');
      const scores = async () =>
        (await paired()).flatMap(({ seen }) => (seen.kind === 'pair' && seen.candidate.kind === 'score' ? [seen] : []));
      expect(await scores()).toEqual([]);
      await rate(annCopy, 0.25);
      const score = (arm: 'incumbent' | 'candidate', value: number) => ({ kind: 'score', arm, name: 'good', value });
      expect(await scores()).toEqual([
        { kind: 'pair', incumbent: score('incumbent', 1), candidate: score('candidate', 0.25) },
      ]);
      const shown = await world.releases.pairs(project, { ...ask(), most: 1 });
      expect(shown).toHaveLength(1);
      expect([ann.traceId, bob.traceId]).toContain(shown[0]?.incumbent.traceId);
    });

    it('are of one release and one project', async () => {
      begin();
      const own = call('ann');
      await append(own, copy(own, { run: copyRun('rel_2', own) }));
      expect(await paired()).toEqual([]);
      await append(copy(own, { projectId: `${project}-other` as ProjectId }));
      expect(await paired()).toEqual([]);
      expect(await world.releases.arrived(project, ask())).toHaveLength(1);
    });
  });
}
