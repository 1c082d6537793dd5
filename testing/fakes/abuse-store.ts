import type { AbuseStore, AbuseTelemetry } from '@wheelhouse/core/ports';
import {
  type AbuseCall,
  type AbuseDecision,
  type AbuseEvent,
  type AbusePlace,
  type AbusePolicy,
  type AbuseRates,
  type AbuseUser,
  type Actor,
  defaultAbusePolicy,
  type ProjectId,
  rungAt,
  WheelhouseError,
} from '@wheelhouse/core/records';
import type { FakeAuditStore } from './audit-store.ts';

type Feed = {
  policy: AbusePolicy;
  rates: AbuseRates | null;
  place: AbusePlace;
  dueMs: number;
  heldUntilMs: number;
};
type Entry = { project: ProjectId; user: AbuseUser; events: AbuseEvent[] };
const copy = <T>(value: T): T => structuredClone(value);

/** What is done about users, in memory. */
export function fakeAbuseStore(audit: FakeAuditStore): AbuseStore {
  const feeds = new Map<ProjectId, Feed>();
  const entries: Entry[] = [];
  let count = 0;
  const find = (project: ProjectId, user: string) =>
    entries.find((entry) => entry.project === project && entry.user.user === user);

  function write(by: Actor, { user, event }: AbuseDecision): void {
    let entry = find(by.project, user.user);
    if (!entry) {
      entry = { project: by.project, user, events: [] };
      entries.push(entry);
    }
    entry.user = copy(user);
    if (event === null) return;
    entry.events.unshift({ id: String(++count), at: audit.now(), by: by.actor, ...copy(event) });
    if (event.kind === 'log') return;
    const until = user.rung === null || user.untilMs === null ? null : new Date(user.untilMs).toISOString();
    audit.record(by, { action: `abuse.${event.kind}`, subject: user.user, detail: { text: event.text, until } });
  }

  return {
    async policy(project) {
      const feed = feeds.get(project);
      return feed === undefined ? null : copy({ policy: feed.policy, rates: feed.rates });
    },

    async setPolicy(by, policy, startMs) {
      const was = feeds.get(by.project);
      const begins = { place: { ms: startMs, id: '' }, dueMs: 0 };
      const kept = was ?? { rates: null, heldUntilMs: 0, ...begins };
      feeds.set(by.project, { ...kept, ...(was?.policy.mode === 'off' ? begins : {}), policy: copy(policy) });
      const detail = { before: was?.policy ?? null, after: policy };
      audit.record(by, { action: 'abuse.policy', subject: by.project, detail: copy(detail) });
    },

    async claim(nowMs, { holdMs, limit }) {
      const due = [...feeds].filter(
        ([, { policy, dueMs, heldUntilMs }]) => policy.mode !== 'off' && dueMs <= nowMs && heldUntilMs <= nowMs,
      );
      return due
        .toSorted((a, b) => a[1].dueMs - b[1].dueMs)
        .slice(0, limit)
        .map(([project, feed]) => {
          feed.heldUntilMs = nowMs + holdMs;
          const { dueMs: _, ...rest } = feed;
          return copy({ project, ...rest });
        });
    },

    async record({ project, heldUntilMs }, { place, dueMs, rates, decide }) {
      const feed = feeds.get(project);
      if (feed === undefined || feed.heldUntilMs !== heldUntilMs) return null;
      const made: AbuseDecision[] = [];
      for (const [user, next] of decide) {
        const decision = next(copy(find(project, user)?.user ?? null));
        if (decision === null) continue;
        write({ project, actor: 'wheelhouse' }, decision);
        if (decision.event !== null) made.push(decision);
      }
      Object.assign(feed, { place, dueMs, heldUntilMs: 0, ...(rates === undefined ? {} : { rates }) });
      return made;
    },

    async list(project, { limit, cursor, state, nowMs }) {
      const [, ms, after] = cursor === undefined ? ['', '', ''] : (/^(\d{1,16})\.(.*)$/s.exec(cursor) ?? []);
      if (ms === undefined || after === undefined)
        throw new WheelhouseError('invalid_request', 'The cursor is not one that a page gave as `next`.', {
          param: 'cursor',
        });
      const data = entries
        .filter((entry) => entry.project === project)
        .map(({ user }) => user)
        .filter((user) => {
          const rung = rungAt(user, nowMs);
          if (state === undefined) return true;
          if (state === 'allowed') return user.isAllowed;
          return rung !== null && (state === 'listed' || rung !== 'log');
        })
        .sort((a, b) => b.lastSeenMs - a.lastSeenMs || (a.user < b.user ? -1 : 1))
        .filter(
          (user) =>
            cursor === undefined ||
            user.lastSeenMs < Number(ms) ||
            (user.lastSeenMs === Number(ms) && user.user > after),
        );
      const last = data.slice(0, limit).at(-1);
      return copy({
        data: data.slice(0, limit),
        next: data.length > limit && last ? `${last.lastSeenMs}.${last.user}` : null,
      });
    },

    async get(project, user) {
      const entry = find(project, user);
      return entry === undefined ? null : copy({ user: entry.user, events: entry.events.slice(0, 200) });
    },

    async change(by, user, decide) {
      const decision = decide(copy(find(by.project, user)?.user ?? null));
      write(by, decision);
      return copy(decision.user);
    },

    async inForce(nowMs) {
      const projects = [...new Set(entries.map(({ project }) => project))];
      return projects.flatMap((project) => {
        const users = entries
          .filter((entry) => entry.project === project)
          .map(({ user }) => user)
          .filter((user) => !['log', null].includes(rungAt(user, nowMs)))
          .sort((a, b) => (a.user < b.user ? -1 : 1));
        const policy = feeds.get(project)?.policy ?? defaultAbusePolicy;
        return users.length === 0 ? [] : [copy({ project, policy, users })];
      });
    },
  };
}

