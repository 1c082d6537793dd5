import { foldSql } from '../fold-spans.ts';

const time = (ns: string) => `fromUnixTimestamp64Nano(toInt64(${ns}), 'UTC')`;
const optionalTime = (ns: string) => `if(isNull(${ns}), NULL, ${time(`assumeNotNull(${ns})`)})`;
const ms = (ns: string) => `${ns} / 1e6`;
const usd = (nano: string) => `${nano} / 1e9`;

/** The newest line of each trace; `hour` is what narrows a read. */
const traces = `
SELECT trace_id, hour, ${time('start_ns')} AS start, ${optionalTime('end_ns')} AS end, ${ms('duration_ns')} AS latency_ms,
  ${ms('first_token_ns_min')} AS first_token_ms, name, kind, status, status_message, model, models, providers, kinds, tools,
  service, services, environment, release, tags, session_id, user_id, run_id, dialect, input_preview AS input,
  output_preview AS output, text, input_tokens, output_tokens, ${usd('cost_nano_usd')} AS cost_usd, unpriced_calls,
  span_count AS spans, error_count AS errors
FROM trace_summaries FINAL
WHERE project_id = {project:String}`;

const scores = `
SELECT trace_id, span_id, session_id, id, name,
  if(startsWith(value, '"'), JSONExtractString(value), value) AS value,
  multiIf(value = 'true', 1., value = 'false', 0., toFloat64OrNull(value)) AS number, comment, source, created_at
FROM scores FINAL
WHERE project_id = {project:String}`;

const spans = `
SELECT trace_id, span_id, parent_span_id, kind, name, ${time('start_ns')} AS start, ${optionalTime('end_ns')} AS end,
  ${ms('(end_ns - start_ns)')} AS latency_ms, status, status_message, provider, request_model, response_model,
  if(model_name = '', '', concat(model_name, '@', toString(model_version))) AS model, usage_counts AS usage,
  ${usd('cost_nano_usd')} AS cost_usd
FROM (${foldSql('1', 'light')})`;

const calls = `
SELECT trace_id, span_id, minute, ${time('start_ns')} AS start, kind, provider, model, service, environment,
  is_run, is_error, input_tokens, output_tokens, ${usd('cost_nano_usd')} AS cost_usd, is_unpriced,
  ${ms('latency_ns')} AS latency_ms, ${ms('first_token_ns')} AS first_token_ms
FROM calls FINAL
WHERE project_id = {project:String}`;

/** What users' SQL sees, by name. */
export const sqlTables: Readonly<Record<string, string>> = { traces, scores, spans, calls };
