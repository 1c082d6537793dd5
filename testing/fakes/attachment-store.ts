import type { AttachedTrace, AttachmentStore, AttachmentTicket } from '@wheelhouse/core/ports';
import type { Attachment, AttachmentPlace, ProjectId, TraceId } from '@wheelhouse/core/records';

type Place = { project: ProjectId; id: string; place: AttachmentPlace; atMs: number };

/** @param hasExample whether a dataset has an example of the trace */
export function fakeAttachmentStore(
  nowMs: () => number = () => Date.now(),
  hasExample: (trace: TraceId) => boolean = () => false,
): AttachmentStore {
  const kept = new Map<string, { attachment: Attachment; blob: string; createdAt: string }>();
  const doomed = new Map<string, { dueMs: number; claimed: boolean }>();
  const tickets = new Map<string, { ticket: AttachmentTicket; expiresMs: number }>();
  let places: Place[] = [];
  const keyOf = (project: ProjectId, id: string) => `${project} ${id}`;
  const orderOf = ({ project, traceId }: AttachedTrace) => `${project} ${traceId}`;

  function note(project: ProjectId, id: string, place: AttachmentPlace, most: number): 'noted' | 'full' {
    const own = places.filter((one) => one.project === project && one.place.traceId === place.traceId);
    if (own.some((one) => one.id === id && one.place.spanId === place.spanId && one.place.name === place.name))
      return 'noted';
    if (own.length >= most) return 'full';
    places.push({ project, id, place, atMs: nowMs() });
    return 'noted';
  }

  return {
    doom: async (_, blob, dueMs) => void doomed.set(blob, { dueMs, claimed: false }),
    async keep(project, { attachment, blob }, place, most) {
      const key = keyOf(project, attachment.id);
      const isNew = !kept.has(key);
      if (isNew && doomed.get(blob)?.claimed !== false) return 'lost';
      const noted = note(project, attachment.id, place, most);
      if (isNew && noted === 'noted') {
        kept.set(key, { attachment, blob, createdAt: new Date(nowMs()).toISOString() });
        doomed.delete(blob);
      }
      return noted;
    },
    refer: async (project, id, place, most) => (kept.has(keyOf(project, id)) ? note(project, id, place, most) : null),
    find: async (project, id) => kept.get(keyOf(project, id)) ?? null,
    ofTrace: async (project, trace) =>
      places.flatMap(({ project: own, id, place }) => {
        const found = kept.get(keyOf(own, id));
        return own === project && place.traceId === trace && found ? [{ attachment: found.attachment, place }] : [];
      }),
    async leave(project, traces) {
      places = places.filter((one) => one.project !== project || !traces.includes(one.place.traceId));
      const used = new Set(places.map((one) => keyOf(one.project, one.id)));
      for (const [key, { blob }] of kept)
        if (!used.has(key)) {
          kept.delete(key);
          doomed.set(blob, { dueMs: nowMs(), claimed: false });
        }
    },
    async due(before, limit) {
      const found = [...doomed].filter(([, { dueMs, claimed }]) => claimed || dueMs <= before).slice(0, limit);
      for (const [, one] of found) one.claimed = true;
      return found.map(([name]) => name);
    },
    async forget(blobs) {
      for (const blob of blobs) doomed.delete(blob);
    },
    async settled({ beforeMs, limit, after }) {
      const newest = new Map<string, { trace: AttachedTrace; atMs: number }>();
      for (const { project, place, atMs } of places) {
        const trace = { project, traceId: place.traceId };
        const before = newest.get(orderOf(trace))?.atMs ?? 0;
        newest.set(orderOf(trace), { trace, atMs: Math.max(before, atMs) });
      }
      return [...newest.values()]
        .filter(({ trace, atMs }) => atMs <= beforeMs && !hasExample(trace.traceId))
        .map(({ trace }) => trace)
        .filter((trace) => !after || orderOf(trace) > orderOf(after))
        .sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1))
        .slice(0, limit);
    },
    issue: async (hash, ticket, expiresMs) => void tickets.set(hash, { ticket, expiresMs }),
    async redeem(hash, now) {
      const found = tickets.get(hash);
      return found && found.expiresMs > now ? found.ticket : null;
    },
    async expire(now) {
      for (const [hash, { expiresMs }] of tickets) if (expiresMs <= now) tickets.delete(hash);
    },
  };
}
