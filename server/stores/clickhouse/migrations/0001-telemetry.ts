import type { Migration } from '../migrate.ts';

/** Acknowledged means on disk. */
const synced = 'fsync_after_insert = 1, fsync_part_directory = 1';
/** What is looked up by id is read in small pieces. */
const fine = 'index_granularity = 1024';
/** A list reads whole lines at fifty places, and of each column at least a block that was compressed. */
const small = 'min_compress_block_size = 16384, max_compress_block_size = 262144';

/**
 * Fragments as they came; a span is their fold. Empty text is "not reported". The texts that may be large are kept with
 * their pieces taken out: where one stood there is U+0001, which no JSON text holds, and the hash of the piece, which is
 * in `payloads`.
 */
const spans = `
CREATE TABLE IF NOT EXISTS spans (
  project_id LowCardinality(String),
  hour DateTime('UTC') DEFAULT toStartOfHour(toDateTime(least(intDiv(start_ns, 1000000000), 4294965600), 'UTC'))
    CODEC(Delta, ZSTD),
  trace_id String CODEC(ZSTD),
  span_id String CODEC(ZSTD),
  parent_span_id String CODEC(ZSTD),
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
  service_tier LowCardinality(String),
  model_name LowCardinality(String),
  model_version UInt32 CODEC(ZSTD),
  model_alias LowCardinality(String),
  params String CODEC(ZSTD),
  finish_reasons Array(LowCardinality(String)),
  input String CODEC(ZSTD(3)),
  input_hash UInt128 MATERIALIZED if(input = '', 0, reinterpretAsUInt128(sipHash128(input))) CODEC(ZSTD),
  input_preview String CODEC(ZSTD(3)),
  input_text String CODEC(ZSTD(3)),
  output String CODEC(ZSTD(3)),
  output_hash UInt128 MATERIALIZED if(output = '', 0, reinterpretAsUInt128(sipHash128(output))) CODEC(ZSTD),
  output_preview String CODEC(ZSTD(3)),
  output_text String CODEC(ZSTD(3)),
  tool_name LowCardinality(String),
  tool_definitions String CODEC(ZSTD(3)),
  tool_call String CODEC(ZSTD(3)),
  documents String CODEC(ZSTD(3)),
  usage_source LowCardinality(String),
  usage_counts Map(LowCardinality(String), Float64) CODEC(ZSTD),
  cost_nano_usd Nullable(Int64) CODEC(ZSTD),
  cost_by_bucket Map(LowCardinality(String), Int64) CODEC(ZSTD),
  price_id LowCardinality(String),
  cost_revision UInt32 CODEC(ZSTD),
  emitter_cost_nano_usd Nullable(Int64) CODEC(ZSTD),
  session_id String CODEC(ZSTD),
  user_id String CODEC(ZSTD),
  environment LowCardinality(String),
  release LowCardinality(String),
  tags Array(LowCardinality(String)),
  metadata String CODEC(ZSTD(3)),
  run_id String CODEC(ZSTD),
  example_id String CODEC(ZSTD),
  repetition UInt32 CODEC(ZSTD),
  dialect LowCardinality(String),
  normalizer UInt32 CODEC(ZSTD),
  reported_ns UInt64 CODEC(Delta, ZSTD),
  read_anew UInt8 CODEC(ZSTD),
  service LowCardinality(String),
  attributes String CODEC(ZSTD(3)),
  events Array(String) CODEC(ZSTD(3)),
  raw_id UInt32 MATERIALIZED if(attributes = '', 0,
    1 + cityHash64(attributes, arraySort(arrayDistinct(events)), start_ns, ifNull(end_ns, 0), reported_ns) % 4294967295) CODEC(ZSTD),
  ingested_at DateTime64(3, 'UTC') DEFAULT now64(3) CODEC(Delta, ZSTD),
  INDEX ingested ingested_at TYPE minmax GRANULARITY 1,
  INDEX span_ids span_id TYPE bloom_filter GRANULARITY 1
)
ENGINE = MergeTree
ORDER BY (project_id, hour, trace_id, span_id)
SETTINGS ${synced}, ${fine}, non_replicated_deduplication_window = 1000`;

/** Which hours hold a trace's fragments, and when they came; a repeated fragment changes neither. */
const traces = `
CREATE TABLE IF NOT EXISTS traces (
  project_id LowCardinality(String),
  trace_id String CODEC(ZSTD),
  hours SimpleAggregateFunction(groupUniqArrayArray, Array(DateTime('UTC'))) CODEC(ZSTD),
  first_ingested SimpleAggregateFunction(min, DateTime64(3, 'UTC')) CODEC(ZSTD),
  last_ingested SimpleAggregateFunction(max, DateTime64(3, 'UTC')) CODEC(ZSTD),
  INDEX ingested last_ingested TYPE minmax GRANULARITY 1
)
ENGINE = AggregatingMergeTree
ORDER BY (project_id, trace_id)
SETTINGS ${synced}, ${fine}`;

