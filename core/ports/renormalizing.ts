import type { Actor, ProjectId, Renormalization, RenormalizationProgress, Span } from '../records/index.ts';

export type RenormalizationStore = {
  create(
    by: Actor,
    renormalization: Pick<Renormalization, 'id' | 'from' | 'until' | 'normalizer' | 'total'>,
  ): Promise<Renormalization>;
  get(project: ProjectId, id: string): Promise<Renormalization | null>;
  /** Newest first, below `before` (an id) when given. */
  list(project: ProjectId, page: { limit: number; before?: string }): Promise<Renormalization[]>;
  /** Says how far it is, and that it runs; false, and nothing is written, when it has ended or was cancelled. */
  advance(id: string, progress: RenormalizationProgress): Promise<boolean>;
  /** Leaves one that has ended before as it is. */
  finish(id: string, status: 'completed' | 'failed', error?: string): Promise<void>;
  /** Leaves one that has ended as it is; `not_found` when there is none. */
  cancel(by: Actor, id: string): Promise<Renormalization>;
};

/** Spans that started in the time and that only a normaliser before this one has read; times are ISO 8601. */
export type StaleFragments = Pick<Renormalization, 'from' | 'until' | 'normalizer'> & { dialects: readonly string[] };

/** Spans as they were reported, before they are folded. */
export type SpanFragments = {
  count(project: ProjectId, which: StaleFragments): Promise<number>;
  /** In the order that they are kept in, from after the place `after` on; one that was reported twice comes once. */
  page(
    project: ProjectId,
    which: StaleFragments,
    page: { after: string | null; limit: number },
  ): Promise<{ fragments: Span[]; next: string | null }>;
};
