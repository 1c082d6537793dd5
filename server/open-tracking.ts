import type { Config } from './config.ts';
import type { Foundation } from './open-foundation.ts';
import { createMlflowDoors, createTrackingHandlers } from './tracking/index.ts';

type Base = Pick<Foundation, 'records' | 'telemetry' | 'objects' | 'clock' | 'random'>;

/** Runs that training and scripts record, by MLflow's client, and what reads them. */
export function openTracking({ records, telemetry, objects, clock, random }: Base, config: Pick<Config, 'limits'>) {
  const deps = {
    ...{ store: records.tracking, history: telemetry.metricHistory, blobs: objects.blobs, clock, random },
    maxFileBytes: config.limits.fileBytes,
  };
  return { doors: createMlflowDoors(deps), handlers: createTrackingHandlers(deps) };
}
