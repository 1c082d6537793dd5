import type { AuditStore, FeedbackKeyStore, NewReviewItem, NewReviewLabel, ReviewStore } from '@wheelhouse/core/ports';
import {
  type Actor,
  defaultProjectId,
  type EvaluationId,
  type ExampleId,
  type FeedbackKeyId,
  type ProjectId,
  type ReviewDraw,
  type ReviewField,
  type ReviewQueueId,
  type RunId,
  type TraceId,
} from '@wheelhouse/core/records';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entriesSince, newestId } from './audit-store.ts';

type World = { review: ReviewStore; feedbackKeys: FeedbackKeyStore; audit: AuditStore; close(): Promise<void> };

const project = defaultProjectId;
const elsewhere = 'elsewhere' as ProjectId;
const who = (actor: string): Actor => ({ project, actor });
const [ada, bob, eve] = [who('ada'), who('bob'), who('eve')];
const start = Date.UTC(2026, 0, 1);
const leaseMs = 60_000;
let count = 0;

const form: ReviewField[] = [
  { name: 'good', label: 'Is it good?', required: true, kind: 'boolean' },
  { name: 'tone', label: 'Tone', required: false, kind: 'number', low: 1, high: 5 },
];
const newTrace = () => (++count).toString(16).padStart(32, 'e') as TraceId;
const onTrace = (traceId: TraceId): NewReviewItem => ({
  target: { kind: 'trace', traceId },
  ...{ traceId, otherTraceId: null, reason: null, probability: null },
});
const pair = (left: string, right: string, traces: [TraceId, TraceId]): NewReviewItem => ({
  target: {
    ...{ kind: 'pair', evaluationId: 'ev_1' as EvaluationId, left: left as RunId, right: right as RunId },
    ...{ exampleId: 'ex_1' as ExampleId, repetition: 0 },
  },
  ...{ traceId: traces[0], otherTraceId: traces[1], reason: null, probability: null },
});
const cell = (exampleId: string, probability: number | null): NewReviewItem => ({
  target: {
    ...{ kind: 'cell', evaluationId: 'ev_1' as EvaluationId, runId: 'run_1' as RunId },
    ...{ exampleId: exampleId as ExampleId, repetition: 0 },
  },
  ...{ traceId: null, otherTraceId: null, reason: 'drawn', probability },
});
const said = (good: boolean, more: object = {}) => ({
  ...{ decides: false, skipped: false, answers: { good }, comment: null, ...more },
});
const skipped = { decides: false, skipped: true, answers: {}, comment: null };

