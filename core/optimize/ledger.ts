import type { Clock } from '../ports/index.ts';
import { type AnyModule, type Candidate, candidateHash, type ProgramWorld } from '../program/index.ts';
import { contentHash, type Json, type JsonObject, nanosToMs } from '../records/index.ts';
import { type Asking, askRun, askWrite, type Contender } from './ask.ts';
import {
  addTo,
  type Budget,
  callsLeft,
  type Expense,
  nothing,
  type Reserve,
  type Sum,
  shareSpent,
  spentOf,
} from './budget.ts';
import type { OnAnswer, OnEvent, SaidEvent, StopReason } from './events.ts';
import type { Metric } from './metric.ts';
import type { AnyRow } from './row.ts';
import {
  type CompileState,
  type Entry,
  failureOf,
  failuresInARow,
  isOfOthers,
  type RunEntry,
  type WriteEntry,
} from './state.ts';

/** Ends a search from within, at whatever depth it is; what it has found so far is its result. */
export class SearchStop extends Error {
  readonly reason: StopReason;
  constructor(reason: StopReason, message: string) {
    super(message);
    this.reason = reason;
  }
}

const hashes = new WeakMap<Candidate, string>();
/** {@link candidateHash}, computed once. */
export function idOf(candidate: Candidate): string {
  const known = hashes.get(candidate);
  if (known !== undefined) return known;
  const hash = candidateHash(candidate);
  hashes.set(candidate, hash);
  return hash;
}

/** A candidate on a row, as one of several samples. */
type Work = { contender: Contender; row: AnyRow; rollout?: number };
const namedOf = (work: readonly Work[]) =>
  work.map(({ contender, row, rollout = 0 }) => {
    const id = contender.shape + idOf(contender.candidate).slice(0, 16);
    return { contender, row, rollout, id, key: `${id}:${row.key.slice(0, 16)}:${row.split}:${rollout}` };
  });

export type LedgerDeps = {
  world: ProgramWorld;
  /** Writes instructions. */
  proposer: string;
  clock: Clock;
  metric: Metric<never, never>;
  budget: Budget;
  /** At once. */
  concurrency: number;
  state: CompileState;
  onEvent: OnEvent | undefined;
  onAnswer: OnAnswer | undefined;
};

/** What runs took, by candidate. */
function createRunCosts() {
  const costs = new Map<string, { sum: Sum; runs: number }>();
  return {
    add(candidateId: string, expense: Expense): void {
      const cost = costs.get(candidateId) ?? { sum: nothing(), runs: 0 };
      addTo(cost.sum, expense);
      cost.runs++;
      costs.set(candidateId, cost);
    },
    /** What running so many rows takes at most, by the dearest candidate so far. */
    dearest(rows: number): Sum {
      const most = nothing();
      for (const { sum: taken, runs } of costs.values()) {
        most.calls = Math.max(most.calls, Math.ceil((taken.calls * rows) / runs));
        const nano = (taken.costNanoUsd * BigInt(rows)) / BigInt(runs);
        if (nano > most.costNanoUsd) most.costNanoUsd = nano;
      }
      return most;
    },
  };
}

/** Lets an answer be kept before anything comes of it. */
const keeping =
  (onAnswer: OnAnswer | undefined) =>
  async <Answer extends Entry>(entry: Answer): Promise<Answer> => {
    await onAnswer?.(entry);
    return entry;
  };

export type Ledger = ReturnType<typeof createLedger>;

/**
 * Asks everything once, writes it down, and spends the budget. What the state already has is spent and told again, but not
 * asked again: a search that is repeated takes the same decisions.
 */
