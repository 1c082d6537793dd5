import { type UsageBucket, usageBuckets } from '@wheelhouse/core/records';
import { foldManySql, hourOf, minuteOf, ofTraces } from './fold-spans.ts';

type SpanPlace = { trace_id: string; span_id: string };

const isOutput = (bucket: UsageBucket): boolean => /^(?:output|reasoning)/.test(bucket);
const tokensOf = (buckets: readonly UsageBucket[]): string =>
  `(${buckets.map((bucket) => `toUInt64(least(greatest(s.usage_counts['${bucket}'], 0), toFloat64(9007199254740991)))`).join(' + ')})`;
const inputTokens = tokensOf(usageBuckets.filter((bucket) => bucket !== 'requests' && !isOutput(bucket)));
const outputTokens = tokensOf(usageBuckets.filter(isOutput));

const isCall = "kind IN ('generation', 'embedding') AND usage_source != ''";
/** Large, because a list of spans may stand in the text of the query. */
const settings =
  'SETTINGS max_query_size = 67108864, max_ast_elements = 10000000, max_expanded_ast_elements = 10000000';
const now = 'toUInt64(toUnixTimestamp64Nano(now64(9)))';

/** Whose fragments came when: `since` leaves what is older unread. */
const fragments = `${ofTraces} AND f.ingested_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')`;

/** A registered model with its version, and the base model with its provider: `support-bot@2`, `sim/echo`. */
const registered = "if(s.model_name = '', '', concat(s.model_name, '@', toString(s.model_version)))";
const withProvider = (model: string): string =>
  `if(${model} = '' OR s.provider = '' OR startsWith(${model}, concat(s.provider, '/')), ${model}, concat(s.provider, '/', ${model}))`;
const baseModel = withProvider("if(s.request_model != '', s.request_model, s.response_model)");

/** Those that have fragments from before `since`. */
export const oldTracesSql = `
SELECT t.trace_id AS trace_id FROM traces AS t
WHERE t.project_id = {project:String} AND t.trace_id IN {traces:Array(String)}
GROUP BY t.trace_id
HAVING min(t.first_ingested) < fromUnixTimestamp64Milli({since:Int64}, 'UTC')`;

/** Those in which a call may not count: it has spans below it, or another span names the same response. */
export const entangledSql = `
SELECT DISTINCT f.trace_id AS trace_id
FROM spans AS f
WHERE f.project_id = {project:String} AND ${fragments} AND f.kind IN ('generation', 'embedding')
  AND (f.trace_id, f.span_id) IN (
    SELECT f.trace_id, f.parent_span_id FROM spans AS f
    WHERE f.project_id = {project:String} AND ${fragments} AND f.parent_span_id != '')
UNION DISTINCT
SELECT DISTINCT f.trace_id AS trace_id
FROM spans AS f
WHERE f.project_id = {project:String} AND ${fragments} AND f.response_id != ''
GROUP BY f.trace_id, f.response_id
HAVING min(f.span_id) != max(f.span_id)`;

/** How the spans of some traces hang together. */
export const familiesSql = `
SELECT s.trace_id AS trace_id, s.span_id AS span_id, s.parent_span_id AS parent_span_id, s.response_id AS response_id,
  s.dialect AS dialect, s.start_ns AS start_ns, ${isCall.replace(/\b(kind|usage_source)\b/g, 's.$1')} AS is_call
FROM (${foldManySql(fragments, 'calls')}) AS s`;

const literal = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;

/** Folded spans with `counted`: the calls whose usage counts. */
function countedSql(what: 'calls' | 'summary', uncounted: readonly SpanPlace[]): string {
  const places = uncounted.map(({ trace_id, span_id }) => `(${literal(trace_id)},${literal(span_id)})`);
  const but = places.length === 0 ? '' : ` AND (trace_id, span_id) NOT IN (${places.join(',')})`;
  return `SELECT *, ${isCall}${but} AS counted FROM (${foldManySql(fragments, what)})`;
}

/** By start and then by id, as one number, which is compared faster than a tuple. */
const order = 's.place';
/** Spans that nothing of the trace stands above come first. */
const rootFirst = 's.root_place';
const placeOf = 'bitShiftLeft(toUInt256(start_ns), 64) + reinterpretAsUInt64(reverse(unhex(span_id)))';
const ofRoot = (column: string): string => `argMin(s.${column}, ${rootFirst})`;
const firstSaid = (column: string): string => `argMinIf(s.${column}, ${rootFirst}, s.${column} != '')`;
const distinct = (value: string): string => `arraySort(groupUniqArrayIf(${value}, ${value} != ''))`;
const said = (side: 'input' | 'output'): string => `if(s.${side}_text = '', s.${side}_preview, s.${side}_text)`;
/** What stands for a trace whose root says nothing: the first question, the last answer. */
const shown = (side: 'input' | 'output'): string =>
  `if(${ofRoot(`${side}_preview`)} != '', ${ofRoot(`${side}_preview`)},
    ${side === 'input' ? 'argMinIf' : 'argMaxIf'}(s.${side}_preview, ${order}, s.kind = 'generation' AND s.${side}_preview != ''))`;

