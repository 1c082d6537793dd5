import type { FeedbackKeyStore, ReviewStore } from '@wheelhouse/core/ports';
import {
  type FeedbackKey,
  type ProjectId,
  type ReviewItem,
  type ReviewLabel,
  type ReviewQueue,
  type ReviewState,
  reviewState,
  reviewTargetKey,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { type FakeAuditStore, fakeAuditStore } from './audit-store.ts';

type Lease = { rater: string; since: number; until: number };
type Item = { item: ReviewItem; labels: ReviewLabel[]; leases: Lease[] };
type Queue = Omit<ReviewQueue, 'items'> & { project: ProjectId; entries: Item[]; next: number };

function toQueue({ project: _, entries, next: __, ...queue }: Queue): ReviewQueue {
  const items: Record<ReviewState, number> = { open: 0, disputed: 0, done: 0 };
  for (const { item } of entries) items[item.state] += 1;
  return structuredClone({ ...queue, items });
}
const byTime = (a: ReviewLabel, b: ReviewLabel) => (a.at < b.at || (a.at === b.at && a.rater < b.rater) ? -1 : 1);
const toLabelled = ({ item, labels }: Item) => structuredClone({ item, labels: [...labels].sort(byTime) });

function needItem(queue: Queue, number: number): Item {
  const entry = queue.entries.find(({ item }) => item.number === number);
  if (!entry) throw new WheelhouseError('not_found', `The queue \`${queue.name}\` has no item ${number}.`);
  return entry;
}
const settle = (queue: Queue, entry: Item) => {
  entry.item.state = reviewState(queue, entry.labels);
  return structuredClone(entry.item);
};
function lease(entry: Item, rater: string, { nowMs, leaseMs }: { nowMs: number; leaseMs: number }): void {
  const held = entry.leases.find((one) => one.rater === rater);
  entry.leases = entry.leases.filter((one) => one !== held);
  entry.leases.push({ rater, since: held && held.until > nowMs ? held.since : nowMs, until: nowMs + leaseMs });
}
function takeLabel(entry: Item, rater: string, decides: boolean): ReviewLabel | null {
  const found = entry.labels.find((label) => label.decides === decides && (decides || label.rater === rater));
  entry.labels = entry.labels.filter((label) => label !== found);
  return found ?? null;
}

function labelling(
  queues: Queue[],
  need: (project: ProjectId, name: string) => Queue,
): Pick<ReviewStore, 'label' | 'unlabel' | 'eraseOn'> {
  return {
    async label(by, name, number, { decides, skipped, answers, comment }, nowMs) {
      const queue = need(by.project, name);
      const entry = needItem(queue, number);
      const held = entry.leases.find(({ rater }) => rater === by.actor);
      entry.leases = entry.leases.filter((one) => one !== held);
      const before = takeLabel(entry, by.actor, decides);
      const spent = held && held.until >= nowMs ? (nowMs - held.since) / 1_000 : null;
      const label: ReviewLabel = {
        ...{ item: number, rater: by.actor, decides, skipped, answers: structuredClone(answers), comment },
        ...{ seconds: spent ?? before?.seconds ?? null, at: new Date(nowMs).toISOString() },
      };
      entry.labels.push(label);
      return { item: settle(queue, entry), label: structuredClone(label), before };
    },
    async unlabel(by, name, number, times) {
      const queue = need(by.project, name);
      const entry = needItem(queue, number);
      const label = takeLabel(entry, by.actor, false);
      if (label === null) return null;
      lease(entry, by.actor, times);
      return { item: settle(queue, entry), label };
    },
    async eraseOn(project, traces) {
      for (const queue of queues.filter((one) => one.project === project))
        queue.entries = queue.entries.filter(
          ({ item }) => !traces.some((id) => id === item.traceId || id === item.otherTraceId),
        );
    },
  };
}

/** In memory; give it the audit store that the test reads. */
export function fakeReviewStore(audit: FakeAuditStore = fakeAuditStore()): ReviewStore {
  const queues: Queue[] = [];
  const find = (project: ProjectId, name: string) =>
    queues.find((queue) => queue.project === project && queue.name === name);
  function need(project: ProjectId, name: string): Queue {
    const queue = find(project, name);
    if (!queue) throw new WheelhouseError('not_found', `There is no review queue \`${name}\`.`);
    return queue;
  }

  return {
    async create(by, queue) {
      if (find(by.project, queue.name))
        throw new WheelhouseError('conflict', `There is a review queue \`${queue.name}\` already.`);
      const made: Queue = {
        ...structuredClone(queue),
        ...{
          draw: null,
          rule: null,
          createdBy: by.actor,
          createdAt: audit.now(),
          project: by.project,
          entries: [],
          next: 1,
        },
      };
      queues.push(made);
      const { name, form, blind, overlap } = queue;
      const detail = { fields: form.map((field) => field.name), blind, overlap };
      audit.record(by, { action: 'review.create', subject: name, detail });
      return toQueue(made);
    },
    list: async (project) =>
      queues
        .filter((queue) => queue.project === project)
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .map(toQueue),
    async get(project, name) {
      const queue = find(project, name);
      return queue ? toQueue(queue) : null;
    },
    async remove(by, name) {
      const queue = find(by.project, name);
      if (!queue) return false;
      queues.splice(queues.indexOf(queue), 1);
      audit.record(by, { action: 'review.remove', subject: name, detail: {} });
      return true;
    },
    async setRule(by, name, rule) {
      const queue = need(by.project, name);
      queue.rule = structuredClone(rule);
      audit.record(by, { action: 'review.rule', subject: name, detail: { rule } });
      return toQueue(queue);
    },
    ruled: async () =>
      queues
        .filter(({ rule }) => rule !== null)
        .map((queue) => ({
          project: queue.project,
          queue: { ...toQueue(queue), items: { open: 0, disputed: 0, done: 0 } },
        })),

    async addItems(by, name, items, draw) {
      const queue = need(by.project, name);
      if (draw) {
        const isSame =
          queue.draw === null || JSON.stringify({ ...queue.draw, count: 0 }) === JSON.stringify({ ...draw, count: 0 });
        if (!isSame) throw new WheelhouseError('conflict', `The rows of \`${name}\` were drawn in another way.`);
        queue.draw = { ...structuredClone(draw), count: Math.max(draw.count, queue.draw?.count ?? 0) };
      }
      let added = 0;
      for (const { target, traceId, otherTraceId, reason, probability } of structuredClone(items)) {
        const key = reviewTargetKey(target);
        const known = queue.entries.find(({ item }) => reviewTargetKey(item.target) === key);
        if (known && probability !== null) known.item.probability = probability;
        if (known) continue;
        const item: ReviewItem = {
          ...{ number: queue.next++, target, traceId, otherTraceId, reason, probability, state: 'open' },
        };
        queue.entries.push({ item, labels: [], leases: [] });
        added += 1;
      }
      if (added > 0) audit.record(by, { action: 'review.fill', subject: name, detail: { added } });
      return added;
    },
    items: async (project, name, { limit, after, state }) =>
      need(project, name)
        .entries.filter(({ item }) => item.number > after && (state === undefined || item.state === state))
        .slice(0, limit)
        .map(toLabelled),
    async item(project, name, number) {
      const entry = need(project, name).entries.find(({ item }) => item.number === number);
      return entry ? toLabelled(entry) : null;
    },
    async take(by, name, { of, nowMs, leaseMs }) {
      const queue = need(by.project, name);
      const isMine = ({ leases }: Item) => leases.some(({ rater, until }) => rater === by.actor && until > nowMs);
      const isFree = ({ item, labels, leases }: Item) => {
        if (item.state !== of) return false;
        const others = leases.filter(({ rater, until }) => rater !== by.actor && until > nowMs).length;
        if (of === 'disputed') return others === 0;
        const given = labels.filter(({ skipped }) => !skipped).length;
        return !labels.some(({ rater }) => rater === by.actor) && others < queue.overlap - given;
      };
      const free = queue.entries.filter(isFree);
      const entry = free.find(isMine) ?? free[0];
      if (!entry) return null;
      lease(entry, by.actor, { nowMs, leaseMs });
      return toLabelled(entry);
    },

    ...labelling(queues, need),
  };
}

/** In memory; give it the audit store that the test reads. */
export function fakeFeedbackKeyStore(audit: FakeAuditStore = fakeAuditStore()): FeedbackKeyStore {
  const keys: (FeedbackKey & { project: ProjectId })[] = [];
  const toKey = ({ project: _, ...key }: (typeof keys)[number]): FeedbackKey => structuredClone(key);
  return {
    async create(by, key) {
      const made = { ...key, project: by.project, createdBy: by.actor, createdAt: audit.now(), revokedAt: null };
      keys.unshift(made);
      const { id, name, scores, origins } = key;
      audit.record(by, { action: 'feedback_key.create', subject: id, detail: { name, scores, origins } });
      return toKey(made);
    },
    list: async (project) => keys.filter((key) => key.project === project).map(toKey),
    async revoke(by, id) {
      const key = keys.find((one) => one.project === by.project && one.id === id);
      if (!key) return null;
      if (key.revokedAt === null) {
        key.revokedAt = audit.now();
        audit.record(by, { action: 'feedback_key.revoke', subject: id, detail: { name: key.name } });
      }
      return toKey(key);
    },
    active: async () => structuredClone(keys.filter(({ revokedAt }) => revokedAt === null)),
  };
}
