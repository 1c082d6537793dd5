import type { AuditStore, RenormalizationStore, SpanFragments, SpanStore } from '@wheelhouse/core/ports';
import { defaultProjectId, type ProjectId, type Span } from '@wheelhouse/core/records';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entriesSince, newestId } from './audit-store.ts';
import { bareSpan, freshTraceId, noonNs, says, spanIdOf } from './sample-spans.ts';

type World = { renormalizations: RenormalizationStore; audit: AuditStore; close(): Promise<void> };

const project = defaultProjectId;
const by = { project, actor: 'ada' };
const elsewhere = 'elsewhere' as ProjectId;
const run = Date.now().toString(36);
let count = 0;

/** What every {@link RenormalizationStore} does. */
export function renormalizationStoreConformance(name: string, open: () => Promise<World>): void {
  describe(`renormalization store: ${name}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world.close());
    const period = { from: '2026-03-01T00:00:00.000Z', until: '2026-04-01T00:00:00.000Z', normalizer: 3 };
    const create = () => {
      const id = `rn_${run}_${String(++count).padStart(6, '0')}`;
      return world.renormalizations.create(by, { id, ...period, total: 5 });
    };
    const progress = (done: number) => ({ done, changed: 1, after: `place ${done}` });

    it('begins with nothing done, and is listed newest first', async () => {
      const [first, second] = [await create(), await create()];
      expect(first).toMatchObject({
        ...{ ...period, status: 'queued', error: null, total: 5, requestedBy: 'ada', finishedAt: null },
        progress: { done: 0, changed: 0, after: null },
      });
      expect(await world.renormalizations.get(project, first.id)).toEqual(first);
      expect(await world.renormalizations.get(elsewhere, first.id)).toBeNull();
      const page = await world.renormalizations.list(project, { limit: 2 });
      expect(page.map(({ id }) => id)).toEqual([second.id, first.id]);
      expect(await world.renormalizations.list(project, { limit: 1, before: second.id })).toEqual([first]);
    });

    it('says how far it is, until it ends', async () => {
      const { id } = await create();
      expect(await world.renormalizations.advance(id, progress(3))).toBe(true);
      expect(await world.renormalizations.get(project, id)).toMatchObject({ status: 'running', progress: progress(3) });
      await world.renormalizations.finish(id, 'failed', 'because');
      expect(await world.renormalizations.advance(id, progress(4))).toBe(false);
      await world.renormalizations.finish(id, 'completed');
      expect(await world.renormalizations.get(project, id)).toMatchObject({
        ...{ status: 'failed', error: 'because', progress: progress(3), finishedAt: expect.any(String) },
      });
    });

    it('is cancelled once, by somebody, and not after its end', async () => {
      const [{ id }, ended] = [await create(), await create()];
      await world.renormalizations.finish(ended.id, 'completed');
      const marker = await newestId(world.audit);
      expect(await world.renormalizations.cancel(by, id)).toMatchObject({ status: 'cancelled' });
      expect(await world.renormalizations.cancel(by, id)).toMatchObject({ status: 'cancelled' });
      expect(await world.renormalizations.cancel(by, ended.id)).toMatchObject({ status: 'completed' });
      expect(await world.renormalizations.advance(id, progress(1))).toBe(false);
      expect(await entriesSince(world.audit, marker)).toMatchObject([
        { action: 'renormalization.cancel', subject: id },
      ]);
      await expect(world.renormalizations.cancel(by, 'rn_none')).rejects.toMatchObject({ code: 'not_found' });
    });
  });
}

type Fragments = { fragments: SpanFragments; spans: Pick<SpanStore, 'append'>; close(): Promise<void> };

/** What every {@link SpanFragments} does. */
export function spanFragmentsConformance(name: string, open: () => Promise<Fragments>): void {
  describe(`span fragments: ${name}`, () => {
    let world: Fragments;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world.close());
    const which = {
      from: new Date(Number(noonNs / 1_000_000n) - 1000).toISOString(),
      until: new Date(Number(noonNs / 1_000_000n) + 7_200_000).toISOString(),
      normalizer: 3,
      dialects: ['otel'],
    };
    const text = 'A text that is long enough to be stored apart from the span that it stands in. '.repeat(5);
    const events = ['b', 'a', 'a'].map((one, i) => ({
      name: one,
      timeNs: noonNs + BigInt(3 - i),
      attributes: { text },
    }));
    const append = (...spans: Span[]) => world.spans.append(spans, `fragments-${freshTraceId()}`);
    async function readAll(project: ProjectId, limit = 2): Promise<Span[]> {
      const all: Span[] = [];
      for (let after: string | null = null; ; ) {
        const page = await world.fragments.page(project, which, { after, limit });
        all.push(...page.fragments);
        if (page.next === null) return all;
        after = page.next;
      }
    }
    const inOrder = (spans: Span[]) =>
      spans.toSorted((a, b) => (`${a.traceId}${a.spanId}${a.userId}` < `${b.traceId}${b.spanId}${b.userId}` ? -1 : 1));

    it('gives what older normalisers read, whole, each report once, and nothing that was read again', async () => {
      const own = `fragments-${freshTraceId()}` as ProjectId;
      const span = (n: number, more: Partial<Span> = {}) =>
        bareSpan(freshTraceId(), spanIdOf(n), {
          projectId: own,
          attributes: { n, text },
          userId: `user ${n}`,
          input: says('user', text),
          normalizer: 2,
          ...more,
        });
      const stale = [span(1), span(2, { events, endNs: noonNs + 9n, reportedNs: 5n }), span(3, { normalizer: 1 })];
      const [first] = stale as [Span, ...Span[]];
      const begun = { ...first, attributes: { begun: true }, userId: 'when it began' };
      const others = [
        span(4, { normalizer: 3 }),
        span(5, { attributes: {} }),
        span(6, { dialect: 'gateway' }),
        span(7, { startNs: noonNs + 7_300_000_000_000n }),
        span(8, { projectId: `${own}-other` as ProjectId }),
      ];
      await append(...stale, begun, ...others);
      await append(...stale);
      expect(await world.fragments.count(own, which)).toBe(4);
      const found = inOrder(await readAll(own));
      const sorted = (one: Span) => ({ ...one, events: one.events.map(({ name: of }) => of).sort() });
      expect(found.map(sorted)).toMatchObject(inOrder([...stale, begun]).map(({ events: _, ...rest }) => rest));
      await append(...found.map((one): Span => ({ ...one, userId: 'anew', normalizer: 3, readAnew: true })));
      expect(await world.fragments.count(own, which)).toBe(0);
      // An exporter sends it again, through a server that still has the older one.
      await append(first);
      expect(await readAll(own)).toEqual([]);
    });
  });
}
