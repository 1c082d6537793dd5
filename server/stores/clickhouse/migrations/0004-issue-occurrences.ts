import type { Migration } from '../migrate.ts';

/** In which ways traces fail: of a trace and a way the newest row counts, so that whoever looks twice counts once. */
const occurrences = `
CREATE TABLE IF NOT EXISTS issue_occurrences (
  project_id LowCardinality(String),
  trace_id String CODEC(ZSTD),
  key LowCardinality(String),
  group_id LowCardinality(String),
  span_id String CODEC(ZSTD),
  at DateTime64(3, 'UTC') CODEC(Delta, ZSTD),
  user_id String CODEC(ZSTD),
  model_name LowCardinality(String),
  model_version UInt32 CODEC(ZSTD),
  version UInt64 DEFAULT toUInt64(toUnixTimestamp64Nano(now64(9))) CODEC(Delta, ZSTD),
  is_deleted UInt8 CODEC(ZSTD)
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (project_id, trace_id, key)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1`;

export const issueOccurrences: Migration = { number: 4, name: 'occurrences of issues', statements: [occurrences] };
