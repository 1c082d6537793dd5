import type { ActingCaller, DueRun, NewPipelineRun, PipelineSeen, PipelineStore } from '@wheelhouse/core/ports';
import {
  type Actor,
  canonicalJson,
  type Json,
  type Pipeline,
  type PipelineRun,
  type ProjectId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import type { FakeAuditStore } from './audit-store.ts';

type Kept = {
  project: ProjectId;
  pipeline: Pipeline;
  acting: ActingCaller;
  seen: PipelineSeen;
  runs: number;
  dueMs: number | null;
  heldUntilMs: number;
};
type KeptRun = DueRun & { dueMs: number };

const copy = <T>(value: T): T => structuredClone(value);
const textOf = (value: unknown): string => canonicalJson(copy(value) as Json);
const isoOf = (ms: number) => new Date(ms).toISOString();

type State = { audit: FakeAuditStore; pipelines: Kept[]; runs: KeptRun[] };

/** What is asked of all that is kept. */
function readState({ audit, pipelines, runs }: State) {
  const find = (project: ProjectId, name: string) =>
    pipelines.find((one) => one.project === project && one.pipeline.name === name);
  const runsOf = ({ project, pipeline }: Kept) =>
    runs.filter((one) => one.project === project && one.run.pipeline === pipeline.name);
  const isUnderWay = (kept: Kept) => runsOf(kept).some(({ run }) => run.endedAt === null);
  const underWay = (name: string) => new WheelhouseError('conflict', `A run of \`${name}\` is under way.`);

  function begin(by: Actor, kept: Kept, { acting, nowMs, ...given }: NewPipelineRun & { nowMs: number }): PipelineRun {
    kept.runs += 1;
    kept.pipeline.pending = null;
    const run: PipelineRun = {
      ...{ ...copy(given), pipeline: kept.pipeline.name, number: kept.runs, state: 'running', actsAs: acting.actor },
      ...{ baseline: null, candidate: null, stopping: null, startedAt: isoOf(nowMs), endedAt: null },
    };
    runs.push({ project: kept.project, run, acting: copy(acting), revision: 1, heldUntilMs: 0, dueMs: nowMs });
    const detail = { run: run.id, number: run.number, cause: run.cause.kind };
    audit.record(by, { action: 'pipeline.run', subject: run.pipeline, detail });
    return copy(run);
  }
  const dueOf = ({ dueMs: _, ...due }: KeptRun): DueRun => copy(due);
  return { find, runsOf, isUnderWay, underWay, begin, dueOf };
}

function fakeRuns(state: State): Omit<PipelineStore, 'set' | 'get' | 'list' | 'remove'> {
  const { audit, pipelines, runs } = state;
  const { find, runsOf, isUnderWay, underWay, begin, dueOf } = readState(state);
  return {
    async start(by, name, run) {
      const kept = find(by.project, name);
      if (!kept) throw new WheelhouseError('not_found', `There is no pipeline \`${name}\`.`);
      if (isUnderWay(kept)) throw underWay(name);
      return begin(by, kept, run);
    },
    async run(project, id) {
      const found = runs.find((one) => one.project === project && one.run.id === id);
      return found ? dueOf(found) : null;
    },
    runs: async (project, { limit, before, pipeline, state }) =>
      runs
        .filter((one) => one.project === project)
        .map(({ run }) => copy(run))
        .filter((run) => before === undefined || run.id < before)
        .filter((run) => pipeline === undefined || run.pipeline === pipeline)
        .filter((run) => state === undefined || run.state === state)
        .sort((a, b) => (a.id < b.id ? 1 : -1))
        .slice(0, limit),
    async change(by, { run, revision, acting, action, detail, nowMs }) {
      const kept = find(by.project, run.pipeline);
      if (!kept) return false;
      if (action === 'pipeline.retry' && isUnderWay(kept)) throw underWay(run.pipeline);
      const found = runs.find((one) => one.run.id === run.id && one.revision === revision);
      if (!found) return false;
      const now = { run: copy(run), acting: copy(acting), revision: revision + 1, dueMs: nowMs, heldUntilMs: 0 };
      Object.assign(found, now);
      const said = { run: run.id, number: run.number, ...detail };
      audit.record(by, { action, subject: run.pipeline, detail: said });
      return true;
    },
    async claimRuns(nowMs, { holdMs, limit }) {
      const due = runs
        .filter((one) => one.run.endedAt === null && one.dueMs <= nowMs && one.heldUntilMs <= nowMs)
        .sort((a, b) => a.dueMs - b.dueMs)
        .slice(0, limit);
      for (const one of due) one.heldUntilMs = nowMs + holdMs;
      return due.map(dueOf);
    },
    async record({ run: { id }, revision, heldUntilMs }, { run, acting, dueMs, heldUntilMs: next }) {
      const found = runs.find(
        (one) => one.run.id === id && one.revision === revision && one.heldUntilMs === heldUntilMs,
      );
      if (!found) return null;
      const now = { run: copy(run), acting: copy(acting), revision: revision + 1, dueMs, heldUntilMs: next };
      return dueOf(Object.assign(found, now));
    },
    async claimPipelines(nowMs, { holdMs, limit }) {
      const due = pipelines
        .filter((one) => one.dueMs !== null && one.dueMs <= nowMs && one.heldUntilMs <= nowMs)
        .slice(0, limit);
      return due.map((one) => {
        one.heldUntilMs = nowMs + holdMs;
        const ends = runsOf(one).flatMap(({ run }) => run.endedAt ?? []);
        const isRunning = isUnderWay(one);
        const restedSince = isRunning ? null : (ends.sort().at(-1) ?? null);
        const { project, pipeline, acting, seen, heldUntilMs } = one;
        return copy({ project, pipeline, acting, seen, restedSince, isRunning, heldUntilMs });
      });
    },
    async recordLook({ project, pipeline: { name }, heldUntilMs }, { seen, pending, dueMs, run, nowMs }) {
      const kept = find(project, name);
      if (!kept || kept.heldUntilMs !== heldUntilMs) return null;
      kept.pipeline.pending = copy(pending);
      Object.assign(kept, { seen: copy(seen), dueMs, heldUntilMs: 0 });
      if (run === null || isUnderWay(kept)) return null;
      return begin({ project, actor: run.acting.actor }, kept, { ...run, nowMs });
    },
  };
}

export function fakePipelineStore(audit: FakeAuditStore): PipelineStore {
  const state: State = { audit, pipelines: [], runs: [] };
  const { pipelines, runs } = state;
  const { find, runsOf, isUnderWay, underWay } = readState(state);
  return {
    async set(by, { id, name, definition, seen, known, nowMs }) {
      const { actor, role, key, person, team } = by;
      const acting = { actor, role, key, person, team };
      const was = find(by.project, name);
      if (known !== undefined && known !== (was?.pipeline.changedAt ?? null))
        throw new WheelhouseError('conflict', `\`${name}\` was set or removed meanwhile.`);
      if (was && textOf(was.pipeline.definition) === textOf(definition) && textOf(was.acting) === textOf(acting))
        return copy(was.pipeline);
      const before = was?.pipeline ?? null;
      const now = { definition: copy(definition), appliedBy: actor, changedAt: isoOf(nowMs) };
      const pending = definition.triggers.length === 0 ? null : (before?.pending ?? null);
      const made = { id: before?.id ?? id, createdAt: before?.createdAt ?? audit.now() };
      const pipeline: Pipeline = { ...made, name, pending, ...now };
      const due = { acting, dueMs: definition.triggers.length === 0 ? null : nowMs, heldUntilMs: 0 };
      const sees = { ...seen, ...was?.seen };
      if (was) Object.assign(was, { pipeline, seen: sees, ...due });
      else pipelines.push({ project: by.project, pipeline, seen: sees, runs: 0, ...due });
      const detail = { before: copy(before?.definition ?? null) as Json, after: copy(definition) as unknown as Json };
      audit.record(by, { action: 'pipeline.set', subject: name, detail });
      return copy(pipeline);
    },
    get: async (project, name) => copy(find(project, name)?.pipeline ?? null),
    list: async (project, { limit, after }) =>
      pipelines
        .filter((one) => one.project === project)
        .map(({ pipeline }) => copy(pipeline))
        .filter(({ name }) => after === undefined || name > after)
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .slice(0, limit),
    async remove(by, name) {
      const was = find(by.project, name);
      if (!was) return false;
      if (isUnderWay(was)) throw underWay(name);
      for (const run of runsOf(was)) runs.splice(runs.indexOf(run), 1);
      pipelines.splice(pipelines.indexOf(was), 1);
      const detail = { before: copy(was.pipeline.definition) as unknown as Json, after: null };
      audit.record(by, { action: 'pipeline.remove', subject: name, detail });
      return true;
    },
    ...fakeRuns(state),
  };
}
