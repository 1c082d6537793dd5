import type { Measures, Quantiles, Series, SeriesAsk } from '@wheelhouse/core/ports';
import { type Nanos, type ProjectId, type TextField, WheelhouseError } from '@wheelhouse/core/records';
import { bigintOrNull } from '../columns.ts';
import type { Database } from '../database.ts';
import { listed, valuesOf } from './facets.ts';
import {
  type FilterTable,
  filterSql,
  hourSql,
  newestScores,
  type SqlParams,
  scoreNumber,
  summaryTable,
  timeBounds,
} from './filter-sql.ts';

const second = 1_000_000_000n;
const wantedBuckets = 60;
/** Steps that clocks and calendars have, in seconds. */
const niceSteps = [60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400, 604_800, 2_592_000];
const mostBuckets = 2000;

/** What a table gives for a series: where it stands, its time in ns, and its measures as one SELECT list. */
type Source = {
  table: FilterTable;
  from: string;
  key: string;
  timeNs: string;
  measures: string;
  value(field: TextField): string;
};

const quantiles = (sql: string) =>
  `quantilesTDigestIf(0.5, 0.9, 0.99)(toFloat64(assumeNotNull(${sql})), isNotNull(${sql}))`;

const traces: Source = {
  table: summaryTable,
  from: 'trace_summaries FINAL',
  key: 'hour',
  timeNs: 'start_ns',
  value: valuesOf,
  measures: `count() AS count, countIf(status = 'error') AS errors, sum(input_tokens) AS input,
    sum(output_tokens) AS output, sum(cost_nano_usd) AS cost, sum(unpriced_calls) AS unpriced,
    ${quantiles('duration_ns')} AS latency, countIf(isNotNull(duration_ns)) AS latencies,
    ${quantiles('first_token_ns_min')} AS first_token, countIf(isNotNull(first_token_ns_min)) AS first_tokens`,
};

/** Calls are kept by the minute, with few of the fields. */
const callTable: FilterTable = {
  name: 'calls over time',
  text: {
    kind: { text: 'kind' },
    provider: { text: 'provider' },
    model: { models: '[toString(model)]' },
    service: { text: 'service' },
    environment: { text: 'environment' },
    run: { text: "if(is_run, 'run', '')" },
  },
  number: {},
  time: 'toUInt64(toUnixTimestamp(minute)) * 1000000000',
};
const calls: Source = {
  table: callTable,
  from: 'call_minutes FINAL',
  key: 'minute',
  timeNs: callTable.time,
  value: (field) => {
    const column = callTable.text[field];
    if (column === undefined || field === 'run')
      throw new WheelhouseError('invalid_request', `Calls are not kept by \`${field}\`.`, {
        param: 'by',
        hint: 'Calls are kept by kind, provider, model, service and environment; take of=traces for the others.',
      });
    return `toString(${field})`;
  },
  measures: `sum(calls) AS count, sum(call_minutes.errors) AS errors, sum(input_tokens) AS input,
    sum(output_tokens) AS output, sum(cost_nano_usd) AS cost, sum(call_minutes.unpriced) AS unpriced,
    quantilesDDMerge(0.01, 0.5, 0.9, 0.99)(latency_ns) AS latency, length(arrayFilter(q -> isFinite(q), latency)) AS latencies,
    quantilesDDMerge(0.01, 0.5, 0.9, 0.99)(first_token_ns) AS first_token,
    length(arrayFilter(q -> isFinite(q), first_token)) AS first_tokens`,
};

type MeasureRow = {
  key: string;
  rest: number;
  bucket: string;
  count: string;
  errors: string;
  input: string;
  output: string;
  cost: string | null;
  unpriced: string;
  latency: (number | null)[];
  latencies: string;
  first_token: (number | null)[];
  first_tokens: string;
};
type ScoreRow = { key: string; rest: number; bucket: string; mean: number; count: string };