/** A search finds what stands in so many characters of all texts of a trace. */
const searchedLength = 32_768;
/** Each text once; those of the root, then the others by start. */
const texts = `arrayFlatten(arrayMap(said -> [said.2, said.3], arraySort(said -> said.1,
  groupArray((${rootFirst}, ${said('input')}, ${said('output')})))))`;
const searched = `lowerUTF8(substringUTF8(arrayStringConcat(arrayPushFront(arrayDistinct(arrayFilter(said -> said != '', ${texts})), name), '\\n'), 1, ${searchedLength}))`;

const summaryColumns: Readonly<Record<string, string>> = {
  start_ns: 'min(s.start_ns)',
  end_ns: 'if(countIf(isNull(s.end_ns)) > 0, NULL, max(s.end_ns))',
  duration_ns: 'if(end_ns >= start_ns, end_ns - start_ns, NULL)',
  name: firstSaid('name'),
  kind: ofRoot('kind'),
  status: ofRoot('status'),
  status_message: ofRoot('status_message'),
  model: `if(countIf(${registered} != '') > 0, argMinIf(${registered}, ${order}, ${registered} != ''),
    argMinIf(${baseModel}, ${order}, s.kind = 'generation' AND ${baseModel} != ''))`,
  models: `arraySort(arrayFilter(model -> model != '', groupUniqArrayArray([${registered}, ${baseModel}, ${withProvider('s.response_model')}])))`,
  providers: distinct('s.provider'),
  kinds: 'arraySort(groupUniqArray(s.kind))',
  tools: distinct('s.tool_name'),
  services: distinct('s.service'),
  service: firstSaid('service'),
  environment: firstSaid('environment'),
  release: firstSaid('release'),
  tags: 'arraySort(groupUniqArrayArray(s.tags))',
  session_id: firstSaid('session_id'),
  user_id: firstSaid('user_id'),
  input_preview: shown('input'),
  output_preview: shown('output'),
  input_tokens: `sumIf(${inputTokens}, s.counted)`,
  output_tokens: `sumIf(${outputTokens}, s.counted)`,
  usage_counts: 'sumMapIf(s.usage_counts, s.counted)',
  cost_nano_usd: `if(countIf(s.counted AND isNotNull(s.cost_nano_usd)) = 0, NULL,
    toInt64(least(greatest(sumIf(toInt128(s.cost_nano_usd), s.counted), -9223372036854775807), 9223372036854775807)))`,
  unpriced_calls: 'countIf(s.counted AND isNull(s.cost_nano_usd))',
  span_count: 'count()',
  error_count: "countIf(s.status = 'error')",
  first_token_ns_min: `argMinIf(toNullable(s.first_token_ns - s.start_ns), ${order}, s.kind = 'generation' AND s.first_token_ns >= s.start_ns)`,
  run_id: firstSaid('run_id'),
  dialect: ofRoot('dialect'),
  text: searched,
};

/** Rows for `trace_summaries`: the trace's line under the hour of its start, deleted ones under its other hours. */
export function summariesSql(uncounted: readonly SpanPlace[]): string {
  const names = Object.keys(summaryColumns);
  const values = names.map((name) => `${summaryColumns[name]} AS ${name}`);
  return `
INSERT INTO trace_summaries (project_id, hour, trace_id, version, is_deleted, ${names.join(', ')})
WITH folded AS (
  SELECT *, ${placeOf} AS place, if(parent_span_id != '' AND (trace_id, parent_span_id) IN (
    SELECT f.trace_id, f.span_id FROM spans AS f WHERE f.project_id = {project:String} AND ${fragments}),
    place + bitShiftLeft(toUInt256(1), 128), place) AS root_place
  FROM (${countedSql('summary', uncounted)}))
SELECT {project:String}, arrayJoin(held) AS hour, trace_id, ${now}, hour != ${hourOf('start_ns')}, ${names.join(', ')}
FROM (
  SELECT s.trace_id AS trace_id, groupUniqArrayArray(s.hours) AS held, ${values.join(',\n')}
  FROM folded AS s
  GROUP BY s.trace_id)
${settings}`;
}

