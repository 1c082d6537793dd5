import type { Migration } from '../migrate.ts';

/** Calls of users as they are judged: of a user and a trace the newest row counts, so that whoever looks twice counts once. */
const calls = `
CREATE TABLE IF NOT EXISTS abuse_calls (
  project_id LowCardinality(String),
  user_id String CODEC(ZSTD),
  trace_id String CODEC(ZSTD),
  at DateTime64(3, 'UTC') CODEC(Delta, ZSTD),
  injection Float32 CODEC(ZSTD),
  extraction Float32 CODEC(ZSTD),
  probing Float32 CODEC(ZSTD),
  found String CODEC(ZSTD),
  words Array(UInt32) CODEC(ZSTD),
  cost_nano_usd Nullable(Int64) CODEC(ZSTD),
  tokens Float64 CODEC(ZSTD),
  version UInt64 DEFAULT toUInt64(toUnixTimestamp64Nano(now64(9))) CODEC(Delta, ZSTD)
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (project_id, user_id, trace_id)
TTL toDateTime(at) + INTERVAL 30 DAY
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1`;

export const abuseCalls: Migration = { number: 5, name: 'calls of users', statements: [calls] };