function quantilesOf([p50, p90, p99]: readonly (number | null)[], measured: string): Quantiles {
  const ns = (value: number | null | undefined) => BigInt(Math.round(value ?? 0));
  return Number(measured) === 0 ? null : { p50: ns(p50), p90: ns(p90), p99: ns(p99) };
}

const toMeasures = (row: MeasureRow, score: ScoreRow | undefined): Measures => ({
  count: Number(row.count),
  errors: Number(row.errors),
  inputTokens: Number(row.input),
  outputTokens: Number(row.output),
  costNanoUsd: bigintOrNull(row.cost),
  unpriced: Number(row.unpriced),
  latency: quantilesOf(row.latency, row.latencies),
  firstToken: quantilesOf(row.first_token, row.first_tokens),
  score: score ? { mean: score.mean, count: Number(score.count) } : null,
});

const roundUp = (ns: bigint, step: bigint): bigint => ((ns + step - 1n) / step) * step;

type Range = { step: number; fromNs: Nanos; untilNs: Nanos };

/** The time that is shown: what the filter bounds, else what there is; cut into steps. */
function rangeOf(ask: SeriesAsk, found: { first: bigint; last: bigint }): Range {
  const bounds = timeBounds(ask.filter, ask.nowNs);
  const from = bounds.from ?? found.first;
  const until = bounds.until ?? (bounds.from === null ? found.last + 1n : ask.nowNs);
  const span = until > from ? until - from : 1n;
  const step =
    ask.step ?? niceSteps.find((nice) => span / (BigInt(nice) * second) <= BigInt(wantedBuckets)) ?? 31_536_000;
  const stepNs = BigInt(step) * second;
  const fromNs = ((from < 0n ? 0n : from) / stepNs) * stepNs;
  const untilNs = roundUp(until > fromNs ? until : fromNs + 1n, stepNs);
  if ((untilNs - fromNs) / stepNs > BigInt(mostBuckets))
    throw new WheelhouseError(
      'invalid_request',
      `That are ${(untilNs - fromNs) / stepNs} buckets; ${mostBuckets} fit.`,
      {
        param: 'step',
        hint: 'Widen the step, or leave it out; or narrow the time with last, since and until.',
      },
    );
  return { step, fromNs, untilNs };
}

const hour = 3600n * second;
/** Whole hours are kept as such: a step of hours reads them, and minutes where the time begins or ends within an hour. */
function byHours({ filter, nowNs }: SeriesAsk): Source {
  const bounds = timeBounds(filter, nowNs);
  // What a DateTime holds ends in 2106.
  const seconds = (ns: bigint) => (ns / second > 4_294_964_400n ? 4_294_964_400n : ns / second);
  const first = bounds.from === null ? 0n : roundUp(bounds.from < 0n ? 0n : bounds.from, hour);
  const until = bounds.until ?? nowNs;
  const last = until < first ? first : (until / hour) * hour;
  const whole = `minute >= toDateTime(${seconds(first)}, 'UTC') AND minute < toDateTime(${seconds(last)}, 'UTC')`;
  return {
    ...calls,
    from: `(SELECT * FROM call_hours FINAL WHERE ${whole} UNION ALL SELECT * FROM call_minutes FINAL WHERE NOT (${whole}))`,
  };
}

/** Every row with its series: the value itself, or the rest. `groups` null makes one series of all. */
function groupedSql(source: Source, ask: SeriesAsk, where: string): string {
  const value = ask.by === undefined ? "''" : source.value(ask.by);
  return `(SELECT *, ${value} AS group_value FROM ${source.from} WHERE ${where})`;
}

async function topValues(
  database: Database,
  rows: string,
  { measure, limit, params }: { measure: string; limit: number; params: SqlParams },
): Promise<string[]> {
  const found = await database.query<{ value: string }>(
    `SELECT group_value AS value FROM ${rows} GROUP BY value ORDER BY ${measure} DESC, value LIMIT {limit:UInt32}`,
    { ...params, limit },
  );
  return found.map(({ value }) => value);
}