/** What every {@link ReviewStore} and every {@link FeedbackKeyStore} does. */
export function reviewStoreConformance(name: string, open: () => Promise<World>): void {
  describe(`review store: ${name}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world.close());

    const id = () => `rq_${name}_${++count}` as ReviewQueueId;
    async function filled(items: number, of: { overlap?: number } = {}) {
      const queue = `queue-${++count}`;
      const overlap = of.overlap ?? 1;
      await world.review.create(ada, { id: id(), name: queue, instructions: '', form, blind: true, overlap });
      const traces = Array.from({ length: items }, newTrace);
      await world.review.addItems(ada, queue, traces.map(onTrace));
      return { queue, traces };
    }
    const take = async (by: Actor, queue: string, ms = 0, of: 'open' | 'disputed' = 'open') =>
      (await world.review.take(by, queue, { of, nowMs: start + ms, leaseMs }))?.item.number ?? null;
    const label = (by: Actor, queue: string, item: number, what: NewReviewLabel, ms = 0) =>
      world.review.label(by, queue, item, what, start + ms);

    it('keeps queues of a project by name, in the audit log too', async () => {
      const marker = await newestId(world.audit);
      const { queue, traces } = await filled(2, { overlap: 2 });
      const found = await world.review.get(project, queue);
      expect(found).toMatchObject({ name: queue, form, blind: true, overlap: 2, draw: null, createdBy: 'ada' });
      expect(found?.items).toEqual({ open: 2, disputed: 0, done: 0 });
      expect(await world.review.list(project)).toContainEqual(found);
      expect(await world.review.get(elsewhere, queue)).toBeNull();
      const again = { id: id(), name: queue, instructions: '', form, blind: true, overlap: 1 };
      await expect(world.review.create(ada, again)).rejects.toMatchObject({ code: 'conflict' });
      expect(await world.review.addItems(ada, queue, traces.map(onTrace))).toBe(0);
      await expect(world.review.addItems(ada, 'nowhere', [])).rejects.toMatchObject({ code: 'not_found' });
      await expect(world.review.items(elsewhere, queue, { limit: 1, after: 0 })).rejects.toMatchObject({
        code: 'not_found',
      });
      expect(await world.review.remove({ ...ada, project: elsewhere }, queue)).toBe(false);
      expect(await world.review.remove(ada, queue)).toBe(true);
      expect(await world.review.remove(ada, queue)).toBe(false);
      const detail = { fields: ['good', 'tone'], blind: true, overlap: 2 };
      expect(await entriesSince(world.audit, marker)).toMatchObject([
        { action: 'review.create', subject: queue, detail },
        { action: 'review.fill', subject: queue, detail: { added: 2 } },
        { action: 'review.remove', subject: queue },
      ]);
    });

    it('gives an item to one person at a time, until the lease lapses', async () => {
      const { queue } = await filled(2);
      expect(await take(ada, queue)).toBe(1);
      expect(await take(bob, queue)).toBe(2);
      expect(await take(eve, queue)).toBeNull();
      expect(await take(ada, queue, 1_000)).toBe(1);
      expect(await take(eve, queue, leaseMs)).toBe(2);
      expect(await take(bob, queue, leaseMs + 1_000)).toBe(1);
    });

    it('gives items to as many people at once as are wanted, and each person one item once', async () => {
      const { queue } = await filled(6, { overlap: 2 });
      const people = Array.from({ length: 4 }, (_, i) => who(`rater-${i}`));
      const taken: (readonly [string, number])[] = [];
      for (let round = 0; round < 3; round++) {
        const numbers = await Promise.all(people.map((by) => take(by, queue)));
        for (const [i, number] of numbers.entries()) {
          const by = people[i];
          if (by === undefined || number === null) continue;
          taken.push([by.actor, number]);
          await label(by, queue, number, said(true));
        }
      }
      expect(new Set(taken.map(String)).size).toBe(12);
      for (let item = 1; item <= 6; item++) expect(taken.filter(([, number]) => number === item)).toHaveLength(2);
      expect((await world.review.get(project, queue))?.items).toEqual({ open: 0, disputed: 0, done: 6 });
    });

    it('keeps who said what, when and how long it took, and takes it back', async () => {
      const { queue, traces } = await filled(1);
      await take(ada, queue);
      const { item, before } = await label(ada, queue, 1, said(true, { comment: 'fine' }), 7_500);
      expect({ item, before }).toMatchObject({ item: { state: 'done', traceId: traces[0] }, before: null });
      const at = new Date(start + 7_500).toISOString();
      const first = { ...said(true, { comment: 'fine' }), item: 1, rater: 'ada', seconds: 7.5, at };
      expect((await world.review.item(project, queue, 1))?.labels).toEqual([first]);
      const other = await label(ada, queue, 1, said(false), 9_000);
      expect(other).toMatchObject({ before: first, label: { answers: { good: false }, seconds: 7.5 } });
      const taken = await world.review.unlabel(ada, queue, 1, { nowMs: start + 10_000, leaseMs });
      expect(taken).toMatchObject({ item: { state: 'open' }, label: { answers: { good: false } } });
      expect(await world.review.unlabel(ada, queue, 1, { nowMs: start, leaseMs })).toBeNull();
      expect(await take(bob, queue, 11_000)).toBeNull();
      expect(await take(ada, queue, 11_000)).toBe(1);
      await expect(label(ada, queue, 2, said(true))).rejects.toMatchObject({ code: 'not_found' });
      expect(await world.review.item(project, queue, 2)).toBeNull();
    });

    it('offers what somebody skipped to others alone', async () => {
      const { queue } = await filled(2);
      await take(ada, queue);
      await label(ada, queue, 1, skipped);
      expect(await take(ada, queue)).toBe(2);
      expect(await take(bob, queue)).toBe(1);
    });

    it('finds what people disagree about, until somebody decides', async () => {
      const { queue } = await filled(3, { overlap: 2 });
      for (const [item, ...answers] of [
        [1, { good: true, tone: 1 }, { good: true, tone: 2 }],
        [2, { good: true }, { good: false }],
        [3, { good: true, tone: 1 }, { good: true, tone: 3 }],
      ] as const)
        for (const [i, by] of [ada, bob].entries()) {
          const { good, ...more } = answers[i] as { good: boolean };
          await label(by, queue, item, said(good, { answers: { good, ...more } }));
        }
      const disputed = await world.review.items(project, queue, { limit: 10, after: 0, state: 'disputed' });
      expect(disputed.map(({ item, labels }) => [item.number, labels.length])).toEqual([
        [2, 2],
        [3, 2],
      ]);
      expect(await take(eve, queue)).toBeNull();
      expect(await take(eve, queue, 0, 'disputed')).toBe(2);
      expect(await take(ada, queue, 0, 'disputed')).toBe(3);
      const decided = await label(eve, queue, 2, said(false, { decides: true }));
      expect(decided.item.state).toBe('done');
      const other = await label(ada, queue, 2, said(true, { decides: true }));
      expect(other.before).toMatchObject({ rater: 'eve', decides: true });
      const found = await world.review.item(project, queue, 2);
      expect(found?.labels.filter(({ decides }) => decides)).toMatchObject([{ rater: 'ada', answers: { good: true } }]);
      expect(found?.labels).toHaveLength(3);
    });

    it('keeps with which probability rows were drawn, and in one way alone', async () => {
      const { queue } = await filled(0);
      const draw: ReviewDraw = {
        ...{ evaluationId: 'ev_1' as EvaluationId, runs: ['run_1' as RunId], measure: 'judge' },
        ...{ pick: 'doubt', rows: 9, count: 2, seed: 7 },
      };
      expect(await world.review.addItems(ada, queue, [cell('a', 0.1), cell('b', 0.2)], draw)).toBe(2);
      const more = [cell('a', 0.3), cell('b', 0.4), cell('c', 1)];
      expect(await world.review.addItems(ada, queue, more, { ...draw, count: 3 })).toBe(1);
      await world.review.addItems(ada, queue, [cell('b', null)]);
      expect((await world.review.get(project, queue))?.draw).toEqual({ ...draw, count: 3 });
      const items = await world.review.items(project, queue, { limit: 2, after: 1 });
      expect(items.map(({ item }) => item)).toMatchObject([
        { number: 2, probability: 0.4, reason: 'drawn' },
        { number: 3, probability: 1, target: cell('c', 1).target },
      ]);
      const evenly = world.review.addItems(ada, queue, [], { ...draw, pick: 'evenly' });
      await expect(evenly).rejects.toMatchObject({ code: 'conflict' });
    });

    it('erases what was said of a trace, and nothing else', async () => {
      const { queue, traces } = await filled(2);
      await label(ada, queue, 1, said(true));
      const [gone] = traces as [TraceId];
      await world.review.eraseOn(elsewhere, [gone]);
      expect(await world.review.item(project, queue, 1)).not.toBeNull();
      for (let times = 0; times < 2; times++) await world.review.eraseOn(project, [gone]);
      const left = await world.review.items(project, queue, { limit: 10, after: 0 });
      expect(left.map(({ item }) => item.number)).toEqual([2]);
      await world.review.addItems(ada, queue, [onTrace(newTrace())]);
      expect(
        (await world.review.items(project, queue, { limit: 10, after: 2 })).map(({ item }) => item.number),
      ).toEqual([3]);
    });

    it('takes two answers as one pair, whichever stands left, and forgets it with either trace', async () => {
      const { queue } = await filled(0);
      const [one, other] = [newTrace(), newTrace()];
      expect(await world.review.addItems(ada, queue, [pair('run_1', 'run_2', [one, other])])).toBe(1);
      expect(await world.review.addItems(ada, queue, [pair('run_2', 'run_1', [other, one])])).toBe(0);
      expect((await world.review.item(project, queue, 1))?.item).toMatchObject({
        target: { kind: 'pair', left: 'run_1', right: 'run_2' },
        ...{ traceId: one, otherTraceId: other },
      });
      await world.review.eraseOn(project, [other]);
      expect(await world.review.item(project, queue, 1)).toBeNull();
    });

    it('keeps what feeds a queue, until nothing does', async () => {
      const { queue } = await filled(1);
      const ruled = async () => (await world.review.ruled()).filter((one) => one.queue.name === queue);
      const marker = await newestId(world.audit);
      const rule = { q: 'score.good:false', sample: 0.5 };
      expect(await world.review.setRule(ada, queue, rule)).toMatchObject({ rule, items: { open: 1 } });
      expect(await ruled()).toMatchObject([{ project, queue: { rule } }]);
      await expect(world.review.setRule({ ...ada, project: elsewhere }, queue, rule)).rejects.toMatchObject({
        code: 'not_found',
      });
      expect((await world.review.setRule(ada, queue, null)).rule).toBeNull();
      expect(await ruled()).toEqual([]);
      expect(await entriesSince(world.audit, marker)).toMatchObject([
        { action: 'review.rule', subject: queue, detail: { rule } },
        { action: 'review.rule', detail: { rule: null } },
      ]);
    });

    it('keeps public keys until they are revoked', async () => {
      const key = { id: `fk_${name}_${++count}` as FeedbackKeyId, name: 'shop', key: `pk_${name}_${count}` };
      const marker = await newestId(world.audit);
      const made = await world.feedbackKeys.create(ada, { ...key, scores: ['thumbs'], origins: ['https://a.example'] });
      expect(made).toMatchObject({ ...key, scores: ['thumbs'], origins: ['https://a.example'], revokedAt: null });
      expect(await world.feedbackKeys.active()).toContainEqual({ ...made, project });
      expect((await world.feedbackKeys.list(project))[0]).toEqual(made);
      expect(await world.feedbackKeys.list(elsewhere)).toEqual([]);
      expect(await world.feedbackKeys.revoke({ ...ada, project: elsewhere }, key.id)).toBeNull();
      const revoked = await world.feedbackKeys.revoke(ada, key.id);
      expect(revoked?.revokedAt).not.toBeNull();
      expect(await world.feedbackKeys.revoke(bob, key.id)).toEqual(revoked);
      expect((await world.feedbackKeys.active()).map(({ id }) => id)).not.toContain(key.id);
      expect(await entriesSince(world.audit, marker)).toMatchObject([
        { action: 'feedback_key.create', subject: key.id },
        { action: 'feedback_key.revoke', subject: key.id, detail: { name: 'shop' } },
      ]);
    });
  });
}
