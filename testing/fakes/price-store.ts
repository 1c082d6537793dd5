import type { PriceStore, RepricingStore } from '@wheelhouse/core/ports';
import { type Price, type ProjectId, type Repricing, WheelhouseError } from '@wheelhouse/core/records';
import type { FakeAuditStore } from './audit-store.ts';

export function fakePriceStore(audit: FakeAuditStore): PriceStore {
  const prices: { project: ProjectId; price: Price }[] = [];
  return {
    async create(by, price) {
      const created = { ...price, validUntil: null, createdBy: by.actor, createdAt: audit.now(), endedBy: null };
      prices.unshift({ project: by.project, price: created });
      const { provider, model, serviceTier, validFrom, source } = price;
      audit.record(by, {
        action: 'price.create',
        subject: price.id,
        detail: { provider, model, serviceTier, validFrom, source },
      });
      return { ...created };
    },
    async end(by, id, at) {
      const found = prices.find((one) => one.project === by.project && one.price.id === id)?.price;
      if (!found) throw new WheelhouseError('not_found', `There is no own price ${id}.`);
      if (found.validUntil !== null) throw new WheelhouseError('conflict', `The price ${id} has ended already.`);
      Object.assign(found, { validUntil: new Date(at).toISOString(), endedBy: by.actor });
      audit.record(by, { action: 'price.end', subject: id, detail: { before: { until: null }, after: { until: at } } });
      return { ...found };
    },
    list: async (project) => prices.filter((one) => one.project === project).map(({ price }) => ({ ...price })),
  };
}

const hasEnded = ({ finishedAt }: Repricing) => finishedAt !== null;

export function fakeRepricingStore(audit: FakeAuditStore): RepricingStore {
  const repricings: { project: ProjectId; repricing: Repricing }[] = [];
  const find = (id: string, project?: ProjectId) =>
    repricings.find((one) => one.repricing.id === id && (project === undefined || one.project === project))?.repricing;
  return {
    async create(by, { id, period, total }) {
      const repricing: Repricing = {
        ...{ id, number: repricings.length + 1, period, status: 'queued', error: null, total },
        progress: { done: 0, changed: 0, unpriced: 0, beforeNanoUsd: 0n, afterNanoUsd: 0n, after: null },
        ...{ requestedBy: by.actor, requestedAt: audit.now(), finishedAt: null },
      };
      repricings.unshift({ project: by.project, repricing });
      audit.record(by, { action: 'repricing.create', subject: id, detail: { ...period, calls: total } });
      return structuredClone(repricing);
    },
    get: async (project, id) => structuredClone(find(id, project) ?? null),
    list: async (project, { limit, before }) =>
      repricings
        .filter((one) => one.project === project && (before === undefined || one.repricing.id < before))
        .slice(0, limit)
        .map(({ repricing }) => structuredClone(repricing)),
    async advance(id, progress) {
      const found = find(id);
      if (!found || hasEnded(found)) return false;
      Object.assign(found, { status: 'running', progress: { ...progress } });
      return true;
    },
    async finish(id, status, error) {
      const found = find(id);
      if (found && !hasEnded(found)) Object.assign(found, { status, error: error ?? null, finishedAt: audit.now() });
    },
    async cancel(by, id) {
      const found = find(id, by.project);
      if (!found) throw new WheelhouseError('not_found', `There is no re-pricing ${id}.`);
      if (!hasEnded(found)) {
        Object.assign(found, { status: 'cancelled', finishedAt: audit.now() });
        audit.record(by, { action: 'repricing.cancel', subject: id, detail: {} });
      }
      return structuredClone(found);
    },
  };
}
