import { meanInterval } from '../eval/index.ts';
import { type AnyModule, type Candidate, candidateOf, predictorsOf, type Signature } from '../program/index.ts';
import { canonicalJson, contentHash, type Json, type JsonObject } from '../records/index.ts';
import { uniformFrom } from '../stats/index.ts';
import type { Contender } from './ask.ts';
import { addTo, nothing } from './budget.ts';
import { candidateChanges } from './candidate-changes.ts';
import type { Draw } from './draws.ts';
import type { CandidateNote, SaidEvent, ScoreNote } from './events.ts';
import { idOf, type Ledger, SearchStop } from './ledger.ts';
import type { RowSets, SearchRow } from './row.ts';
import type { RunEntry } from './state.ts';

export type Evaluation = { score: number; runs: RunEntry[] };

/** A candidate that a search came to; null: it was not scored. */
export type Offer = { candidate: Candidate; score: number | null };

/** A program that a search built of the one it was given, and the candidate that goes with it. */
export type Built = Contender;

/** What an optimizer works with. It has no way to rows that are held out. */
export type Bench = {
  readonly program: AnyModule;
  /** The program as it is, whole. */
  readonly base: Candidate;
  readonly predictors: ReadonlyMap<string, Signature>;
  readonly train: readonly SearchRow[];
  /** null: none were given. */
  readonly validation: readonly SearchRow[] | null;
  readonly seed: number;
  /** Numbers in (0, 1) that the compilation's seed and the name decide. */
  draw(name: string): Draw;
  /** Runs candidates on rows, each shown no demonstration of its own row. @throws SearchStop */
  run(work: readonly { candidate: Candidate; row: SearchRow; rollout?: number }[]): Promise<RunEntry[]>;
  /** The mean score over rows. @throws SearchStop */
  evaluate(candidate: Candidate, rows: readonly SearchRow[], scope?: ScoreNote['scope']): Promise<Evaluation>;
  /** Asks the model that writes. @throws SearchStop */
  write(
    task: AnyModule,
    input: JsonObject,
    options: { rollout: number; temperature: number },
  ): Promise<JsonObject | null>;
  /** Tells of a candidate, the first time. */
  consider(candidate: Candidate, note: { by: string; parents: readonly Candidate[] }): Promise<void>;
  /** A candidate that may be what the search comes to: of those with the best score the first. */
  offer(candidate: Candidate, score: number | null): void;
  /** In the order in which they came, the best first. */
  offers(): Offer[];
  tell(said: SaidEvent & { type: 'front' }): Promise<void>;
};

export const meanOf = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;

const isEqual = (a: Json | undefined, b: Json | undefined) => canonicalJson(a ?? null) === canonicalJson(b ?? null);

/** Whether a demonstration was made of a row: what it has of the row's input is the same. */
function isOf(values: JsonObject, row: SearchRow): boolean {
  const shared = Object.keys(row.input).filter((name) => Object.hasOwn(values, name));
  return shared.length > 0 && shared.every((name) => isEqual(values[name], row.input[name]));
}

const without = new WeakMap<Candidate, Map<string, Candidate>>();
/** The candidate without demonstrations of the row: nothing is shown its own answer. */
function withoutOwn(candidate: Candidate, row: SearchRow): Candidate {
  const known = without.get(candidate) ?? new Map<string, Candidate>();
  without.set(candidate, known);
  const found = known.get(row.key);
  if (found) return found;
  let made = candidate;
  for (const [path, { demos = [] }] of Object.entries(candidate)) {
    const others = demos.filter(({ values }) => !isOf(values, row));
    if (others.length < demos.length) made = { ...made, [path]: { ...made[path], demos: others } };
  }
  known.set(row.key, made);
  return made;
}

/** How sure a score is, and what it took. */
function tookOf(runs: readonly RunEntry[]): Pick<ScoreNote, 'interval' | 'calls' | 'costNanoUsd' | 'latencyMs'> {
  const sum = nothing();
  for (const { expense } of runs) addTo(sum, expense);
  return {
    interval: meanInterval(
      runs.map(({ score }) => score),
      'score',
      0.95,
    ),
    ...{ calls: sum.calls, costNanoUsd: sum.unpriced > 0 ? null : String(sum.costNanoUsd) },
    latencyMs: meanOf(runs.map(({ latencyMs }) => latencyMs)),
  };
}

export type BenchState = { notes: CandidateNote[]; scores: ScoreNote[]; offers: Offer[] };

export function createBench(
  { program, sets, ledger, seed }: { program: AnyModule; sets: RowSets; ledger: Ledger; seed: number },
  state: BenchState,
): Bench {
  const base = candidateOf(program);
  const seen = new Set([idOf(base)]);
  const contender = (candidate: Candidate) => ({ program, shape: '', candidate });
  const ranked = () => [...state.offers].sort((a, b) => (b.score ?? -1) - (a.score ?? -1));

  async function run(work: readonly { candidate: Candidate; row: SearchRow; rollout?: number }[]) {
    return ledger.runRows(
      work.map(({ candidate, row, rollout = 0 }) => ({
        ...{ contender: contender(withoutOwn(candidate, row)), row, rollout },
      })),
    );
  }

  return {
    ...{ program, base, predictors: predictorsOf(program) },
    ...{ train: sets.train, validation: sets.validation, seed },
    draw: (name) => uniformFrom(Number.parseInt(contentHash([seed, name]).slice(0, 8), 16) | 0),
    run,
    async evaluate(candidate, rows, scope = 'validation') {
      const runs = await run(rows.map((row) => ({ candidate, row })));
      const score = meanOf(runs.map((one) => one.score));
      const note: ScoreNote = { id: idOf(candidate), scope, score, rows: rows.length, ...tookOf(runs) };
      state.scores.push(note);
      await ledger.tell({ type: 'scored', ...note });
      return { score, runs };
    },
    write: (task, input, options) => ledger.write(task, input, options),
    async consider(candidate, { by, parents }) {
      const id = idOf(candidate);
      if (seen.has(id)) return;
      seen.add(id);
      const changes = candidateChanges(parents[0] ?? base, candidate);
      const note: CandidateNote = { id, by, parents: parents.map(idOf), changes };
      state.notes.push(note);
      await ledger.tell({ type: 'candidate', candidate, ...note });
    },
    offer(candidate, score) {
      state.offers.push({ candidate, score });
    },
    offers: ranked,
    tell: (said) => ledger.tell(said),
  };
}

/** Does something, and where it is cut short, offers what there is by then. @throws SearchStop */
export async function orOffer<T>(work: () => Promise<T>, offer: () => void): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SearchStop) offer();
    throw error;
  }
}
