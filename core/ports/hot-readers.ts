import type { Model, ModelVersion, PriceRow } from '../records/index.ts';

/** What the gateway's hot path reads, from memory, never from a store. */
export type DeploymentReader = {
  model(name: string): { model: Model; versions: Map<number, ModelVersion> } | null;
  all(): Model[];
};

export type PriceReader = {
  /** The row in force at that time for what the provider billed; null when unknown. */
  find(provider: string, model: string, atMs: number): PriceRow | null;
};
