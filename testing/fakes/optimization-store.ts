import type { KeptAnswer, OptimizationStore, OptimizationTurn } from '@wheelhouse/core/ports';
import {
  type Actor,
  noOptimizationProgress,
  type Optimization,
  type OptimizationCandidate,
  type OptimizationSummary,
  optimizationScore,
  type ProjectId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import type { FakeAuditStore } from './audit-store.ts';

type Kept = {
  project: ProjectId;
  task: Omit<Optimization, 'score' | 'spend' | 'verdict'>;
  answers: KeptAnswer[];
  candidates: OptimizationCandidate[];
};

const isActive = ({ task }: Kept) => task.state === 'queued' || task.state === 'running';
const missing = (id: string) => new WheelhouseError('not_found', `There is no optimization \`${id}\`.`);

function whole({ task }: Kept): Optimization {
  const { progress, report } = task;
  return structuredClone({
    ...{ ...task, spend: progress.spend, verdict: report?.verdict ?? null },
    score: optimizationScore(progress, report),
  });
}

function lineOf(kept: Kept): OptimizationSummary {
  const { progress: _, report: __, definition: ___, madeFrom: ____, spend, ...summary } = whole(kept);
  return { ...summary, spend: { calls: spend.calls, costNanoUsd: spend.costNanoUsd } };
}

export function fakeOptimizationStore(audit: FakeAuditStore): OptimizationStore {
  const all: Kept[] = [];
  const find = (id: string) => all.find(({ task }) => task.id === id);
  function own({ project }: Actor, id: string): Kept {
    const found = find(id);
    if (found?.project !== project) throw missing(id);
    return found;
  }
  const ofTurn = ({ id, turn }: OptimizationTurn) => {
    const found = find(id);
    return found?.task.turn === turn ? found : null;
  };
  const changed = (by: Actor, { task }: Kept, verb: string, more: object = {}) =>
    audit.record(by, {
      ...{ action: `optimization.${verb}`, subject: task.id },
      detail: { program: task.program, optimizer: task.optimizer.name, ...more },
    });
  return {
    async create(by, { id, budget, madeFrom, ...setup }) {
      const isHere = setup.place === 'server';
      const kept: Kept = {
        ...{ project: by.project, answers: [], candidates: [] },
        task: structuredClone({
          ...{ ...setup, id, budget, madeFrom, state: isHere ? 'queued' : 'running', error: null, turn: 0 },
          ...{ progress: noOptimizationProgress(), report: null, definition: null, published: null },
          ...{ author: by.actor, createdAt: audit.now(), startedAt: isHere ? null : audit.now(), finishedAt: null },
          heardAt: isHere ? null : audit.now(),
        }),
      };
      all.unshift(kept);
      changed(by, kept, 'create', { budget });
      return whole(kept);
    },
    async get(project, id) {
      const found = find(id);
      return found?.project === project ? whole(found) : null;
    },
    async list(project, { limit, before, state, program, dataset }) {
      const of = all.filter((one) => one.project === project);
      const place = before === undefined ? -1 : of.findIndex(({ task }) => task.id === before);
      if (before !== undefined && place === -1)
        throw new WheelhouseError('invalid_request', `\`${before}\` is no place in the list.`, { param: 'cursor' });
      return of
        .slice(place + 1)
        .filter(({ task }) => state === undefined || task.state === state)
        .filter(({ task }) => program === undefined || task.registered?.name === program)
        .filter(({ task }) => dataset === undefined || task.dataset === dataset)
        .slice(0, limit)
        .map(lineOf);
    },
    candidates: async (id) =>
      structuredClone((find(id)?.candidates ?? []).map(({ instances: _, ...candidate }) => candidate)),
    candidate: async (id, candidateId) =>
      structuredClone(find(id)?.candidates.find((one) => one.id === candidateId) ?? null),

    async begin(turn) {
      const found = ofTurn(turn);
      if (!found || !isActive(found)) return false;
      Object.assign(found.task, { state: 'running', startedAt: found.task.startedAt ?? audit.now() });
      return true;
    },
    async keep(id, answers) {
      const found = find(id);
      for (const answer of structuredClone(answers))
        if (found?.answers.every(({ key }) => key !== answer.key)) found.answers.push(answer);
    },
    answers: async (id, { after, limit }) =>
      structuredClone(find(id)?.answers ?? [])
        .map(({ entry }, i) => ({ n: String(i + 1), entry }))
        .filter(({ n }) => Number(n) > Number(after))
        .slice(0, limit),
    countAnswers: async (id) => find(id)?.answers.length ?? 0,
    async report(turn, { progress, candidates }) {
      const found = ofTurn(turn);
      if (!found) return false;
      found.task.progress = structuredClone(progress);
      if (found.task.place === 'client') found.task.heardAt = audit.now();
      for (const candidate of structuredClone(candidates))
        if (found.candidates.every(({ id }) => id !== candidate.id)) found.candidates.push(candidate);
      return isActive(found);
    },
    async end(turn, end) {
      const found = ofTurn(turn);
      if (!found) return null;
      if (isActive(found)) Object.assign(found.task, structuredClone(end), { finishedAt: audit.now() });
      return whole(found);
    },

    async stop(by, id) {
      const found = own(by, id);
      if (!isActive(found)) throw new WheelhouseError('conflict', `The optimization is ${found.task.state} already.`);
      Object.assign(found.task, { state: 'stopped', finishedAt: audit.now() });
      changed(by, found, 'stop');
      return whole(found);
    },
    async resume(by, id, { budget }) {
      const found = own(by, id);
      const { task } = found;
      if (isActive(found)) throw new WheelhouseError('conflict', `The optimization is ${task.state}.`);
      const before = task.budget;
      Object.assign(task, {
        ...{ state: task.place === 'client' ? 'running' : 'queued', turn: task.turn + 1, finishedAt: null },
        ...{ error: null, report: null, definition: null, budget: budget ?? before },
        ...(task.place === 'client' ? { heardAt: audit.now() } : {}),
      });
      changed(by, found, 'resume', budget === undefined ? {} : { before, after: budget });
      return whole(found);
    },
    async setPublished(by, id, published) {
      const found = own(by, id);
      found.task.published = structuredClone(published);
      changed(by, found, 'publish', published);
    },
    async remove(by, id) {
      const found = own(by, id);
      all.splice(all.indexOf(found), 1);
      changed(by, found, 'remove');
    },
  };
}
