import type { Candidate } from '../program/index.ts';
import type { Spent } from './budget.ts';
import type { CandidateChange } from './candidate-changes.ts';
import type { CompileState, Entry } from './state.ts';

/** Why a search ended. */
export type StopReason = 'done' | 'budget' | 'price_unknown' | 'failing' | 'called_off';

/** A candidate that came up, and of what. */
export type CandidateNote = {
  /** Its hash. */
  id: string;
  /** What made it, for example `bootstrap` or `merge`. */
  by: string;
  parents: string[];
  /** From the first parent; from the program itself where there is none. */
  changes: CandidateChange[];
};

export type ScoreNote = {
  id: string;
  /** Of rows: all that candidates are chosen by, or a part. */
  scope: 'validation' | 'minibatch';
  score: number;
  rows: number;
  /** 95 % interval of the score; null: too few rows. */
  interval: { low: number; high: number } | null;
  /** What the runs took, also where they were made for another purpose before. */
  calls: number;
  /** A decimal integer; null: the price of some calls is not known. */
  costNanoUsd: string | null;
  /** Mean of a run. */
  latencyMs: number;
};

type Said =
  | { type: 'began'; train: number; validation: number; heldOut: number; program: Candidate }
  | { type: 'asked'; entry: Entry }
  | ({ type: 'candidate'; candidate: Candidate } & CandidateNote)
  | ({ type: 'scored' } & ScoreNote)
  /** The candidates of which each is the best on some row (GEPA), with the rows that each leads, by their places. */
  | { type: 'front'; rows: number; members: { id: string; score: number; leads: number[] }[] }
  | { type: 'stopped'; reason: StopReason; message: string }
  | { type: 'compared'; best: string };

/** What happens, with what was spent until then. Going on from a state tells everything again, with the same numbers. */
export type CompileEvent = Said & { n: number; spent: Spent };
export type SaidEvent = Said;

/** What was asked just now, in the order in which answers come. A state may be put together of these as well. */
export type OnAnswer = (entry: Entry) => void | Promise<void>;

/** Waited for; where it throws, the compilation ends with that. `state` has all that was asked so far. */
export type OnEvent = (event: CompileEvent, state: CompileState) => void | Promise<void>;
