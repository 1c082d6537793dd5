import type { BlobStore, Clock, MetricHistory, Random, TrackingStore } from '@wheelhouse/core/ports';
import type { Actor, JsonObject } from '@wheelhouse/core/records';

export type TrackingDeps = {
  store: TrackingStore;
  history: MetricHistory;
  blobs: BlobStore;
  clock: Clock;
  random: Random;
  /** Most bytes of an artifact. */
  maxFileBytes: number;
};

/** One call of MLflow's REST API: the body, or the query of a GET, to the answer. */
export type MlflowCall = (by: Actor, body: JsonObject) => Promise<JsonObject>;
export type MlflowCalls = Record<string, MlflowCall>;
