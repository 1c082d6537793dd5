import type { RepricingStatus } from './price.ts';

/** How far it is: all of it is of the fragments looked at. */
export type RenormalizationProgress = {
  done: number;
  /** Fragments that are read otherwise now. */
  changed: number;
  /** The place after the last fragment that was looked at; null: none yet. */
  after: string | null;
};

/** Reads stored spans of a period again as the newest normaliser does. */
export type Renormalization = {
  id: string;
  /** Of the spans' start; ISO 8601, UTC. */
  from: string;
  until: string;
  /** The version of the normaliser that it writes. */
  normalizer: number;
  status: RepricingStatus;
  error: string | null;
  total: number;
  progress: RenormalizationProgress;
  requestedBy: string;
  requestedAt: string;
  finishedAt: string | null;
};
