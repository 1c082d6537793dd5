import type { PriceStore, RepricingStore } from '@wheelhouse/core/ports';
import { type Price, type Repricing, type RepricingProgress, WheelhouseError } from '@wheelhouse/core/records';
import type { Selectable } from 'kysely';
import type { Database, Db, RatesJson } from './database.ts';
import { inTransaction } from './in-transaction.ts';
import { recordChange } from './record-change.ts';
import { createTaskRows, found } from './task-rows.ts';

const parseRates = (rates: RatesJson): Price['perMillion'] =>
  Object.fromEntries(Object.entries(rates).map(([bucket, rate]) => [bucket, BigInt(rate)]));
const printRates = (rates: Price['perMillion']): RatesJson =>
  Object.fromEntries(Object.entries(rates).map(([bucket, rate]) => [bucket, String(rate)]));

function toPrice(row: Selectable<Database['prices']>): Price {
  return {
    id: row.id,
    provider: row.provider,
    model: row.model,
    serviceTier: row.service_tier,
    validFrom: row.valid_from?.toISOString() ?? null,
    validUntil: row.valid_until?.toISOString() ?? null,
    perMillion: parseRates(row.per_million),
    ...(row.tiers.length > 0 && {
      tiers: row.tiers.map(({ aboveInputTokens, perMillion }) => ({
        aboveInputTokens,
        perMillion: parseRates(perMillion),
      })),
    }),
    source: row.source,
    createdBy: row.created_by,
    createdAt: row.created_at.toISOString(),
    endedBy: row.ended_by,
  };
}

export function createPriceStore(db: Db): PriceStore {
  return {
    create: (by, price) =>
      inTransaction(db, async (tx) => {
        const perMillion = printRates(price.perMillion);
        const tiers = (price.tiers ?? []).map((tier) => ({ ...tier, perMillion: printRates(tier.perMillion) }));
        const row = await tx
          .insertInto('prices')
          .values({
            id: price.id,
            project_id: by.project,
            provider: price.provider,
            model: price.model,
            service_tier: price.serviceTier,
            valid_from: price.validFrom,
            per_million: JSON.stringify(perMillion),
            tiers: JSON.stringify(tiers),
            source: price.source,
            created_by: by.actor,
          })
          .returningAll()
          .executeTakeFirstOrThrow();
        const { provider, model, serviceTier, validFrom, source } = price;
        await recordChange(tx, by, {
          action: 'price.create',
          subject: price.id,
          detail: { provider, model, serviceTier, validFrom, perMillion, tiers, source },
        });
        return toPrice(row);
      }),

    end: (by, id, at) =>
      inTransaction(db, async (tx) => {
        const row = await tx
          .selectFrom('prices')
          .selectAll()
          .where('project_id', '=', by.project)
          .where('id', '=', id)
          .forUpdate()
          .executeTakeFirst();
        if (!row)
          throw new WheelhouseError('not_found', `There is no own price ${id}.`, {
            hint: 'GET /api/v1/prices?origin=own lists them; a price of the catalogue is overridden, not ended.',
          });
        if (row.valid_until !== null)
          throw new WheelhouseError('conflict', `The price ${id} ends ${row.valid_until.toISOString()} already.`);
        const ended = await tx
          .updateTable('prices')
          .set({ valid_until: at, ended_by: by.actor })
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirstOrThrow();
        await recordChange(tx, by, {
          action: 'price.end',
          subject: id,
          detail: { before: { until: null }, after: { until: at } },
        });
        return toPrice(ended);
      }),

    async list(project) {
      const rows = await db
        .selectFrom('prices')
        .selectAll()
        .where('project_id', '=', project)
        .orderBy('id', 'desc')
        .execute();
      return rows.map(toPrice);
    },
  };
}

function toRepricing(row: Selectable<Database['repricings']>): Repricing {
  const { beforeNanoUsd, afterNanoUsd, ...progress } = row.progress;
  return {
    id: row.id,
    number: Number(row.number),
    period: row.period,
    status: row.status,
    error: row.error,
    total: row.total,
    progress: { ...progress, beforeNanoUsd: BigInt(beforeNanoUsd), afterNanoUsd: BigInt(afterNanoUsd) },
    requestedBy: row.requested_by,
    requestedAt: row.requested_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
  };
}

const printProgress = (progress: RepricingProgress): string =>
  JSON.stringify(progress, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
const nothingDone: RepricingProgress = {
  done: 0,
  changed: 0,
  unpriced: 0,
  beforeNanoUsd: 0n,
  afterNanoUsd: 0n,
  after: null,
};

export function createRepricingStore(db: Db): RepricingStore {
  const rows = createTaskRows(db, { table: 'repricings', noun: 'repricing', toTask: toRepricing, printProgress });
  return {
    ...rows,

    create: (by, { id, period, total }) =>
      inTransaction(db, async (tx) => {
        const row = await tx
          .insertInto('repricings')
          .values({
            id,
            project_id: by.project,
            period: JSON.stringify(period),
            total,
            progress: printProgress(nothingDone),
            requested_by: by.actor,
          })
          .returningAll()
          .executeTakeFirstOrThrow();
        await recordChange(tx, by, { action: 'repricing.create', subject: id, detail: { ...period, calls: total } });
        return toRepricing(row);
      }),

    cancel: async (by, id) => found(await rows.cancel(by, id), `There is no re-pricing ${id}.`),
  };
}