const tracesOfSpans = `
CREATE MATERIALIZED VIEW IF NOT EXISTS traces_of_spans TO traces AS
SELECT project_id, trace_id, groupUniqArray(hour) AS hours,
  min(ingested_at) AS first_ingested, max(ingested_at) AS last_ingested
FROM spans
GROUP BY project_id, trace_id`;

/** The pieces, each once a project: \`hash\` is the first half of SHA-256 of \`content\`, in hex. */
const payloads = `
CREATE TABLE IF NOT EXISTS payloads (
  project_id LowCardinality(String),
  hash FixedString(32) CODEC(ZSTD),
  content String CODEC(ZSTD(3)),
  written_at DateTime64(3, 'UTC') DEFAULT now64(3) CODEC(ZSTD)
)
ENGINE = ReplacingMergeTree(written_at)
ORDER BY (project_id, hash)
SETTINGS ${synced}, index_granularity = 128`;

/** Pieces that erased spans referred to; whether anything else does is found out later. */
const payloadGarbage = `
CREATE TABLE IF NOT EXISTS payload_garbage (
  project_id LowCardinality(String),
  hash FixedString(32) CODEC(ZSTD)
)
ENGINE = ReplacingMergeTree
ORDER BY (project_id, hash)
SETTINGS ${synced}`;

/**
 * A cached fold: a line for each trace, made anew from its spans whenever one came, never added to. Under an hour in
 * which only other spans of the trace start stands a deleted row.
 */
const traceSummaries = `
CREATE TABLE IF NOT EXISTS trace_summaries (
  project_id LowCardinality(String),
  hour DateTime('UTC') CODEC(Delta, ZSTD),
  trace_id String CODEC(ZSTD),
  version UInt64 CODEC(Delta, ZSTD),
  is_deleted UInt8 CODEC(ZSTD),
  start_ns UInt64 CODEC(Delta, ZSTD),
  end_ns Nullable(UInt64) CODEC(ZSTD),
  duration_ns Nullable(UInt64) CODEC(ZSTD),
  name String CODEC(ZSTD),
  kind LowCardinality(String),
  status LowCardinality(String),
  status_message String CODEC(ZSTD),
  model LowCardinality(String),
  models Array(LowCardinality(String)),
  providers Array(LowCardinality(String)),
  kinds Array(LowCardinality(String)),
  tools Array(LowCardinality(String)),
  services Array(LowCardinality(String)),
  service LowCardinality(String),
  environment LowCardinality(String),
  release LowCardinality(String),
  tags Array(LowCardinality(String)),
  session_id String CODEC(ZSTD),
  user_id String CODEC(ZSTD),
  input_preview String CODEC(ZSTD(3)),
  output_preview String CODEC(ZSTD(3)),
  input_tokens UInt64 CODEC(ZSTD),
  output_tokens UInt64 CODEC(ZSTD),
  usage_counts Map(LowCardinality(String), Float64) CODEC(ZSTD),
  cost_nano_usd Nullable(Int64) CODEC(ZSTD),
  unpriced_calls UInt32 CODEC(ZSTD),
  span_count UInt32 CODEC(ZSTD),
  error_count UInt32 CODEC(ZSTD),
  first_token_ns_min Nullable(UInt64) CODEC(ZSTD),
  run_id String CODEC(ZSTD),
  dialect LowCardinality(String),
  text String CODEC(ZSTD(3)),
  INDEX words text TYPE text(tokenizer = splitByNonAlpha),
  INDEX sessions session_id TYPE bloom_filter GRANULARITY 1,
  INDEX users user_id TYPE bloom_filter GRANULARITY 1,
  INDEX runs run_id TYPE bloom_filter GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (project_id, hour, trace_id)
SETTINGS ${synced}, ${fine}, ${small}`;

/** The calls of models, each that counts once; made anew together with its trace's line. */
const calls = `
CREATE TABLE IF NOT EXISTS calls (
  project_id LowCardinality(String),
  minute DateTime('UTC') CODEC(Delta, ZSTD),
  trace_id String CODEC(ZSTD),
  span_id String CODEC(ZSTD),
  version UInt64 CODEC(Delta, ZSTD),
  is_deleted UInt8 CODEC(ZSTD),
  start_ns UInt64 CODEC(Delta, ZSTD),
  kind LowCardinality(String),
  provider LowCardinality(String),
  model LowCardinality(String),
  service LowCardinality(String),
  environment LowCardinality(String),
  is_run UInt8 CODEC(ZSTD),
  is_error UInt8 CODEC(ZSTD),
  input_tokens UInt64 CODEC(ZSTD),
  output_tokens UInt64 CODEC(ZSTD),
  cost_nano_usd Nullable(Int64) CODEC(ZSTD),
  is_unpriced UInt8 CODEC(ZSTD),
  latency_ns Nullable(UInt64) CODEC(ZSTD),
  first_token_ns Nullable(UInt64) CODEC(ZSTD),
  INDEX versions version TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (project_id, minute, trace_id, span_id)
SETTINGS ${synced}`;

