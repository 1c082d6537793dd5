import type { Actor, DeadLetter, LedgerBook, Letter, ProjectId } from '../records/index.ts';

export type SavedBook = LedgerBook & { server: string; savedAt: string };

/** What each server counted, kept across restarts. A server is known by its data directory. */
export type LedgerStore = {
  /** Replaces what this server saved before of these projects; leaves out those that are being removed, or are unknown. */
  save(server: string, books: LedgerBook[]): Promise<void>;
  /** What was saved last, of one server or all, of one project or all, with when it was (ISO 8601). */
  load(of: { server?: string; project?: ProjectId }): Promise<SavedBook[]>;
};

/** What is kept at most; the oldest go first. */
export type DeadLetterBounds = { letters: number; bytes: number; days: number };
export type DeadLetterFilter = { source?: string; reason?: string; ids?: string[] };

export type DeadLetterStore = {
  /** Keeps the letters; forgets the oldest beyond the bounds. */
  keep(project: ProjectId, letters: (DeadLetter & Letter)[], bounds: DeadLetterBounds): Promise<void>;
  /** Newest first, below `before` (an id) when given. */
  list(project: ProjectId, page: DeadLetterFilter & { limit: number; before?: string }): Promise<DeadLetter[]>;
  get(project: ProjectId, id: string): Promise<(DeadLetter & Letter) | null>;
  counts(project: ProjectId, filter: DeadLetterFilter): Promise<{ letters: number; bytes: number }>;
  /** `not_found` when there is none. */
  repair(by: Actor, id: string, content: Pick<Letter, 'body' | 'contentType'>): Promise<void>;
  /** It was sent again, and refused again. */
  refusedAgain(project: ProjectId, id: string, why: { reason: string; sample: string }): Promise<void>;
  /** false when there is none; `action` says in the audit why it goes. */
  remove(by: Actor, id: string, action: 'dead_letter.remove' | 'dead_letter.replay'): Promise<boolean>;
};
