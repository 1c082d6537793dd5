import type { RenormalizationStore, SpanFragments } from '@wheelhouse/core/ports';
import {
  canonicalJson,
  type Json,
  type ProjectId,
  type Renormalization,
  type Span,
  WheelhouseError,
} from '@wheelhouse/core/records';
import type { FakeAuditStore } from './audit-store.ts';

const hasEnded = ({ finishedAt }: Renormalization) => finishedAt !== null;

export function fakeRenormalizationStore(audit: FakeAuditStore): RenormalizationStore {
  const tasks: { project: ProjectId; task: Renormalization }[] = [];
  const find = (id: string, project?: ProjectId) =>
    tasks.find((one) => one.task.id === id && (project === undefined || one.project === project))?.task;
  return {
    async create(by, { id, from, until, normalizer, total }) {
      const task: Renormalization = {
        ...{ id, from, until, normalizer, status: 'queued', error: null, total },
        progress: { done: 0, changed: 0, after: null },
        ...{ requestedBy: by.actor, requestedAt: audit.now(), finishedAt: null },
      };
      tasks.unshift({ project: by.project, task });
      const detail = { from, until, normalizer, fragments: total };
      audit.record(by, { action: 'renormalization.create', subject: id, detail });
      return structuredClone(task);
    },
    get: async (project, id) => structuredClone(find(id, project) ?? null),
    list: async (project, { limit, before }) =>
      tasks
        .filter((one) => one.project === project && (before === undefined || one.task.id < before))
        .slice(0, limit)
        .map(({ task }) => structuredClone(task)),
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
      if (!found) throw new WheelhouseError('not_found', `There is no renormalization \`${id}\`.`);
      if (!hasEnded(found)) {
        Object.assign(found, { status: 'cancelled', finishedAt: audit.now() });
        audit.record(by, { action: 'renormalization.cancel', subject: id, detail: {} });
      }
      return structuredClone(found);
    },
  };
}

const json = (value: object): Json =>
  JSON.parse(JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? inner.toString() : inner)));

/** What was appended to `appended`, fragment by fragment. */
export function fakeSpanFragments(appended: readonly Span[]): SpanFragments {
  const rawOf = ({ traceId, spanId, startNs, endNs, reportedNs, attributes, events }: Span) =>
    canonicalJson(json([traceId, spanId, startNs, endNs, reportedNs ?? 0n, attributes, events]));
  const stale: SpanFragments['page'] = async (project, { from, until, normalizer, dialects }, { after, limit }) => {
    const [first, last] = [from, until].map((time) => BigInt(Date.parse(time)) * 1_000_000n) as [bigint, bigint];
    const newest = new Map<string, number>();
    for (const span of appended)
      newest.set(rawOf(span), Math.max(newest.get(rawOf(span)) ?? 0, span.readAnew ? span.normalizer : 0));
    const found = new Map<string, Span>();
    for (const span of appended) {
      const fits = span.projectId === project && span.startNs >= first && span.startNs < last;
      const isOld = span.normalizer < normalizer && (newest.get(rawOf(span)) ?? 0) <= span.normalizer;
      const isRaw = Object.keys(span.attributes).length > 0 && dialects.includes(span.dialect);
      if (fits && isOld && isRaw) found.set(rawOf(span), span);
    }
    const places = [...found.keys()].sort().filter((place) => after === null || place > after);
    const page = places.slice(0, limit);
    return {
      fragments: page.flatMap((place) => found.get(place) ?? []),
      next: page.length === limit ? (page.at(-1) ?? null) : null,
    };
  };
  return {
    page: stale,
    count: async (project, which) =>
      (await stale(project, which, { after: null, limit: Number.POSITIVE_INFINITY })).fragments.length,
  };
}