const keySql = `group_value IN {top:Array(String)} AS is_top, if(is_top, group_value, '') AS key, toUInt8(NOT is_top) AS rest`;
const bucketSql = (timeNs: string) => `toString(intDiv(${timeNs}, {stepNs:UInt64}))`;

/** Measures of each series and bucket, and with bucket '' over the whole time. */
async function readMeasures(
  database: Database,
  { rows, source, ask, where }: { rows: string; source: Source; ask: SeriesAsk; where: string },
  params: SqlParams,
) {
  const lists = byLists(ask, where);
  if (lists !== null) {
    const select = (bucket: string) =>
      database.query<MeasureRow>(
        `SELECT ${keySql}, bucket, ${lists.measures} FROM ${lists.rows(bucket)}
         GROUP BY is_top, key, rest, bucket ORDER BY bucket`,
        params,
      );
    return (await Promise.all([select("''"), select(bucketSql(source.timeNs))])).flat();
  }
  const select = (bucket: string) =>
    database.query<MeasureRow>(
      `SELECT ${keySql}, ${bucket} AS bucket, ${source.measures} FROM ${rows} AS ${source.table === callTable ? 'call_minutes' : 'trace_summaries'}
       GROUP BY group_value IN {top:Array(String)}, key, rest, bucket ORDER BY bucket`,
      params,
    );
  const [totals, buckets] = await Promise.all([select("''"), select(bucketSql(source.timeNs))]);
  return [...totals, ...buckets];
}

const stateOf = (sql: string) => quantiles(sql).replace('quantilesTDigestIf', 'quantilesTDigestIfState');

/**
 * As rows of whole lists, each already summed: few lists differ, and a trace with ten values would be summed ten times.
 * Tags may all differ, and a sum for each would be larger than the traces.
 */
function byLists(
  ask: SeriesAsk,
  where: string,
): { measures: string; rows(bucket: string): string; counts: string } | null {
  const list = ask.by === undefined || ask.by === 'tag' || ask.of === 'calls' ? undefined : listed[ask.by];
  if (list === undefined) return null;
  const measures = `sum(n) AS count, sum(failed) AS errors, sum(tokens_in) AS input, sum(tokens_out) AS output,
      sum(spent) AS cost, sum(unknown) AS unpriced, quantilesTDigestIfMerge(0.5, 0.9, 0.99)(slow) AS latency,
      sum(slows) AS latencies, quantilesTDigestIfMerge(0.5, 0.9, 0.99)(late) AS first_token, sum(lates) AS first_tokens`;
  const counts = `(
    SELECT toString(arrayJoin(emptyArrayToSingle(list))) AS group_value, n
    FROM (SELECT ${list} AS list, count() AS n FROM trace_summaries FINAL WHERE ${where} GROUP BY list))`;
  const rows = (bucket: string) => `(
    SELECT *, toString(arrayJoin(emptyArrayToSingle(list))) AS group_value
    FROM (
      SELECT ${list} AS list, ${bucket} AS bucket, count() AS n, countIf(status = 'error') AS failed,
        sum(input_tokens) AS tokens_in, sum(output_tokens) AS tokens_out, sum(cost_nano_usd) AS spent,
        sum(unpriced_calls) AS unknown, ${stateOf('duration_ns')} AS slow, countIf(isNotNull(duration_ns)) AS slows,
        ${stateOf('first_token_ns_min')} AS late, countIf(isNotNull(first_token_ns_min)) AS lates
      FROM trace_summaries FINAL
      WHERE ${where}
      GROUP BY list, bucket))`;
  return { measures, rows, counts };
}

