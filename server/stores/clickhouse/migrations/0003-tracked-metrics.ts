import type { Migration } from '../migrate.ts';

/** NaN has no place in an order, so it is a 0 that says so; the same point twice is one. */
const trackedPoints = `
CREATE TABLE IF NOT EXISTS tracked_points (
  project_id LowCardinality(String),
  run_id String CODEC(ZSTD),
  key LowCardinality(String),
  step Int64 CODEC(Delta, ZSTD),
  timestamp_ms Int64 CODEC(Delta, ZSTD),
  value Float64 CODEC(ZSTD),
  is_nan UInt8 CODEC(ZSTD)
)
ENGINE = ReplacingMergeTree
ORDER BY (project_id, run_id, key, step, timestamp_ms, value, is_nan)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1`;

export const trackedMetrics: Migration = { number: 3, name: 'metrics of tracked runs', statements: [trackedPoints] };
