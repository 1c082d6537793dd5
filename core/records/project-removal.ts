import type { ProjectId } from './ids.ts';

/** How much a project has. Examples are those of drafts and of every frozen version, each once; keys, those that count. */
export type ProjectContents = {
  traces: number;
  scores: number;
  models: number;
  datasets: number;
  examples: number;
  evaluations: number;
  files: number;
  keys: number;
  people: number;
};

/** A project that its owner wants gone. It is closed from then on, and the record stays when all else is gone. */
export type ProjectRemoval = {
  project: ProjectId;
  /** What it had when that was asked for. */
  contents: ProjectContents;
  /** Why it could not be erased; tried again within the hour. */
  error: string | null;
  requestedBy: string;
  /** ISO 8601, UTC. */
  requestedAt: string;
  /** null: not everything is gone yet. */
  removedAt: string | null;
};