async function readScores(
  database: Database,
  { rows, where }: { rows: string; where: string },
  name: string,
  params: SqlParams,
): Promise<ScoreRow[]> {
  const newest = newestScores(
    `s.name = {score:String} AND s.trace_id IN (SELECT trace_id FROM trace_summaries WHERE ${where})`,
  );
  const select = (bucket: string) =>
    database.query<ScoreRow>(
      `SELECT ${keySql}, ${bucket} AS bucket, avg(number) AS mean, count() AS count
       FROM ${rows} AS t
       INNER JOIN (SELECT trace_id, ${scoreNumber('value')} AS number FROM (${newest})) AS n
         ON n.trace_id = t.trace_id
       WHERE isNotNull(number)
       GROUP BY is_top, key, rest, bucket`,
      { ...params, score: name },
    );
  return (await Promise.all([select("''"), select(bucketSql('start_ns'))])).flat();
}

/** Counts, cost and latency over time, of traces or of single calls. */
export async function readSeries(database: Database, project: ProjectId, ask: SeriesAsk): Promise<Series> {
  if (ask.score !== undefined && ask.of === 'calls')
    throw new WheelhouseError('invalid_request', 'Calls have no scores.', {
      param: 'score',
      hint: 'Take of=traces for scores over time.',
    });
  const source = ask.of === 'calls' ? calls : traces;
  const compiled = filterSql(ask.filter, { nowNs: ask.nowNs, table: source.table });
  const where = `project_id = {project:String} AND ${hourSql(ask.filter, ask.nowNs, source.key)} AND ${compiled.where}`;
  const params: SqlParams = { ...compiled.params, project };
  const [found] = await database.query<{ rows: string; first: string; last: string }>(
    `SELECT count() AS rows, toString(min(${source.timeNs})) AS first, toString(max(${source.timeNs})) AS last
     FROM ${source.from} WHERE ${where}`,
    params,
  );
  const range = rangeOf(ask, {
    first: Number(found?.rows ?? 0) === 0 ? ask.nowNs : BigInt(found?.first ?? 0),
    last: Number(found?.rows ?? 0) === 0 ? ask.nowNs : BigInt(found?.last ?? 0),
  });
  const { step, fromNs, untilNs } = range;
  const stepNs = BigInt(step) * second;
  const rows = groupedSql(source === calls && step % 3600 === 0 ? byHours(ask) : source, ask, where);
  const lists = byLists(ask, where);
  const measure = lists !== null ? 'sum(n)' : ask.of === 'calls' ? 'sum(calls)' : 'count()';
  const top =
    ask.by === undefined
      ? ['']
      : await topValues(database, lists?.counts ?? rows, { measure, limit: ask.groups, params });
  const values = { ...params, top, stepNs: String(stepNs) };
  const [measured, scores] = await Promise.all([
    readMeasures(database, { rows, source, ask, where }, values),
    ask.score === undefined ? [] : readScores(database, { rows, where }, ask.score, values),
  ]);
  const placeOf = ({ key, rest, bucket }: { key: string; rest: number; bucket: string }) =>
    JSON.stringify([rest, key, bucket]);
  const scoreAt = new Map(scores.map((row) => [placeOf(row), row]));
  const series = (key: string, rest: number): Series['groups'] => {
    const own = measured.filter((row) => row.key === key && row.rest === rest);
    const measures = (row: MeasureRow) => toMeasures(row, scoreAt.get(placeOf(row)));
    const total = own.find(({ bucket }) => bucket === '');
    if (!total) return [];
    const buckets = own
      .filter(({ bucket }) => bucket !== '')
      .map((row) => ({ startNs: BigInt(row.bucket) * stepNs, ...measures(row) }))
      .sort((a, b) => (a.startNs < b.startNs ? -1 : 1));
    return [
      { value: ask.by === undefined || rest === 1 ? null : key, rest: rest === 1, total: measures(total), buckets },
    ];
  };
  return { of: ask.of, step, fromNs, untilNs, groups: [...top.flatMap((key) => series(key, 0)), ...series('', 1)] };
}