/** Sums over the calls of a minute, or of an hour that begins then. Quantiles: 0.5, 0.9, 0.99 within 1 %. */
const callSums = (table: string): string => `
CREATE TABLE IF NOT EXISTS ${table} (
  project_id LowCardinality(String),
  minute DateTime('UTC') CODEC(Delta, ZSTD),
  kind LowCardinality(String),
  provider LowCardinality(String),
  model LowCardinality(String),
  service LowCardinality(String),
  environment LowCardinality(String),
  is_run UInt8,
  version UInt64 CODEC(Delta, ZSTD),
  is_deleted UInt8,
  calls UInt64 CODEC(ZSTD),
  errors UInt64 CODEC(ZSTD),
  input_tokens UInt64 CODEC(ZSTD),
  output_tokens UInt64 CODEC(ZSTD),
  cost_nano_usd Nullable(Int64) CODEC(ZSTD),
  unpriced UInt64 CODEC(ZSTD),
  latency_ns AggregateFunction(quantilesDD(0.01, 0.5, 0.9, 0.99), Float64) CODEC(ZSTD),
  first_token_ns AggregateFunction(quantilesDD(0.01, 0.5, 0.9, 0.99), Float64) CODEC(ZSTD),
  INDEX versions version TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (project_id, minute, kind, provider, model, service, environment, is_run)
SETTINGS ${synced}`;

/** Up to when it is known that every trace that came has its line, as of some server. */
const watermarks = `
CREATE TABLE IF NOT EXISTS watermarks (
  name String,
  at DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(at)
ORDER BY name
SETTINGS ${synced}`;

/** What stands in the place of a trace that was erased. */
const erasedTraces = `
CREATE TABLE IF NOT EXISTS erased_traces (
  project_id LowCardinality(String),
  trace_id String CODEC(ZSTD),
  erased_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree(erased_at)
ORDER BY (project_id, trace_id)
SETTINGS ${synced}`;

const scores = `
CREATE TABLE IF NOT EXISTS scores (
  project_id LowCardinality(String),
  trace_id String,
  id String,
  span_id String,
  session_id String,
  name LowCardinality(String),
  value String CODEC(ZSTD),
  comment Nullable(String) CODEC(ZSTD),
  metadata String CODEC(ZSTD),
  source LowCardinality(String),
  created_at DateTime64(3, 'UTC'),
  INDEX ids id TYPE bloom_filter GRANULARITY 1,
  INDEX span_ids span_id TYPE bloom_filter GRANULARITY 1,
  INDEX session_ids session_id TYPE bloom_filter GRANULARITY 1
)
ENGINE = ReplacingMergeTree(created_at)
ORDER BY (project_id, trace_id, id)
SETTINGS ${synced}`;

/** The greatest \`precedence\` stays, which is the first recorded. */
const evalCells = `
CREATE TABLE IF NOT EXISTS eval_cells (
  project_id LowCardinality(String),
  run_id LowCardinality(String),
  example_id String CODEC(ZSTD),
  repetition UInt32 CODEC(ZSTD),
  output Nullable(String) CODEC(ZSTD(3)),
  error Nullable(String) CODEC(ZSTD),
  scores String CODEC(ZSTD),
  latency_ns UInt64 CODEC(ZSTD),
  cost_nano_usd Nullable(Int64) CODEC(ZSTD),
  judge_nano_usd Int64 CODEC(ZSTD),
  trace_id String CODEC(ZSTD),
  cached UInt8 CODEC(ZSTD),
  answer_key String CODEC(ZSTD),
  INDEX answer_keys answer_key TYPE bloom_filter GRANULARITY 1,
  precedence Int64 DEFAULT -toUnixTimestamp64Nano(now64(9))
)
ENGINE = ReplacingMergeTree(precedence)
ORDER BY (project_id, run_id, example_id, repetition)
SETTINGS ${synced}`;

const exampleContents = `
CREATE TABLE IF NOT EXISTS example_contents (
  project_id LowCardinality(String),
  hash String,
  content String CODEC(ZSTD(3)),
  written_at DateTime64(3, 'UTC') DEFAULT now64(3) CODEC(ZSTD)
)
ENGINE = ReplacingMergeTree(written_at)
ORDER BY (project_id, hash)
SETTINGS ${synced}, index_granularity = 128`;

export const telemetry: Migration = {
  number: 1,
  name: 'trace store',
  statements: [
    spans,
    traces,
    tracesOfSpans,
    payloads,
    payloadGarbage,
    traceSummaries,
    calls,
    callSums('call_minutes'),
    callSums('call_hours'),
    watermarks,
    erasedTraces,
    scores,
    evalCells,
    exampleContents,
  ],
};
