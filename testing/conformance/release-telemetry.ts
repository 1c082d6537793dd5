import type { ReleaseAsk, ReleaseTelemetry, ScoreStore, SpanStore } from '@wheelhouse/core/ports';
import type { ProjectId, ReleaseObservation, Score, ScoreId, Span } from '@wheelhouse/core/records';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bareSpan, freshTraceId, spanIdOf } from './sample-spans.ts';

type World = {
  spans: Pick<SpanStore, 'append'>;
  scores: Pick<ScoreStore, 'put'>;
  releases: ReleaseTelemetry;
  close(): Promise<void>;
};

let count = 0;
const run = Math.floor(Math.random() * 2 ** 40).toString(36);
const ms = 1_000_000n;

/** What every {@link ReleaseTelemetry} does. */
export function releaseTelemetryConformance(name: string, open: () => Promise<World>): void {
  describe(`release telemetry: ${name}`, () => {
    let world: World;
    let startNs: bigint;
    beforeAll(async () => {
      world = await open();
      startNs = await world.releases.now();
    });
    afterAll(() => world.close());

    const newProject = () => `released-${run}-${++count}` as ProjectId;
    const costOf = (nano: bigint) => ({ totalNanoUsd: nano, byBucket: {}, priceId: 'price' });
    /** A call of a version by `production` that took a number of milliseconds. */
    const call = (projectId: ProjectId, version: number, more: Partial<Span> = {}): Span => ({
      ...bareSpan(freshTraceId(), spanIdOf(1)),
      ...{ projectId, kind: 'generation', startNs, endNs: startNs + 7n * ms, status: 'ok', dialect: 'gateway' },
      ...{ model: { name: 'bot', version, alias: 'production' }, cost: costOf(10n) },
      ...{ usage: { counts: { requests: 1 }, source: 'provider' } },
      ...more,
    });
    /** A little earlier, because arrival is measured in milliseconds. */
    const moment = async () => (await world.releases.now()) - 1n;
    const append = async (spans: Span[]) => world.spans.append(spans, `released ${run} ${++count}`);
    const rate = async (project: ProjectId, { traceId }: Span, value: Score['value'], scored = 'good') => {
      const createdAt = new Date(Number((await world.releases.now()) / ms)).toISOString();
      const id = `sc_${run}_${++count}` as ScoreId;
      await world.scores.put(project, [
        {
          id,
          traceId,
          spanId: null,
          sessionId: null,
          name: scored,
          value,
          comment: null,
          metadata: {},
          source: 'user',
          createdAt,
        },
      ]);
    };
    const rateSession = async (project: ProjectId, sessionId: string, value: number) => {
      const createdAt = new Date(Number((await world.releases.now()) / ms)).toISOString();
      const score = {
        id: `sc_${run}_${++count}` as ScoreId,
        traceId: null,
        spanId: null,
        sessionId,
        name: 'good',
        value,
      };
      await world.scores.put(project, [{ ...score, comment: null, metadata: {}, source: 'judge', createdAt }]);
    };
    const ask = (fromNs: bigint, more: Partial<ReleaseAsk> = {}): ReleaseAsk => ({
      ...{ model: 'bot', alias: 'production', incumbent: 1, candidate: 2, sticky: 'request', scores: ['good'] },
      ...{ sinceNs: startNs - 1_000n * ms, fromNs, untilNs: fromNs + 3_600_000n * ms },
      ...more,
    });
    const arrived = async (project: ProjectId, asked: ReleaseAsk) =>
      (await world.releases.arrived(project, asked)).map(({ seen }) => seen);
    const sorted = (seen: ReleaseObservation[]) =>
      seen.map((one) => Object.entries(one).sort().map(String).join(' ')).sort();

    it('tells calls of both versions, and nothing else', async () => {
      const project = newProject();
      const from = startNs - 1_000n * ms;
      await append([
        call(project, 1),
        call(project, 2, { status: 'error', cost: null }),
        call(project, 2, { finishReasons: ['content_filter'] }),
        call(project, 3),
        call(project, 2, { model: { name: 'bot', version: 2, alias: 'staging' } }),
        call(project, 2, { model: { name: 'other', version: 2, alias: 'production' } }),
        call(project, 2, { run: { runId: 'run_1', exampleId: 'ex_1', repetition: 0 } as never }),
        call(project, 2, { cost: { totalNanoUsd: 0n, byBucket: {}, priceId: 'wheelhouse:cache' } }),
        call(newProject(), 2),
      ]);
      const seen = { kind: 'call', latencyNs: 7n * ms, costNanoUsd: 10n, failed: false, refused: false } as const;
      const told: ReleaseObservation[] = [
        { ...seen, arm: 'incumbent' },
        { ...seen, arm: 'candidate', failed: true, costNanoUsd: null },
        { ...seen, arm: 'candidate', refused: true },
      ];
      expect(sorted(await arrived(project, ask(from)))).toEqual(sorted(told));
      expect(await arrived(project, ask(from, { untilNs: from + ms }))).toEqual([]);
    });

    it('counts a user once, whenever they call, and whom nobody names by their session', async () => {
      const project = newProject();
      const from = startNs - 1_000n * ms;
      const who = (userId: string | null, sessionId: string | null) => ({ userId, sessionId });
      await append([
        ...[call(project, 1, who('ann', 'a')), call(project, 1, who('ann', 'b')), call(project, 2, who('bob', 'c'))],
        ...[call(project, 1, who(null, 'd')), call(project, 1, who(null, 'd')), call(project, 1), call(project, 1)],
      ]);
      const callsOf = async (more: Partial<ReleaseAsk>, at = from) =>
        (await arrived(project, ask(at, more))).filter(({ kind }) => kind === 'call').length;
      expect(await callsOf({ sticky: 'request' })).toBe(7);
      expect(await callsOf({ sticky: 'session' })).toBe(6);
      expect(await callsOf({ sticky: 'user' })).toBe(5);
      const later = await moment();
      await append([call(project, 1, who('ann', 'e')), call(project, 2, who('eve', 'f'))]);
      const next = { fromNs: later, untilNs: later + 3_600_000n * ms };
      expect(await callsOf({ ...next, sticky: 'user' })).toBe(1);
      expect(await callsOf({ ...next, sticky: 'session' })).toBe(2);
    });

    it('knows who called by the same key, however often it reads', async () => {
      const project = newProject();
      const from = startNs - 1_000n * ms;
      const [one, two] = [call(project, 1, { userId: 'ann' }), call(project, 2, { userId: 'bob' })];
      await append([one, two]);
      await rate(project, two, 1);
      const keys = async (fromNs = from) => {
        const all = await world.releases.arrived(project, ask(fromNs, { sticky: 'user' }));
        return all.map(({ key, atMs, traceId, seen: { kind } }) => `${key} ${atMs} ${traceId} ${kind}`).sort();
      };
      const first = await keys();
      expect(new Set(first.map((text) => text.split(' ')[0])).size).toBe(3);
      await append([call(project, 2, { userId: 'bob' })]);
      expect(await keys()).toEqual(first);
      const [, atMs = ''] = first[0]?.split(' ') ?? [];
      expect(Number(atMs)).toBeGreaterThanOrEqual(Number(startNs / ms) - 1_000);
    });

    it('tells scores by the version that answered, as numbers, the first of each user and name', async () => {
      const project = newProject();
      const from = startNs - 1_000n * ms;
      const [one, two, again] = [
        call(project, 1, { userId: 'ann' }),
        call(project, 2, { userId: 'bob' }),
        call(project, 2, { userId: 'bob' }),
      ];
      const mixed = call(project, 1);
      await append([
        one,
        two,
        again,
        mixed,
        { ...mixed, spanId: spanIdOf(2), model: { name: 'bot', version: 2, alias: 'production' } },
      ]);
      await rate(project, one, true);
      await rate(project, two, 0.25);
      await rate(project, again, 1);
      await rate(project, two, 0.5, 'kind');
      await rate(project, one, 'fine', 'good');
      await rate(project, mixed, 1);
      const scoresOf = async (more: Partial<ReleaseAsk> = {}) =>
        (await arrived(project, ask(from, more))).filter(({ kind }) => kind === 'score');
      const first = [
        { kind: 'score', arm: 'incumbent', name: 'good', value: 1 },
        { kind: 'score', arm: 'candidate', name: 'good', value: 0.25 },
      ];
      expect(await scoresOf({ sticky: 'user' })).toEqual(first);
      expect(await scoresOf()).toEqual([...first, { kind: 'score', arm: 'candidate', name: 'good', value: 1 }]);
      expect(await scoresOf({ scores: [] })).toEqual([]);
      const later = await moment();
      await rate(project, again, 0);
      expect(await scoresOf({ sticky: 'user', fromNs: later })).toEqual([]);
    });

    it('tells scores of whole sessions by the version that answered in them, and of mixed ones nothing', async () => {
      const project = newProject();
      const from = startNs - 1_000n * ms;
      const session = (sessionId: string, version: number, userId: string | null = null) =>
        call(project, version, { sessionId, userId });
      await append([session('one', 1), session('one', 1), session('two', 2, 'bob'), session('three', 2, 'bob')]);
      await append([session('mixed', 1), session('mixed', 2)]);
      for (const [sessionId, value] of [
        ['one', 0.5],
        ['two', 1],
        ['three', 0],
        ['mixed', 0.25],
      ] as const)
        await rateSession(project, sessionId, value);
      const scores = async (sticky: ReleaseAsk['sticky']) =>
        (await arrived(project, ask(from, { sticky }))).flatMap((one) => (one.kind === 'score' ? [one] : []));
      expect((await scores('user')).map(({ arm, value }) => `${arm} ${value}`).sort()).toEqual([
        'candidate 1',
        'incumbent 0.5',
      ]);
      expect(await scores('session')).toHaveLength(3);
      expect(await scores('request')).toHaveLength(3);
    });

    it('knows the traces of what the candidate did, the latest', async () => {
      const project = newProject();
      const from = startNs - 1_000n * ms;
      const [bad, good, other] = [
        call(project, 2, { userId: 'bob', status: 'error', cost: null }),
        call(project, 2, { userId: 'eve' }),
        call(project, 1, { userId: 'ann' }),
      ];
      await append([bad, good, other, call(project, 2, { userId: 'eve' })]);
      await rate(project, good, 0.25);
      await rate(project, other, 1);
      const answers = async (most: number) =>
        world.releases.answers(project, { ...ask(from, { sticky: 'user' }), most });
      const seen = (await answers(10)).map(
        ({ traceId, seen: one }) => `${traceId} ${one.kind} ${one.kind === 'pair' ? '' : one.arm}`,
      );
      const calls = [bad, good].map(({ traceId }) => `${traceId} call candidate`);
      expect(seen.sort()).toEqual([...calls, `${good.traceId} score candidate`].sort());
      expect((await answers(1)).filter(({ seen: { kind } }) => kind === 'call')).toHaveLength(1);
    });

    it('tells a score once its call is there too, and once', async () => {
      const project = newProject();
      const early = call(project, 2);
      await rate(project, early, 0.5);
      const before = await moment();
      const scoresIn = async (fromNs: bigint, untilNs: bigint) =>
        (await arrived(project, ask(fromNs, { untilNs }))).filter(({ kind }) => kind === 'score');
      expect(await scoresIn(startNs - 1_000n * ms, before)).toEqual([]);
      await append([early]);
      const after = (await world.releases.now()) + 1_000n * ms;
      expect(await scoresIn(before, after)).toEqual([{ kind: 'score', arm: 'candidate', name: 'good', value: 0.5 }]);
      expect(await scoresIn(after, after + ms)).toEqual([]);
    });

    it('knows what a version did lately', async () => {
      const project = newProject();
      const spans = [1n, 2n, 3n, 4n].map((n) => call(project, 1, { cost: costOf(n), endNs: startNs + n * ms }));
      await append([
        ...spans,
        call(project, 1, { status: 'error', cost: null, endNs: startNs + 900n * ms }),
        call(project, 2),
      ]);
      for (const [i, span] of spans.entries()) await rate(project, span, i / 4);
      const version = { model: 'bot', alias: 'production', version: 1, fromNs: startNs - ms };
      const known = await world.releases.history(project, version);
      expect(known).toMatchObject({
        ...{ calls: 5, cost: { meanNanoUsd: 2.5 } },
        scores: [{ name: 'good', count: 4, given: 4, mean: 0.375, least: 0, most: 0.75 }],
      });
      expect(Number(known.p95Ns)).toBeLessThanOrEqual(4e6);
      const empty = { calls: 0, p95Ns: null, cost: null, scores: [] };
      expect(await world.releases.history(project, { ...version, version: 7 })).toEqual(empty);
    });
  });
}