/** Calls of users, in memory. */
export function fakeAbuseTelemetry(): AbuseTelemetry {
  const kept = new Map<string, { project: ProjectId; call: AbuseCall }>();
  const callsOf = (project: ProjectId, sinceMs: number) => {
    const byUser = new Map<string, AbuseCall[]>();
    for (const { project: of, call } of kept.values()) {
      if (of !== project || call.atMs < sinceMs) continue;
      byUser.set(call.user, [...(byUser.get(call.user) ?? []), call]);
    }
    for (const calls of byUser.values()) calls.sort((a, b) => a.atMs - b.atMs || (a.traceId < b.traceId ? -1 : 1));
    return byUser;
  };
  const sumOf = (calls: readonly AbuseCall[]) =>
    calls.reduce((sum, { signals }) => sum + signals.injection + signals.extraction + signals.probing, 0);
  return {
    async put(project, calls) {
      for (const call of calls) kept.set(`${project} ${call.user} ${call.traceId}`, { project, call: copy(call) });
    },
    async ofUsers(project, users, { sinceMs, limit, least }) {
      const found = [...callsOf(project, sinceMs)].filter(
        ([user, calls]) => users.includes(user) && calls.length >= least,
      );
      return new Map(found.map(([user, calls]) => [user, copy(calls.slice(-limit))]));
    },
    async users(project, { sinceMs, least, limit, by }) {
      const found = [...callsOf(project, sinceMs)].filter(([, calls]) => calls.length >= least);
      if (by === 'risk') found.sort((a, b) => sumOf(b[1]) - sumOf(a[1]) || b[1].length - a[1].length);
      return found.slice(0, limit).map(([user]) => user);
    },
    async peaks(project, { sinceMs, slotMs, limit }) {
      const peaks = [...callsOf(project, sinceMs).values()].slice(0, limit).map((calls) => {
        const slots = new Map<number, { nanoUsd: number; tokens: number }>();
        for (const { atMs, costNanoUsd, tokens } of calls) {
          const slot = Math.floor(atMs / slotMs);
          const was = slots.get(slot) ?? { nanoUsd: 0, tokens: 0 };
          slots.set(slot, { nanoUsd: was.nanoUsd + Number(costNanoUsd ?? 0n), tokens: was.tokens + tokens });
        }
        const all = [...slots.values()];
        return {
          nanoUsd: Math.max(...all.map(({ nanoUsd }) => nanoUsd)),
          tokens: Math.max(...all.map(({ tokens }) => tokens)),
        };
      });
      return { nanoUsd: peaks.map(({ nanoUsd }) => nanoUsd), tokens: peaks.map(({ tokens }) => tokens) };
    },
    async count(project, sinceMs) {
      const of = callsOf(project, sinceMs);
      return { calls: [...of.values()].reduce((sum, calls) => sum + calls.length, 0), users: of.size };
    },
  };
}
