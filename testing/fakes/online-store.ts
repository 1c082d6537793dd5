import type { OnlineStore } from '@wheelhouse/core/ports';
import {
  firstOnlineLook,
  type JsonObject,
  type OnlineDefinition,
  type OnlineEvaluation,
  type ProjectId,
} from '@wheelhouse/core/records';
import type { FakeAuditStore } from './audit-store.ts';

type Kept = { project: ProjectId; online: OnlineEvaluation; dueMs: number; heldUntilMs: number };
const copy = <T>(value: T): T => structuredClone(value);
const saidOf = ({ of, q, scorers, sample, budgetNanoUsd }: OnlineDefinition): JsonObject =>
  copy({ of, q, scorers, sample, budgetNanoUsd });

export function fakeOnlineStore(audit: FakeAuditStore): OnlineStore {
  const kept: Kept[] = [];
  const find = (project: ProjectId, name: string) =>
    kept.find((one) => one.project === project && one.online.name === name);
  const holding = (id: string, heldUntilMs: number) =>
    kept.find((one) => one.online.id === id && one.heldUntilMs === heldUntilMs);
  return {
    async set(by, { id, name, definition, startMs }) {
      const was = find(by.project, name);
      const before = was ? saidOf(was.online) : null;
      if (was) {
        const { look, version } = was.online;
        const anew = { ...look, failingSince: null, failures: 0, problem: null, problems: [], retries: [] };
        Object.assign(was, { dueMs: 0, heldUntilMs: 0 });
        Object.assign(was.online, copy(definition), { version: version + 1, look: anew });
      } else
        kept.push({
          ...{ project: by.project, dueMs: 0, heldUntilMs: 0 },
          online: {
            ...{ ...copy(definition), id, name, version: 1, isPaused: false, look: firstOnlineLook(startMs) },
            draw: null,
            ...{ createdBy: by.actor, createdAt: audit.now() },
          },
        });
      audit.record(by, { action: 'online.set', subject: name, detail: { before, after: saidOf(definition) } });
      return copy((find(by.project, name) as Kept).online);
    },
    get: async (project, name) => copy(find(project, name)?.online ?? null),
    list: async (project, { limit, before }) =>
      kept
        .filter((one) => one.project === project && (before === undefined || one.online.id < before))
        .map(({ online }) => copy(online))
        .sort((a, b) => (a.id < b.id ? 1 : -1))
        .slice(0, limit),
    async remove(by, name) {
      const was = find(by.project, name);
      if (!was) return false;
      kept.splice(kept.indexOf(was), 1);
      audit.record(by, { action: 'online.remove', subject: name, detail: { before: saidOf(was.online), after: null } });
      return true;
    },
    async pause(by, name, { isPaused, fromMs }) {
      const was = find(by.project, name);
      if (!was) return null;
      if (was.online.isPaused !== isPaused) {
        was.online.isPaused = isPaused;
        if (!isPaused)
          Object.assign(was.online.look, { place: { ms: fromMs, id: '' }, failingSince: null, failures: 0 });
        Object.assign(was, { dueMs: 0, heldUntilMs: 0 });
        audit.record(by, { action: isPaused ? 'online.pause' : 'online.resume', subject: name, detail: {} });
      }
      return copy(was.online);
    },
    async setDraw(by, name, draw) {
      const was = find(by.project, name);
      if (!was) return null;
      audit.record(by, { action: 'online.draw', subject: name, detail: { before: was.online.draw, after: draw } });
      was.online.draw = copy(draw);
      return copy(was.online);
    },
    async claim(nowMs, { holdMs, limit }) {
      const due = kept
        .filter(({ online, dueMs, heldUntilMs }) => !online.isPaused && dueMs <= nowMs && heldUntilMs <= nowMs)
        .sort((a, b) => a.dueMs - b.dueMs)
        .slice(0, limit);
      for (const one of due) one.heldUntilMs = nowMs + holdMs;
      return due.map(({ project, online, heldUntilMs }) => ({ project, online: copy(online), heldUntilMs }));
    },
    async hold(due, untilMs) {
      const found = holding(due.online.id, due.heldUntilMs);
      if (!found) return null;
      found.heldUntilMs = untilMs;
      return { ...due, heldUntilMs: untilMs };
    },
    async record({ online: { id }, heldUntilMs }, { look, dueMs }) {
      const found = holding(id, heldUntilMs);
      if (!found) return false;
      found.online.look = copy(look);
      Object.assign(found, { dueMs, heldUntilMs: 0 });
      return true;
    },
  };
}