/** Rows for `calls`: those that count, and deleted ones for what does not. */
export function callsSql(uncounted: readonly SpanPlace[]): string {
  return `
INSERT INTO calls (project_id, minute, trace_id, span_id, version, is_deleted, start_ns, kind, provider, model, service,
  environment, is_run, is_error, input_tokens, output_tokens, cost_nano_usd, is_unpriced, latency_ns, first_token_ns)
SELECT {project:String}, arrayJoin(s.minutes) AS held, s.trace_id, s.span_id, ${now},
  NOT s.counted OR held != ${minuteOf('s.start_ns')}, s.start_ns, s.kind, s.provider,
  if(${registered} != '', ${registered}, ${baseModel}), s.service, s.environment, s.run_id != '', s.status = 'error',
  ${inputTokens}, ${outputTokens}, s.cost_nano_usd, isNull(s.cost_nano_usd),
  if(s.end_ns >= s.start_ns, s.end_ns - s.start_ns, NULL),
  if(s.first_token_ns >= s.start_ns, s.first_token_ns - s.start_ns, NULL)
FROM (${countedSql('calls', uncounted)}) AS s
WHERE s.maybe_call
${settings}`;
}

const dimensions = 'project_id, minute, kind, provider, model, service, environment, is_run';
const changed = `(project_id, minute) IN (SELECT c.project_id, c.minute FROM calls AS c WHERE c.version > {done:UInt64})`;
const quantiles = (column: string): string =>
  `quantilesDDStateIf(0.01, 0.5, 0.9, 0.99)(toFloat64(assumeNotNull(${column})), isNotNull(${column}))`;

const sums = 'calls, errors, input_tokens, output_tokens, cost_nano_usd, unpriced, latency_ns, first_token_ns';
const costOf = (cost: string): string =>
  `toInt64(least(greatest(sum(toInt128(${cost})), -9223372036854775807), 9223372036854775807))`;

/** Rows for `call_minutes`, of each minute with a change after the version `done`; deleted ones for what is no more in it. */
export const minutesSql = `
INSERT INTO call_minutes (${dimensions}, version, is_deleted, ${sums})
SELECT ${dimensions}, {version:UInt64}, sum(one) = 0, sum(one), sum(is_error), sum(input_tokens), sum(output_tokens),
  if(count(cost_nano_usd) = 0, NULL, ${costOf('cost_nano_usd')}), sum(is_unpriced),
  ${quantiles('latency_ns')}, ${quantiles('first_token_ns')}
FROM (
  SELECT ${dimensions}, 1 AS one, is_error, input_tokens, output_tokens, cost_nano_usd, is_unpriced, latency_ns, first_token_ns
  FROM calls FINAL WHERE ${changed}
  UNION ALL
  SELECT ${dimensions}, 0, 0, 0, 0, NULL, 0, NULL, NULL FROM call_minutes FINAL WHERE ${changed})
GROUP BY ${dimensions}`;

const changedHours = (column: string) => `(project_id, ${column}) IN (
  SELECT m.project_id, toStartOfHour(m.minute) FROM call_minutes AS m WHERE m.version = {version:UInt64})`;
const merged = (column: string): string => `quantilesDDMergeStateIf(0.01, 0.5, 0.9, 0.99)(h.${column}, h.one > 0)`;

/** Rows for `call_hours`, of each hour with a minute of this version. */
export const hoursSql = `
INSERT INTO call_hours (${dimensions}, version, is_deleted, ${sums})
SELECT ${dimensions}, {version:UInt64}, sum(h.one) = 0, sumIf(h.calls, h.one > 0), sumIf(h.errors, h.one > 0),
  sumIf(h.input_tokens, h.one > 0), sumIf(h.output_tokens, h.one > 0),
  if(countIf(isNotNull(h.cost_nano_usd) AND h.one > 0) = 0, NULL, ${costOf('if(h.one > 0, h.cost_nano_usd, NULL)')}),
  sumIf(h.unpriced, h.one > 0), ${merged('latency_ns')}, ${merged('first_token_ns')}
FROM (
  SELECT * EXCEPT (minute), toStartOfHour(minute) AS minute, 1 AS one FROM call_minutes FINAL
  WHERE ${changedHours('toStartOfHour(minute)')}
    AND minute >= (SELECT toStartOfHour(min(m.minute)) FROM call_minutes AS m WHERE m.version = {version:UInt64})
  UNION ALL
  SELECT * EXCEPT (minute), minute, 0 FROM call_hours FINAL WHERE ${changedHours('minute')}) AS h
GROUP BY ${dimensions}`;
