import type { AuditStore, ModelStore, PriceStore, RepricingStore } from '@wheelhouse/core/ports';
import { defaultProjectId, type Period, type RepricingProgress } from '@wheelhouse/core/records';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entriesSince, newestId } from './audit-store.ts';

type World = {
  audit: AuditStore;
  models: Pick<ModelStore, 'changeCounter'>;
  prices: PriceStore;
  repricings: RepricingStore;
  close(): Promise<void>;
};

const project = defaultProjectId;
const elsewhere = 'elsewhere' as typeof project;
const by = { project, actor: 'ada' };
let count = 0;
const idOf = (prefix: string) => `${prefix}_${String(++count).padStart(9, '0')}`;

const newPrice = () => ({
  id: idOf('price'),
  ...{ provider: 'openai', model: 'gpt-9*', serviceTier: 'batch', validFrom: '2026-02-01T00:00:00.000Z' },
  perMillion: { inputUncached: 12_500_000n, outputText: 2n ** 60n },
  tiers: [{ aboveInputTokens: 200_000, perMillion: { inputUncached: 25_000_000n } }],
  source: 'contract of 2026',
});

const period: Period = {
  from: '2026-01-01T00:00:00.000Z',
  until: '2026-02-01T00:00:00.000Z',
  provider: null,
  model: 'gpt-9*',
};

const progress = (done: number): RepricingProgress => ({
  ...{ done, changed: 1, unpriced: 0, after: 'a|b|c' },
  ...{ beforeNanoUsd: 2n ** 62n, afterNanoUsd: 1n },
});

/** What every {@link PriceStore} and {@link RepricingStore} does. */
export function priceStoreConformance(name: string, open: () => Promise<World>): void {
  describe(`price store: ${name}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world.close());

    it('keeps a price exactly, with who set it, and tells the replicas', async () => {
      const [marker, before] = [await newestId(world.audit), await world.models.changeCounter()];
      const price = newPrice();
      const created = await world.prices.create(by, price);
      expect(created).toEqual({
        ...price,
        ...{ validUntil: null, createdBy: 'ada', endedBy: null, createdAt: expect.any(String) },
      });
      expect((await world.prices.list(project)).find(({ id }) => id === price.id)).toEqual(created);
      expect(await world.models.changeCounter()).toBeGreaterThan(before);
      expect(await entriesSince(world.audit, marker)).toMatchObject([
        { action: 'price.create', subject: price.id, actor: 'ada', detail: { source: 'contract of 2026' } },
      ]);
    });

    it('keeps a price for ordinary calls, since ever, without tiers', async () => {
      const { tiers: _, ...price } = { ...newPrice(), serviceTier: null, validFrom: null };
      expect(await world.prices.create(by, price)).toMatchObject({ serviceTier: null, validFrom: null });
      const [newest] = await world.prices.list(project);
      expect(newest).toMatchObject({ id: price.id });
      expect(newest && 'tiers' in newest).toBe(false);
    });

    it('ends a price once, and keeps it', async () => {
      const { id } = await world.prices.create(by, newPrice());
      const [marker, before] = [await newestId(world.audit), await world.models.changeCounter()];
      const at = '2026-03-01T00:00:00.000Z';
      expect(await world.prices.end({ ...by, actor: 'eve' }, id, at)).toMatchObject({ validUntil: at, endedBy: 'eve' });
      expect((await world.prices.list(project)).find((one) => one.id === id)).toMatchObject({ validUntil: at });
      expect(await world.models.changeCounter()).toBeGreaterThan(before);
      expect(await entriesSince(world.audit, marker)).toMatchObject([{ action: 'price.end', subject: id }]);
      await expect(world.prices.end(by, id, at)).rejects.toMatchObject({ code: 'conflict' });
      await expect(world.prices.end(by, 'price_none', at)).rejects.toMatchObject({ code: 'not_found' });
      const other = world.prices.end({ ...by, project: elsewhere }, id, at);
      await expect(other).rejects.toMatchObject({ code: 'not_found' });
    });

    it('lists prices newest first, of the project alone', async () => {
      const ids = [];
      for (let i = 0; i < 3; i++) ids.push((await world.prices.create(by, newPrice())).id);
      expect((await world.prices.list(project)).slice(0, 3).map(({ id }) => id)).toEqual(ids.toReversed());
      expect(await world.prices.list(elsewhere)).toEqual([]);
    });
  });

  describe(`re-pricing store: ${name}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world.close());
    const create = () => world.repricings.create(by, { id: idOf('rp'), period, total: 5 });

    it('begins with nothing done, and numbers grow', async () => {
      const [first, second] = [await create(), await create()];
      expect(first).toMatchObject({
        ...{ period, status: 'queued', error: null, total: 5, requestedBy: 'ada', finishedAt: null },
        progress: { done: 0, changed: 0, unpriced: 0, beforeNanoUsd: 0n, afterNanoUsd: 0n, after: null },
      });
      expect(second.number).toBeGreaterThan(first.number);
      expect(await world.repricings.get(project, first.id)).toEqual(first);
      expect(await world.repricings.get(elsewhere, first.id)).toBeNull();
      const page = await world.repricings.list(project, { limit: 2 });
      expect(page.map(({ id }) => id)).toEqual([second.id, first.id]);
      expect((await world.repricings.list(project, { limit: 1, before: second.id })).map(({ id }) => id)).toEqual([
        first.id,
      ]);
    });

    it('says how far it is, until it ends', async () => {
      const { id } = await create();
      expect(await world.repricings.advance(id, progress(3))).toBe(true);
      expect(await world.repricings.get(project, id)).toMatchObject({ status: 'running', progress: progress(3) });
      await world.repricings.finish(id, 'completed');
      expect(await world.repricings.advance(id, progress(4))).toBe(false);
      await world.repricings.finish(id, 'failed', 'too late');
      expect(await world.repricings.get(project, id)).toMatchObject({
        ...{ status: 'completed', error: null, progress: progress(3), finishedAt: expect.any(String) },
      });
    });

    it('fails with a reason', async () => {
      const { id } = await create();
      await world.repricings.finish(id, 'failed', 'because');
      expect(await world.repricings.get(project, id)).toMatchObject({ status: 'failed', error: 'because' });
    });

    it('is cancelled once, by somebody, and not after its end', async () => {
      const [{ id }, ended] = [await create(), await create()];
      await world.repricings.finish(ended.id, 'completed');
      const marker = await newestId(world.audit);
      expect(await world.repricings.cancel(by, id)).toMatchObject({ status: 'cancelled' });
      expect(await world.repricings.cancel(by, id)).toMatchObject({ status: 'cancelled' });
      expect(await world.repricings.cancel(by, ended.id)).toMatchObject({ status: 'completed' });
      expect(await world.repricings.advance(id, progress(1))).toBe(false);
      expect(await entriesSince(world.audit, marker)).toMatchObject([{ action: 'repricing.cancel', subject: id }]);
      await expect(world.repricings.cancel(by, 'rp_none')).rejects.toMatchObject({ code: 'not_found' });
    });
  });
}
