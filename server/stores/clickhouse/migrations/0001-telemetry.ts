import type { Migration } from '../migrate.ts';

/** Acknowledged means on disk. */
const synced = 'fsync_after_insert = 1, fsync_part_directory = 1';

/** Fragments as they came; a span is their fold. Empty text is "not reported". */
const spans = `
CREATE TABLE IF NOT EXISTS spans (
  project_id LowCardinality(String),
  trace_id String,
  span_id String,
  parent_span_id String,
  kind LowCardinality(String),
  name String CODEC(ZSTD),
  start_ns UInt64 CODEC(Delta, ZSTD),
  end_ns Nullable(UInt64) CODEC(ZSTD),
  first_token_ns Nullable(UInt64) CODEC(ZSTD),
  status LowCardinality(String),
  status_message String CODEC(ZSTD),
  provider LowCardinality(String),
  request_model LowCardinality(String),
  response_model LowCardinality(String),
  response_id String CODEC(ZSTD),
  model_name LowCardinality(String),
  model_version UInt32,
  model_alias LowCardinality(String),
  params String CODEC(ZSTD),
  finish_reasons Array(LowCardinality(String)),
  input String CODEC(ZSTD(3)),
  input_hash String CODEC(ZSTD),
  input_text String CODEC(ZSTD(3)),
  input_preview String CODEC(ZSTD),
  output String CODEC(ZSTD(3)),
  output_hash String CODEC(ZSTD),
  output_text String CODEC(ZSTD(3)),
  output_preview String CODEC(ZSTD),
  tool_definitions String CODEC(ZSTD(3)),
  tool_call String CODEC(ZSTD),
  documents String CODEC(ZSTD(3)),
  usage_source LowCardinality(String),
  usage_counts Map(LowCardinality(String), Float64),
  cost_nano_usd Nullable(Int64),
  cost_by_bucket Map(LowCardinality(String), Int64),
  price_id LowCardinality(String),
  emitter_cost_nano_usd Nullable(Int64),
  session_id String CODEC(ZSTD),
  user_id String CODEC(ZSTD),
  environment LowCardinality(String),
  release LowCardinality(String),
  tags Array(LowCardinality(String)),
  metadata String CODEC(ZSTD),
  run_id String CODEC(ZSTD),
  example_id String CODEC(ZSTD),
  repetition UInt32,
  dialect LowCardinality(String),
  normalizer UInt32,
  service LowCardinality(String),
  attributes String CODEC(ZSTD(3)),
  events String CODEC(ZSTD(3)),
  ingested_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = MergeTree
ORDER BY (project_id, trace_id, span_id)
SETTINGS ${synced}, non_replicated_deduplication_window = 1000`;

/** Where a trace stands in time; a repeated fragment changes no minimum. */
const traces = `
CREATE TABLE IF NOT EXISTS traces (
  project_id LowCardinality(String),
  trace_id String,
  start_ns SimpleAggregateFunction(min, UInt64)
)
ENGINE = AggregatingMergeTree
ORDER BY (project_id, trace_id)
SETTINGS ${synced}`;

const tracesOfSpans = `
CREATE MATERIALIZED VIEW IF NOT EXISTS traces_of_spans TO traces AS
SELECT project_id, trace_id, min(start_ns) AS start_ns
FROM spans
GROUP BY project_id, trace_id`;

const scores = `
CREATE TABLE IF NOT EXISTS scores (
  project_id LowCardinality(String),
  trace_id String,
  id String,
  span_id String,
  name LowCardinality(String),
  value String CODEC(ZSTD),
  comment Nullable(String) CODEC(ZSTD),
  source LowCardinality(String),
  created_at DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(created_at)
ORDER BY (project_id, trace_id, id)
SETTINGS ${synced}`;

/** The greatest \`precedence\` stays, which is the first recorded. */
const evalCells = `
CREATE TABLE IF NOT EXISTS eval_cells (
  project_id LowCardinality(String),
  run_id String,
  example_id String,
  repetition UInt32,
  output Nullable(String) CODEC(ZSTD(3)),
  error Nullable(String) CODEC(ZSTD),
  scores String CODEC(ZSTD),
  latency_ns UInt64,
  cost_nano_usd Nullable(Int64),
  trace_id String,
  precedence Int64 DEFAULT -toUnixTimestamp64Nano(now64(9))
)
ENGINE = ReplacingMergeTree(precedence)
ORDER BY (project_id, run_id, example_id, repetition)
SETTINGS ${synced}`;

const exampleContents = `
CREATE TABLE IF NOT EXISTS example_contents (
  project_id LowCardinality(String),
  hash String,
  content String CODEC(ZSTD(3))
)
ENGINE = ReplacingMergeTree
ORDER BY (project_id, hash)
SETTINGS ${synced}`;

export const telemetry: Migration = {
  number: 1,
  name: 'telemetry',
  statements: [spans, traces, tracesOfSpans, scores, evalCells, exampleContents],
};
