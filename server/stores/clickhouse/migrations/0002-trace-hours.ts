import type { Migration } from '../migrate.ts';

const synced = 'fsync_after_insert = 1, fsync_part_directory = 1';

/** When a line of an hour was written last, which tells whether its sums still hold. */
const lineHours = `
CREATE TABLE IF NOT EXISTS line_hours (
  project_id LowCardinality(String),
  hour DateTime('UTC') CODEC(Delta, ZSTD),
  version SimpleAggregateFunction(max, UInt64) CODEC(ZSTD),
  lines SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD),
  INDEX versions version TYPE minmax GRANULARITY 1
)
ENGINE = AggregatingMergeTree
ORDER BY (project_id, hour)
SETTINGS ${synced}`;

/** \`lines\` counts every version of a line: an estimate from above. */
const lineHoursOf = 'SELECT project_id, hour, max(version) AS version, count() AS lines FROM trace_summaries';
const lineHoursOfSummaries = `
CREATE MATERIALIZED VIEW IF NOT EXISTS line_hours_of_summaries TO line_hours AS ${lineHoursOf} GROUP BY project_id, hour`;

/**
 * Sums over the lines of an hour, at several grains: each groups by other columns (\`trace-hours.ts\`). Made anew as a whole;
 * they hold while \`hour_marks\` is newer than every line of the hour.
 */
const traceHours = `
CREATE TABLE IF NOT EXISTS trace_hours (
  project_id LowCardinality(String),
  grain UInt8,
  hour DateTime('UTC') CODEC(Delta, ZSTD),
  place UInt128 CODEC(ZSTD),
  version UInt64 CODEC(Delta, ZSTD),
  is_deleted UInt8,
  status LowCardinality(String),
  environment LowCardinality(String),
  is_run UInt8,
  name String CODEC(ZSTD),
  release LowCardinality(String),
  dialect LowCardinality(String),
  models Array(LowCardinality(String)),
  providers Array(LowCardinality(String)),
  kinds Array(LowCardinality(String)),
  tools Array(LowCardinality(String)),
  services Array(LowCardinality(String)),
  tags Array(LowCardinality(String)),
  traces UInt64 CODEC(ZSTD),
  input_tokens UInt64 CODEC(ZSTD),
  output_tokens UInt64 CODEC(ZSTD),
  cost_nano_usd Nullable(Int64) CODEC(ZSTD),
  unpriced UInt64 CODEC(ZSTD),
  duration_ns AggregateFunction(quantilesDD(0.01, 0.5, 0.9, 0.99), Float64) CODEC(ZSTD),
  first_token_ns AggregateFunction(quantilesDD(0.01, 0.5, 0.9, 0.99), Float64) CODEC(ZSTD)
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (project_id, grain, hour, place)
SETTINGS ${synced}, index_granularity = 512`;

/** As of when the sums of an hour were made, and a bit for each grain that they have. */
const hourMarks = `
CREATE TABLE IF NOT EXISTS hour_marks (
  project_id LowCardinality(String),
  hour DateTime('UTC') CODEC(Delta, ZSTD),
  version UInt64 CODEC(ZSTD),
  grains UInt32 CODEC(ZSTD)
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (project_id, hour)
SETTINGS ${synced}`;

export const traceHourSums: Migration = {
  number: 2,
  name: 'sums of hours',
  statements: [
    lineHours,
    lineHoursOfSummaries,
    // Twice does no harm.
    `INSERT INTO line_hours ${lineHoursOf} GROUP BY project_id, hour`,
    traceHours,
    hourMarks,
  ],
};
