import type { ModelHostStore, SealedHost } from '@wheelhouse/core/ports';
import type { ModelHost, ProjectId } from '@wheelhouse/core/records';
import type { FakeAuditStore } from './audit-store.ts';

/** @param nowMs time of the store */
export function fakeModelHostStore(audit: FakeAuditStore, nowMs: () => number = () => Date.now()): ModelHostStore {
  let hosts: (SealedHost & { project: ProjectId })[] = [];
  const until = (leaseMs: number) => new Date(nowMs() + leaseMs).toISOString();
  const isLive = ({ expiresAt }: ModelHost) => Date.parse(expiresAt) > nowMs();
  const bare = ({ sealed: _, project: __, ...host }: SealedHost & { project: ProjectId }): ModelHost => host;
  return {
    register: async (by, { leaseMs, ...given }) => {
      const created = { createdBy: by.actor, createdAt: new Date(nowMs()).toISOString(), expiresAt: until(leaseMs) };
      const host = { ...given, ...created, project: by.project };
      hosts = [...hosts.filter(isLive), host];
      const { id, url } = given;
      audit.record(by, { action: 'host.register', subject: `${given.model}@${given.version}`, detail: { id, url } });
      return bare(host);
    },
    renew: async (project, id, leaseMs) => {
      const host = hosts.find((one) => one.project === project && one.id === id && isLive(one));
      if (!host) return null;
      host.expiresAt = until(leaseMs);
      return bare(host);
    },
    leave: async (by, id) => {
      const host = hosts.find((one) => one.project === by.project && one.id === id);
      if (!host) return false;
      hosts = hosts.filter((one) => one !== host);
      const { model, version, url } = host;
      audit.record(by, { action: 'host.leave', subject: `${model}@${version}`, detail: { id, url } });
      return true;
    },
    live: async (project) =>
      hosts.filter((one) => one.project === project && isLive(one)).map(({ project: _, ...host }) => ({ ...host })),
  };
}
