import type {
  JsonObject,
  TrackedExperiment,
  TrackedInput,
  TrackedPoint,
  TrackedRun,
  TrackedRunInfo,
} from '@wheelhouse/core/records';

/** protobuf's JSON leaves lists out that are empty. */
const listed = <Item>(name: string, items: readonly Item[]): JsonObject =>
  items.length === 0 ? {} : { [name]: items as unknown as JsonObject[] };

export const experimentBody = (one: TrackedExperiment): JsonObject => ({
  experiment_id: one.id,
  name: one.name,
  artifact_location: one.artifactLocation,
  lifecycle_stage: one.stage,
  last_update_time: one.changedAtMs,
  creation_time: one.createdAtMs,
  ...listed('tags', one.tags),
});

export const pointBody = ({ key, value, timestampMs, step }: TrackedPoint): JsonObject => ({
  ...{ key, value: Number.isNaN(value) ? 'NaN' : value, timestamp: timestampMs, step },
});

export const infoBody = (run: TrackedRunInfo): JsonObject => ({
  run_uuid: run.id,
  experiment_id: run.experimentId,
  run_name: run.name,
  user_id: run.userId,
  status: run.status,
  ...(run.startMs !== null && { start_time: run.startMs }),
  ...(run.endMs !== null && { end_time: run.endMs }),
  artifact_uri: run.artifactUri,
  lifecycle_stage: run.stage,
  run_id: run.id,
});

const inputBody = (input: TrackedInput): JsonObject => ({
  ...listed('tags', input.tags),
  dataset: {
    ...{ name: input.name, digest: input.digest, source_type: input.sourceType, source: input.source },
    ...(input.schema !== null && { schema: input.schema }),
    ...(input.profile !== null && { profile: input.profile }),
  },
});

export const runBody = (run: TrackedRun): JsonObject => ({
  info: infoBody(run),
  data: {
    ...listed('metrics', run.metrics.map(pointBody)),
    ...listed('params', run.params),
    ...listed('tags', run.tags),
  },
  inputs: listed('dataset_inputs', run.inputs.map(inputBody)),
  outputs: {},
});
