import { answerKey, type CellPlace, calledName, cellKey } from '@wheelhouse/core/eval';
import type {
  CellMark,
  CellStore,
  EarlierAnswer,
  EvaluationCounts,
  EvaluationStore,
  RowChunk,
  Sat,
  Seat,
} from '@wheelhouse/core/ports';
import type { Cell, Evaluation, ExampleId, ExampleRow, NanoUsd } from '@wheelhouse/core/records';
import { chunkRows } from './evaluation-queue.ts';
import { type ReadRow, type RowDeps, readRows } from './evaluation-rows.ts';

/** A chunk that is under way, and what is known of it. */
type OpenChunk = {
  chunk: RowChunk;
  counts: EvaluationCounts;
  /** Cells that are still to be made. */
  left: number;
  finished: Set<string>;
  earlier: Map<string, EarlierAnswer>;
  examples: Set<ExampleId>;
};

type Deps = RowDeps & {
  evaluations: Pick<EvaluationStore, 'take' | 'finish'>;
  cells: Pick<CellStore, 'marks' | 'answers'>;
};

export type ChunkSource = {
  rows(): AsyncGenerator<ExampleRow>;
  isFinished(place: CellPlace): boolean;
  earlier(key: string): EarlierAnswer | null;
  /** Counts a recorded cell; the chunk that it was the last of is done. */
  add(cell: Cell): Promise<void>;
  /** What this seat counted so far of what was spent, and of how many calls. */
  spent(): { costNanoUsd: NanoUsd; calls: number };
  /** How far the chunks are that are not done. */
  open(): (RowChunk & EvaluationCounts)[];
  /** Takes no more chunks. */
  close(): void;
};

const spent = ({ cached, costNanoUsd, judgeNanoUsd }: Omit<CellMark, keyof CellPlace | 'failed'>): NanoUsd | null => {
  const answer = cached ? null : costNanoUsd;
  return answer === null && judgeNanoUsd === 0n ? null : (answer ?? 0n) + judgeNanoUsd;
};

/**
 * The rows that a seat works on: what it had taken before, then chunk after chunk that nobody else took. The next chunk is
 * taken while the last calls of the one before are under way.
 */
export function createChunkSource(
  deps: Deps,
  evaluation: Evaluation,
  { seat, sat }: { seat: Seat; sat: Sat },
): ChunkSource {
  const { evaluations, cells, project } = deps;
  const { runs, repetitions, rollout } = evaluation;
  const runIds = runs.map(({ id }) => id);
  const chunkOf = new Map<ExampleId, OpenChunk>();
  const openChunks = new Set<OpenChunk>();
  const total = { costNanoUsd: 0n, calls: 0 };
  let isClosed = false;

  function count(counts: EvaluationCounts, mark: Omit<CellMark, keyof CellPlace>): void {
    counts.done++;
    if (mark.failed) counts.failed++;
    if (mark.cached) counts.cached++;
    const cost = spent(mark);
    if (cost === null) return;
    counts.costNanoUsd = (counts.costNanoUsd ?? 0n) + cost;
    total.costNanoUsd += cost;
    total.calls++;
  }

  async function earlierOf(rows: readonly ReadRow[]): Promise<Map<string, EarlierAnswer>> {
    if (rollout === null) return new Map();
    const keys = rows.flatMap(({ input }) =>
      runs.flatMap((run) =>
        Array.from({ length: repetitions }, (_, repetition) =>
          answerKey({ identity: calledName(run) ?? '', input, repetition, rollout }),
        ),
      ),
    );
    return cells.answers(project, [...new Set(keys)]);
  }

  async function end(one: OpenChunk): Promise<void> {
    openChunks.delete(one);
    for (const id of one.examples) chunkOf.delete(id);
    if (!(await evaluations.finish(seat, { ...one.chunk, ...one.counts }))) isClosed = true;
  }

  /** What is left to do of the chunk's rows. */
  async function begin(chunk: RowChunk, rows: readonly ReadRow[]): Promise<ReadRow[]> {
    const ids = rows.map(({ exampleId }) => exampleId);
    const marks = await cells.marks(project, { runs: runIds, examples: ids });
    const finished = new Set(marks.map(cellKey));
    const answered = new Set(marks.map(({ exampleId }) => exampleId));
    const living = rows.filter(({ erasedAt }) => erasedAt === null);
    const erased = rows.filter(({ erasedAt, exampleId }) => erasedAt !== null && !answered.has(exampleId)).length;
    const counts: EvaluationCounts = { done: 0, failed: 0, cached: 0, erased, costNanoUsd: null };
    for (const mark of marks) count(counts, mark);
    const alive = new Set(living.map(({ exampleId }) => exampleId));
    const there = marks.filter(({ exampleId }) => alive.has(exampleId)).length;
    const left = living.length * runs.length * repetitions - there;
    const one: OpenChunk = { chunk, counts, left, finished, earlier: await earlierOf(living), examples: alive };
    openChunks.add(one);
    for (const id of alive) chunkOf.set(id, one);
    if (left === 0) await end(one);
    return left === 0 ? [] : living;
  }

  async function* newRows(): AsyncGenerator<ReadRow> {
    const most = chunkRows(evaluation);
    const first = evaluation.rows.first ?? Infinity;
    let { next, taken } = sat;
    while (next !== null && !isClosed) {
      const limit = Math.min(most, first - taken);
      const rows = limit <= 0 ? [] : await readRows(deps, evaluation, { after: next, limit });
      const chunk = { after: next, last: rows.at(-1)?.place ?? next, rows: rows.length };
      const isEnd = rows.length < limit || taken + rows.length >= first;
      const result = await evaluations.take(seat, { ...chunk, isEnd });
      if (result === null) return;
      ({ next, taken } = result);
      if (result.isMine && rows.length > 0) yield* await begin(chunk, rows);
    }
  }

  return {
    async *rows() {
      for (const chunk of sat.held) {
        if (isClosed) return;
        yield* await begin(chunk, await readRows(deps, evaluation, { after: chunk.after, limit: chunk.rows }));
      }
      yield* newRows();
    },
    isFinished: (place) => chunkOf.get(place.exampleId)?.finished.has(cellKey(place)) ?? false,
    earlier(key) {
      for (const { earlier } of openChunks) {
        const answer = earlier.get(key);
        if (answer) return answer;
      }
      return null;
    },
    async add(cell) {
      const one = chunkOf.get(cell.exampleId);
      if (!one) return;
      count(one.counts, { ...cell, failed: cell.error !== null });
      one.left--;
      if (one.left === 0) await end(one);
    },
    spent: () => total,
    open: () => [...openChunks].map(({ chunk, counts }) => ({ ...chunk, ...counts })),
    close: () => {
      isClosed = true;
    },
  };
}
