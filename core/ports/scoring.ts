import type { Actor, ProjectId, Scoring, ScoringProgress } from '../records/index.ts';

export type NewScoring = Pick<
  Scoring,
  'id' | 'of' | 'span' | 'q' | 'nowNs' | 'scorers' | 'sample' | 'most' | 'capNanoUsd' | 'total'
>;

export type ScoringStore = {
  create(by: Actor, scoring: NewScoring): Promise<Scoring>;
  get(project: ProjectId, id: string): Promise<Scoring | null>;
  /** Newest first, below `before` (an id) when given. */
  list(project: ProjectId, page: { limit: number; before?: string }): Promise<Scoring[]>;
  /** Says how far it is, and that it runs; false, and nothing is written, when it has ended or was cancelled. */
  advance(id: string, progress: ScoringProgress): Promise<boolean>;
  /** Leaves one that has ended before as it is. */
  finish(id: string, status: 'completed' | 'failed', error?: string): Promise<void>;
  /** Leaves one that has ended as it is; `not_found` when there is none. */
  cancel(by: Actor, id: string): Promise<Scoring>;
};