export function createLedger(deps: LedgerDeps) {
  const { world, proposer, clock, budget, state, metric } = deps;
  const known = new Map(state.entries.map((entry) => [entry.key, entry]));
  const used = new Set<string>();
  const sum = nothing();
  const costs = createRunCosts();
  const beganAt = clock.now();
  const beganMs = state.entries.at(-1)?.atMs ?? 0;
  const keep = keeping(deps.onAnswer);
  let told = 0;
  let inARow = 0;
  let lastFailure = '';
  /** What the search may come to, of the whole budget, and what of it is kept back. */
  let limit: { share: number; reserve: () => Reserve } = { share: 1, reserve: nothing };

  const asking: Asking = { world, proposer, metric, clock, nowMs: () => beganMs + nanosToMs(clock.now() - beganAt) };

  async function tell(said: SaidEvent): Promise<void> {
    await deps.onEvent?.({ ...said, n: told++, spent: spentOf(sum, sum.ms) }, state);
  }

  function guard(): void {
    if (world.signal.aborted) throw new SearchStop('called_off', 'It was called off.');
    if (budget.costNanoUsd !== undefined && sum.unpriced > 0)
      throw new SearchStop(
        'price_unknown',
        'A model was asked whose price is not known, so dollars cannot be counted.',
      );
    if (shareSpent(budget, sum, limit.reserve()) >= limit.share) throw new SearchStop('budget', 'The budget is spent.');
    if (inARow >= failuresInARow)
      throw new SearchStop('failing', `${inARow} questions in a row came to nothing, the last one so: ${lastFailure}`);
  }

  /** What is cut off ends the search; anything else is a fault. */
  function cutOff(error: unknown): never {
    guard();
    throw error;
  }

  /** Counts an entry the first time that it is come upon. */
  async function use(entry: Entry, candidateId: string | null): Promise<void> {
    if (used.has(entry.key)) return;
    used.add(entry.key);
    if (!known.has(entry.key)) {
      known.set(entry.key, entry);
      state.entries.push(entry);
    }
    addTo(sum, entry.expense);
    sum.ms = Math.max(sum.ms, entry.atMs);
    if (candidateId !== null) costs.add(candidateId, entry.expense);
    const failed = failureOf(entry);
    inARow = isOfOthers(failed) ? inARow + 1 : 0;
    lastFailure = failed?.message ?? lastFailure;
    await tell({ type: 'asked', entry });
  }

  return {
    tell,
    /** @throws SearchStop where no more may be asked */
    guard,
    spent: () => spentOf(sum, sum.ms),
    sum: (): Sum => ({ ...sum }),
    /** @param reserve to be left for what comes after the search */
    setLimit(share: number, reserve: () => Reserve = nothing): void {
      limit = { share, reserve };
    },
    dearest: costs.dearest,

    /**
     * A candidate on rows, as many at once as may be; entries in the order of the rows.
     * @throws SearchStop
     */
    async runRows(work: readonly Work[]): Promise<RunEntry[]> {
      const named = namedOf(work);
      const waiting = [...new Map(named.map((one) => [one.key, one])).values()].filter(({ key }) => !used.has(key));
      while (waiting.length > 0) {
        guard();
        const wave = waiting.splice(
          0,
          Math.min(deps.concurrency, callsLeft(budget, sum, { share: limit.share, reserve: limit.reserve() })),
        );
        const done = await Promise.allSettled(
          wave.map(({ contender, row, key, rollout }) =>
            Promise.resolve(known.get(key) ?? askRun(asking, { contender, row, key, rollout }).then(keep)),
          ),
        );
        for (const [i, one] of done.entries())
          if (one.status === 'fulfilled') await use(one.value, wave[i]?.id ?? null);
        const failed = done.find((one) => one.status === 'rejected');
        if (failed) cutOff(failed.reason);
      }
      return named.map(({ key }) => known.get(key) as RunEntry);
    },

    /** What {@link runRows} has got to, of the same work; null: not yet. */
    ranOf: (work: readonly Work[]): (RunEntry | null)[] =>
      namedOf(work).map(({ key }) => (used.has(key) ? (known.get(key) as RunEntry) : null)),

    /** Lets the proposing model answer; null: it gave nothing that could be read. @throws SearchStop */
    async write(
      module: AnyModule,
      input: JsonObject,
      { rollout, temperature }: { rollout: number; temperature: number },
    ): Promise<JsonObject | null> {
      const { signature } = module;
      const task: Json = [signature?.instructions ?? '', (signature?.outputs ?? []).map(({ name }) => name)];
      const key = `write:${contentHash([task, input, rollout, temperature]).slice(0, 32)}`;
      const entry = known.get(key);
      if (!used.has(key)) {
        guard();
        const written =
          entry ?? (await askWrite(asking, { module, input, key, rollout, temperature }).then(keep).catch(cutOff));
        await use(written, null);
      }
      return (known.get(key) as WriteEntry).output;
    },
  };
}
