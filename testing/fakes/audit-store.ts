import type { AuditStore } from '@wheelhouse/core/ports';
import {
  type Actor,
  type AuditEntry,
  type JsonObject,
  type ProjectId,
  WheelhouseError,
} from '@wheelhouse/core/records';

export type FakeAuditStore = AuditStore & {
  /** What a fake store does as the last step of a change. */
  record(by: Actor, change: { action: string; subject: string; detail: JsonObject }): void;
  changes(): bigint;
  /** A time that moves on by a millisecond with each reading; ISO 8601, UTC. */
  now(): string;
};

const firstMs = Date.UTC(2026, 0, 1);

export function fakeAuditStore(): FakeAuditStore {
  const entries: (AuditEntry & { project: ProjectId })[] = [];
  let ticks = 0;
  const now = () => new Date(firstMs + ticks++).toISOString();
  return {
    now,
    changes: () => BigInt(entries.length),
    record(by, { action, subject, detail }) {
      const id = String(entries.length + 1);
      entries.push({ id, at: now(), actor: by.actor, action, subject, detail, project: by.project });
    },
    async list(project, { limit, before, subject, actor, action, from, until }) {
      if (before !== undefined && !/^\d{1,18}$/.test(before))
        throw new WheelhouseError('invalid_request', `\`${before}\` is no place in the audit log.`, {
          param: 'cursor',
        });
      return entries
        .filter((entry) => entry.project === project && (before === undefined || Number(entry.id) < Number(before)))
        .filter(
          (entry) => subject === undefined || entry.subject === subject || entry.subject.startsWith(`${subject}@`),
        )
        .filter((entry) => actor === undefined || entry.actor === actor)
        .filter((entry) => action === undefined || entry.action === action || entry.action.startsWith(`${action}.`))
        .filter(({ at }) => (from === undefined || at >= from) && (until === undefined || at < until))
        .reverse()
        .slice(0, limit)
        .map(({ project: _, ...entry }) => structuredClone(entry));
    },
  };
}
