import type { EvaluationCounts, EvaluationStore, RowChunk, Seat } from '@wheelhouse/core/ports';
import {
  type Actor,
  type Evaluation,
  type EvaluationId,
  type ProjectId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { type FakeAuditStore, fakeAuditStore } from './audit-store.ts';

type Chunk = RowChunk & EvaluationCounts & { seat: number };
type Entry = {
  project: ProjectId;
  evaluation: Evaluation;
  next: number | null;
  taken: number;
  chunks: Chunk[];
  seatDone: Map<number, number>;
  knownErased: number;
};

const nothing: EvaluationCounts = { done: 0, failed: 0, cached: 0, erased: 0, costNanoUsd: null };
const countsOf = ({ done, failed, cached, erased, costNanoUsd }: EvaluationCounts): EvaluationCounts => ({
  ...{ done, failed, cached, erased, costNanoUsd },
});
const plus = (a: EvaluationCounts, b: EvaluationCounts): EvaluationCounts => ({
  done: a.done + b.done,
  failed: a.failed + b.failed,
  cached: a.cached + b.cached,
  erased: a.erased + b.erased,
  costNanoUsd: a.costNanoUsd === null ? b.costNanoUsd : a.costNanoUsd + (b.costNanoUsd ?? 0n),
});
const isActive = ({ evaluation: { status } }: Entry) => status === 'queued' || status === 'running';
function totalOf({ evaluation, chunks, knownErased }: Entry): EvaluationCounts {
  const counts = chunks.reduce(plus, countsOf(evaluation));
  return { ...counts, erased: Math.max(counts.erased, knownErased) };
}
const shown = (entry: Entry): Evaluation => structuredClone({ ...entry.evaluation, ...totalOf(entry) });
const missing = (id: string) => new WheelhouseError('not_found', `There is no evaluation \`${id}\`.`);
const sourceOf = ({ dataset, datasetVersion, runs }: Pick<Evaluation, 'dataset' | 'datasetVersion' | 'runs'>) => ({
  ...{ dataset: `${dataset}@${datasetVersion}`, runs: runs.map(({ label }) => label) },
});

/** What is kept, and how it is found and changed. */
function openEntries(audit: FakeAuditStore) {
  const entries: Entry[] = [];
  const find = (id: string) => entries.find(({ evaluation }) => evaluation.id === id);

  function of(id: EvaluationId): Entry {
    const entry = find(id);
    if (!entry) throw missing(id);
    return entry;
  }

  function own(by: Actor, id: EvaluationId): Entry {
    const entry = of(id);
    if (entry.project !== by.project) throw missing(id);
    return entry;
  }

  /** null: it is gone, or another turn has begun. */
  function forTurn({ id, turn }: Pick<Seat, 'id' | 'turn'>): Entry | null {
    const entry = find(id);
    return entry && entry.evaluation.turn === turn ? entry : null;
  }

  const change = (entry: Entry, members: Partial<Evaluation>) => {
    entry.evaluation = { ...entry.evaluation, ...structuredClone(members) };
  };
  const record = (by: Actor, verb: string, { evaluation }: Entry) =>
    audit.record(by, { action: `evaluation.${verb}`, subject: evaluation.id, detail: sourceOf(evaluation) });
  return { entries, audit, find, of, own, forTurn, change, record };
}
type Entries = ReturnType<typeof openEntries>;

type Working = Pick<EvaluationStore, 'sit' | 'take' | 'report' | 'finish'>;
function fakeWorking({ audit, forTurn, change }: Entries): Working {
  return {
    async sit(seat) {
      const entry = forTurn(seat);
      if (!entry || !isActive(entry)) return null;
      change(entry, { status: 'running', startedAt: entry.evaluation.startedAt ?? audit.now() });
      const held = entry.chunks.filter((one) => one.seat === seat.seat);
      const recorded = held.reduce((sum, { done }) => sum + done, entry.seatDone.get(seat.seat) ?? 0);
      const places = held.map(({ after, last, rows }) => ({ after, last, rows })).sort((a, b) => a.after - b.after);
      return { next: entry.next, taken: entry.taken, held: places, recorded };
    },
    async take(seat, { after, last, rows, isEnd }) {
      const entry = forTurn(seat);
      if (!entry || !isActive(entry)) return null;
      const isNext = entry.next === after;
      const isMine = isNext || entry.chunks.some((one) => one.after === after && one.seat === seat.seat);
      if (isNext) {
        entry.next = isEnd ? null : last;
        entry.taken += rows;
        if (rows > 0) entry.chunks.push({ after, last, rows, seat: seat.seat, ...nothing });
      }
      return { next: entry.next, taken: entry.taken, isMine };
    },
    async report(seat, chunks) {
      const entry = forTurn(seat);
      if (!entry) return null;
      for (const chunk of chunks)
        entry.chunks = entry.chunks.map((one) =>
          one.after === chunk.after && one.seat === seat.seat ? { ...one, ...countsOf(chunk) } : one,
        );
      return isActive(entry) ? totalOf(entry) : null;
    },
    async finish(seat, chunk) {
      const entry = forTurn(seat);
      if (!entry) return false;
      const left = entry.chunks.filter((one) => one.after !== chunk.after || one.seat !== seat.seat);
      if (left.length < entry.chunks.length) {
        entry.chunks = left;
        change(entry, plus(countsOf(entry.evaluation), countsOf(chunk)));
        entry.seatDone.set(seat.seat, (entry.seatDone.get(seat.seat) ?? 0) + chunk.done);
      }
      return isActive(entry);
    },
  };
}

type Reading = Pick<EvaluationStore, 'get' | 'ofRun' | 'list' | 'isDone' | 'othersWait'>;
function fakeReading({ entries, find, of }: Entries): Reading {
  return {
    async get(project, id) {
      const entry = find(id);
      return entry?.project === project ? shown(entry) : null;
    },
    async ofRun(project, run) {
      const entry = entries.find((one) => one.project === project && one.evaluation.runs.some(({ id }) => id === run));
      return entry ? shown(entry) : null;
    },
    async list(project, { limit, before, dataset, model, status, replays }) {
      const newestFirst = entries.filter((entry) => entry.project === project).reverse();
      const place = before === undefined ? -1 : newestFirst.findIndex(({ evaluation }) => evaluation.id === before);
      if (before !== undefined && place === -1)
        throw new WheelhouseError('invalid_request', `\`${before}\` is no place in the list.`, { param: 'cursor' });
      return newestFirst
        .slice(place + 1)
        .map(shown)
        .filter((one) => dataset === undefined || one.dataset === dataset)
        .filter((one) => status === undefined || one.status === status)
        .filter(
          ({ runs }) =>
            model === undefined || runs.some((run) => run.model === model || `${run.model}@${run.version}` === model),
        )
        .filter(({ metadata }) => replays === undefined || metadata.replay !== undefined)
        .slice(0, limit);
    },
    async isDone(id) {
      const { next, chunks } = of(id);
      return next === null && chunks.length === 0;
    },
    async othersWait(id) {
      return entries.some((one) => one.evaluation.id !== id && one.evaluation.place === 'server' && isActive(one));
    },
  };
}

type Changing = Pick<EvaluationStore, 'stop' | 'resume' | 'remove' | 'setCounts' | 'complete' | 'end'>;
function fakeChanging({ entries, audit, own, of, forTurn, change, record }: Entries): Changing {
  return {
    async stop(by, id) {
      const entry = own(by, id);
      if (!isActive(entry))
        throw new WheelhouseError('conflict', `The evaluation is ${entry.evaluation.status} already.`);
      change(entry, { status: 'stopped', error: null, finishedAt: audit.now() });
      record(by, 'stop', entry);
      return shown(entry);
    },
    async resume(by, id, options) {
      const entry = own(by, id);
      const { status, place, turn } = entry.evaluation;
      if (status !== 'stopped' && status !== 'failed')
        throw new WheelhouseError('conflict', `The evaluation is ${status}: there is nothing to resume.`);
      change(entry, {
        ...{ status: place === 'client' ? 'running' : 'queued', error: null, finishedAt: null, turn: turn + 1 },
        ...options,
      });
      record(by, 'resume', entry);
      return shown(entry);
    },
    async remove(by, id) {
      const entry = own(by, id);
      entries.splice(entries.indexOf(entry), 1);
      record(by, 'remove', entry);
    },
    async setCounts(id, counts) {
      const entry = of(id);
      if (entry.evaluation.status !== 'completed') change(entry, countsOf(counts));
    },
    async complete(id, outcome, counts) {
      const entry = of(id);
      if (entry.evaluation.status === 'completed') return;
      entry.chunks = [];
      change(entry, {
        ...{ ...outcome, ...countsOf(counts), total: counts.done },
        ...{ status: 'completed', error: null, finishedAt: audit.now() },
      });
    },
    async end(id, turn, { status, reason }) {
      const entry = forTurn({ id, turn });
      if (entry && isActive(entry)) change(entry, { status, error: reason, finishedAt: audit.now() });
    },
  };
}

/** In memory; give it the audit store that the test reads. */
export function fakeEvaluationStore(audit: FakeAuditStore = fakeAuditStore()): EvaluationStore {
  const all = openEntries(audit);
  const { entries, find, record } = all;
  return {
    async create(by, { erased, ...evaluation }) {
      if (find(evaluation.id))
        throw new WheelhouseError('conflict', `There is already an evaluation \`${evaluation.id}\`.`);
      const isClient = evaluation.place === 'client';
      const created: Evaluation = {
        ...structuredClone(evaluation),
        ...{ ...nothing, status: isClient ? 'running' : 'queued', error: null, turn: 0 },
        ...{ summaries: [], results: [], gateResults: [] },
        ...{ createdAt: audit.now(), startedAt: isClient ? audit.now() : null, finishedAt: null },
      };
      const entry: Entry = {
        ...{
          project: by.project,
          evaluation: created,
          next: 0,
          taken: 0,
          chunks: [],
          seatDone: new Map(),
          knownErased: erased,
        },
      };
      entries.push(entry);
      record(by, 'create', entry);
      return shown(entry);
    },
    ...fakeReading(all),
    ...fakeWorking(all),
    ...fakeChanging(all),
  };
}
