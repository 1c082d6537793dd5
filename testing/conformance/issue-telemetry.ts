import type { IssueTelemetry, KeptOccurrence, ReleaseTelemetry, ScoreStore, SpanStore } from '@wheelhouse/core/ports';
import type { IssuePlace, ProjectId, Score, ScoreId, Span, TraceId } from '@wheelhouse/core/records';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bareSpan, freshTraceId, spanIdOf } from './sample-spans.ts';

type World = {
  spans: Pick<SpanStore, 'append'>;
  scores: Pick<ScoreStore, 'put'>;
  issues: IssueTelemetry;
  releases: Pick<ReleaseTelemetry, 'now'>;
  close(): Promise<void>;
};

const run = Math.floor(Math.random() * 2 ** 40).toString(36);
const ms = 1_000_000n;
let count = 0;

/** What every {@link IssueTelemetry} does. */
export function issueTelemetryConformance(name: string, open: () => Promise<World>): void {
  describe(`issue telemetry: ${name}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world.close());

    const nowMs = async () => Number((await world.releases.now()) / ms);
    const newProject = () => `issues-${run}-${++count}` as ProjectId;
    const append = (spans: Span[]) => world.spans.append(spans, `issues ${run} ${++count}`);
    const arrived = async (project: ProjectId, after: IssuePlace, ruled: string[] = []) => {
      const untilMs = (await nowMs()) + 1_000;
      const ask = { after, untilMs, limit: 10, badWhenTrue: ['escalated'], badBelow: 0.5, ruled };
      return world.issues.arrived(project, ask);
    };
    const span = (projectId: ProjectId, startNs: bigint, more: Partial<Span> = {}): Span => ({
      ...{ ...bareSpan(freshTraceId(), spanIdOf(1)), projectId, startNs, endNs: startNs + ms, status: 'ok', ...more },
    });
    const rate = async (project: ProjectId, traceId: TraceId, score: Pick<Score, 'name' | 'value' | 'source'>) =>
      world.scores.put(project, [
        {
          ...{ id: `sc_${run}_${++count}` as ScoreId, traceId, spanId: null, sessionId: null, comment: null },
          ...{ metadata: {}, createdAt: new Date(await nowMs()).toISOString(), ...score },
        },
      ]);

    it('finds traces that fail or are said to be bad, and no others, in the order in which they came', async () => {
      const project = newProject();
      const startNs = await world.releases.now();
      const start = { ms: (await nowMs()) - 1, id: '' };
      const failed = span(project, startNs, { status: 'error', statusMessage: 'no answer' });
      const [fine, disliked, liked, odd] = [1, 2, 3, 4].map(() => span(project, startNs)) as [Span, Span, Span, Span];
      const evaluated = span(project, startNs, {
        ...{ status: 'error', run: { runId: 'ev_1', exampleId: 'ex_1', repetition: 0 } },
      } as Partial<Span>);
      await append([failed, fine, disliked, liked, odd, evaluated]);
      await rate(project, disliked.traceId, { name: 'feedback', value: false, source: 'user' });
      await rate(project, liked.traceId, { name: 'feedback', value: true, source: 'user' });
      await rate(project, odd.traceId, { name: 'toxicity', value: 0.1, source: 'api' });
      const places = await arrived(project, start);
      expect(places.map(({ id }) => id).toSorted()).toEqual([failed.traceId, disliked.traceId].toSorted());
      expect(await arrived(project, places.at(-1) as IssuePlace)).toEqual([]);
      expect(await arrived(newProject(), start)).toEqual([]);
    });

    it('finds traces by any score of a name that a project judges itself, and says what came of each name', async () => {
      const project = newProject();
      const start = { ms: (await nowMs()) - 1, id: '' };
      const [rated, said, liked] = await Promise.all(
        [1, 2, 3].map(async () => span(project, await world.releases.now())),
      );
      if (!rated || !said || !liked) throw new Error('There are three.');
      await append([rated, said, liked]);
      await rate(project, rated.traceId, { name: 'stars', value: 2, source: 'api' });
      await rate(project, said.traceId, { name: 'tone', value: 'rude', source: 'human' });
      await rate(project, liked.traceId, { name: 'stars', value: 5, source: 'user' });
      await rate(project, liked.traceId, { name: 'feedback', value: true, source: 'user' });
      expect(await arrived(project, start)).toEqual([]);
      expect((await arrived(project, start, ['stars'])).map(({ id }) => id).toSorted()).toEqual(
        [rated.traceId, liked.traceId].toSorted(),
      );
      expect((await arrived(project, start, ['tone'])).map(({ id }) => id)).toEqual([said.traceId]);
      expect(await world.issues.seenScores(project, start.ms - 60_000)).toEqual([
        { name: 'stars', count: 2, truths: 0, judgedNumbers: 1, least: 2, most: 5, labels: [] },
        { name: 'feedback', count: 1, truths: 1, judgedNumbers: 0, least: null, most: null, labels: [] },
        { name: 'tone', count: 1, truths: 0, judgedNumbers: 0, least: null, most: null, labels: ['rude'] },
      ]);
    });

    it('reads what a trace says of how it failed', async () => {
      const project = newProject();
      const startNs = await world.releases.now();
      const top = span(project, startNs, { status: 'error', userId: 'ada', name: 'answer' });
      const inner: Span = {
        ...{ ...top, spanId: spanIdOf(2), parentSpanId: top.spanId, name: 'chat', statusMessage: 'no answer' },
        ...{ kind: 'generation', attributes: { 'error.type': 'Timeout' }, startNs: startNs + 1n, userId: null },
        ...{ model: { name: 'bot', version: 3, alias: 'production' }, finishReasons: ['content_filter'] },
      };
      await append([top, inner]);
      await rate(project, top.traceId, { name: 'feedback', value: false, source: 'user' });
      const [trace] = await world.issues.traces(project, [top.traceId]);
      expect(trace).toMatchObject({
        ...{ traceId: top.traceId, user: 'ada', isOurs: false },
        scores: [{ name: 'feedback', value: false, source: 'user' }],
        spans: [
          { spanId: top.spanId, parentSpanId: null, isError: true, version: null },
          {
            ...{ spanId: inner.spanId, isError: true, message: 'no answer', errorType: 'Timeout' },
            ...{ refusal: 'content_filter', version: { model: 'bot', number: 3 } },
          },
        ],
      });
    });

    it('keeps one occurrence of a trace and a key, and counts traces once, by issue and day', async () => {
      const project = newProject();
      const untilMs = Date.UTC(2026, 0, 10, 12);
      const day = 86_400_000;
      const kept = (daysAgo: number, groupId: string, more: Partial<KeptOccurrence> = {}): KeptOccurrence => ({
        ...{ traceId: freshTraceId(), spanId: null, key: 'error', groupId, atMs: untilMs - daysAgo * day },
        ...{ user: 'ada', version: { model: 'bot', number: 1 }, ...more },
      });
      const [a, b, c] = [kept(0, 'g1'), kept(1, 'g2', { user: 'bob' }), kept(30, 'g1')];
      await world.issues.put(project, [a, b, c], []);
      // Looked at again, and in another way.
      await world.issues.put(project, [a, { ...a, key: 'score:x', groupId: 'g2' }], []);
      const groups = ['g1', 'g2'].map((id) => ({ id, issueId: 'is_1' }));
      const counts = await world.issues.counts(project, groups, { days: 3, untilMs });
      expect([...counts]).toEqual([['is_1', { traces: 3, users: 2, days: [0, 1, 1] }]]);
      expect(await world.issues.versions(project, ['g1'])).toEqual([{ model: 'bot', number: 1, traces: 2 }]);
      const first = await world.issues.occurrences(project, ['g1', 'g2'], { limit: 2 });
      expect(first.data.map(({ traceId }) => traceId)).toEqual([a.traceId, b.traceId]);
      const rest = await world.issues.occurrences(project, ['g1', 'g2'], { limit: 2, cursor: first.next ?? '' });
      expect([rest.data.map(({ traceId }) => traceId), rest.next]).toEqual([[c.traceId], null]);
      expect((await world.issues.kept(project, [a.traceId])).map(({ key }) => key).toSorted()).toEqual([
        ...['error', 'score:x'],
      ]);
      await world.issues.put(project, [], [a]);
      expect((await world.issues.counts(project, groups, { days: 3, untilMs })).get('is_1')?.traces).toBe(3);
      await world.issues.put(project, [], [{ ...a, key: 'score:x' }]);
      expect((await world.issues.counts(project, groups, { days: 3, untilMs })).get('is_1')?.traces).toBe(2);
    });
  });
}
