import type { Model, ModelVersion, PriceRow, ProjectId } from '../records/index.ts';

/** What the gateway's hot path reads, from memory, never from a store. */
export type DeploymentReader = {
  model(name: string): { model: Model; versions: Map<number, ModelVersion> } | null;
  all(): Model[];
};

export type PriceAsk = {
  project: ProjectId;
  provider: string;
  /** What the call may be billed as, best first: the model that answered, then the one that was asked for. */
  models: string[];
  atMs: number;
  /** `batch`, `flex`, `priority` …; null: an ordinary call. */
  serviceTier: string | null;
};

export type PriceReader = {
  /** The row in force at that time for what the provider billed, a project's own before the catalogue; null: unknown. */
  find(ask: PriceAsk): PriceRow | null;
};
