import type { Series, SeriesAsk, SeriesGrouping } from '@wheelhouse/core/ports';
import { allOf } from '@wheelhouse/core/query';
import {
  type Measures,
  type Nanos,
  type ProjectId,
  type Quantiles,
  type TextField,
  WheelhouseError,
} from '@wheelhouse/core/records';
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
  scoreText,
  summaryTable,
  timeBounds,
} from './filter-sql.ts';
import { grainFor, rolledHours, rolledSql } from './rolled-hours.ts';
import { type MoreSums, moreSums, type SpreadRow, toSpread } from './spread.ts';

const second = 1_000_000_000n;
const wantedBuckets = 60;
/** Steps that clocks and calendars have, in seconds. */
const niceSteps = [60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400, 604_800, 2_592_000];
const mostBuckets = 2000;

/**
 * What a table gives for a series: where it stands, its time in ns, and its measures as one SELECT list of partial sums,
 * `n`, `failed`, `tokens_in` …, that {@link wholeMeasures} adds up. Quantiles are sketches until then.
 */
type Source = {
  table: FilterTable;
  from: string;
  key: string;
  timeNs: string;
  measures: string;
  /** How many of what is counted the rows stand for. */
  count: string;
  value(field: TextField): string;
};

const sketch = (sql: string) =>
  `quantilesDDStateIf(0.01, 0.5, 0.9, 0.99)(toFloat64(assumeNotNull(${sql})), isNotNull(${sql}))`;

const traces: Source = {
  table: summaryTable,
  from: 'trace_summaries FINAL',
  key: 'hour',
  timeNs: 'start_ns',
  value: valuesOf,
  count: 'count()',
  measures: `count() AS n, countIf(status = 'error') AS failed, sum(input_tokens) AS tokens_in,
    sum(output_tokens) AS tokens_out, sum(cost_nano_usd) AS spent, sum(unpriced_calls) AS unknown,
    ${sketch('duration_ns')} AS slow,
    ${sketch('first_token_ns_min')} AS late`,
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
  count: 'sum(calls)',
  measures: `sum(calls) AS n, sum(call_minutes.errors) AS failed, sum(input_tokens) AS tokens_in,
    sum(output_tokens) AS tokens_out, sum(cost_nano_usd) AS spent, sum(call_minutes.unpriced) AS unknown,
    quantilesDDMergeState(0.01, 0.5, 0.9, 0.99)(latency_ns) AS slow,
    quantilesDDMergeState(0.01, 0.5, 0.9, 0.99)(first_token_ns) AS late`,
};

const sumNames = 'n, failed, tokens_in, tokens_out, spent, unknown, slow, late';
const quantiles = 'quantilesDDMerge(0.01, 0.5, 0.9, 0.99)';
/** Adds the partial sums of {@link Source}s up. */
const wholeMeasures = `sum(n) AS count, sum(failed) AS errors, sum(tokens_in) AS input,
  sum(tokens_out) AS output, sum(spent) AS cost, sum(unknown) AS unpriced,
  ${quantiles}(slow) AS latency, ${quantiles}(late) AS first_token`;

type MeasureRow = {
  /** Its series' place among the first ones, from 1; 0: all others together. */
  series: string;
  /** Its bucket, counted from 1970; empty over the whole time. */
  at: string;
  count: string;
  errors: string;
  input: string;
  output: string;
  cost: string | null;
  unpriced: string;
  latency: (number | null)[];
  first_token: (number | null)[];
  counted?: string;
} & Partial<SpreadRow>;
type ScoreRow = { series: string; at: string; mean: number; sd: number | null; count: string };

/** Of a sketch that holds nothing no quantile is a number, which comes as null. */
function quantilesOf([p50, p90, p99]: readonly (number | null)[]): Quantiles {
  if (p50 == null || p90 == null || p99 == null) return null;
  const ns = (value: number) => BigInt(Math.round(value));
  return { p50: ns(p50), p90: ns(p90), p99: ns(p99) };
}

const toMeasures = (row: MeasureRow, score: ScoreRow | undefined): Measures => ({
  count: Number(row.count),
  errors: Number(row.errors),
  inputTokens: Number(row.input),
  outputTokens: Number(row.output),
  costNanoUsd: bigintOrNull(row.cost),
  unpriced: Number(row.unpriced),
  latency: quantilesOf(row.latency),
  firstToken: quantilesOf(row.first_token),
  score: score ? { mean: score.mean, count: Number(score.count) } : null,
  ...(row.counted === undefined ? {} : { counted: Number(row.counted) }),
  ...(row.users === undefined
    ? {}
    : { spread: toSpread(row as SpreadRow, score ? { ...score, count: Number(score.count) } : null) }),
});

const roundUp = (ns: bigint, step: bigint): bigint => ((ns + step - 1n) / step) * step;

type Range = { step: number; fromNs: Nanos; untilNs: Nanos };

/** The time that is shown: what the filter bounds, else what there is; cut into steps. */
async function rangeOf(ask: SeriesAsk, find: () => Promise<{ first: bigint; last: bigint }>): Promise<Range> {
  const bounds = timeBounds(ask.filter, ask.nowNs);
  const found = bounds.from === null ? await find() : { first: bounds.from, last: ask.nowNs - 1n };
  const from = found.first;
  const until = bounds.until ?? found.last + 1n;
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

/** Every row with the value that it is grouped by. */
function groupedSql(source: Source, ask: SeriesAsk, where: string): string {
  if (typeof ask.by === 'object') return scoredSql(source, where);
  const value = ask.by === undefined ? "''" : source.value(ask.by);
  return `(SELECT *, ${value} AS group_value FROM ${source.from} WHERE ${where})`;
}

/** Every row with the newest value of the score that it is grouped by, as text. */
function scoredSql(source: Source, where: string): string {
  const named = `s.name = {byScore:String} AND s.trace_id IN (SELECT trace_id FROM trace_summaries WHERE ${where})`;
  return `(SELECT r.*, v.group_value AS group_value FROM (SELECT * FROM ${source.from} WHERE ${where}) AS r
    LEFT JOIN (SELECT trace_id AS scored_trace, ${scoreText} AS group_value FROM (${newestScores(named)})) AS v
      ON v.scored_trace = r.trace_id)`;
}

/** What a series is made of: `n` of each `group_value`, and the partial sums of each place and bucket. */
type Part = { counts: string; sums: string };

/** Numbers, because texts as keys of groups cost twice as much. */
const placeSql = 'indexOf({top:Array(String)}, group_value)';
const bucketSql = (timeNs: string) => `intDiv(${timeNs}, {stepNs:UInt64})`;

/** Rows of a source as they are. */
function plainPart(source: Source, rows: string, more: MoreSums): Part {
  const alias = source.table === callTable ? 'call_minutes' : 'trace_summaries';
  return {
    counts: `SELECT group_value, ${source.count} AS n FROM ${rows} GROUP BY group_value`,
    sums: `SELECT ${placeSql} AS place, ${bucketSql(source.timeNs)} AS bucket, ${source.measures}${more.parts}
      FROM ${rows} AS ${alias} GROUP BY place, bucket`,
  };
}

/**
 * As rows of whole lists, each already summed: few lists differ, and a trace with ten values would be summed ten times.
 * Tags may all differ, and a sum for each would be larger than the traces.
 */
function listPart(ask: SeriesAsk, where: string, more: MoreSums): Part | null {
  const { by } = ask;
  const list =
    by === undefined || typeof by === 'object' || by === 'tag' || ask.of === 'calls' ? undefined : listed[by];
  if (list === undefined) return null;
  const value = 'toString(arrayJoin(emptyArrayToSingle(list))) AS group_value';
  return {
    counts: `SELECT ${value}, n
      FROM (SELECT ${list} AS list, count() AS n FROM trace_summaries FINAL WHERE ${where} GROUP BY list)`,
    sums: `SELECT ${placeSql} AS place, bucket, ${sumNames}${more.sums}
      FROM (
        SELECT *, ${value}
        FROM (
          SELECT ${list} AS list, ${bucketSql(traces.timeNs)} AS bucket, ${traces.measures}${more.parts}
          FROM trace_summaries FINAL
          WHERE ${where}
          GROUP BY list, bucket))`,
  };
}

/** The values that most rows have. */
async function topValues(
  database: Database,
  parts: readonly Part[],
  { limit, params }: { limit: number; params: SqlParams },
): Promise<string[]> {
  const found = await database.query<{ value: string }>(
    `SELECT group_value AS value FROM (${parts.map(({ counts }) => counts).join(' UNION ALL ')})
     GROUP BY value ORDER BY sum(n) DESC, value LIMIT {limit:UInt32}`,
    { ...params, limit },
  );
  return found.map(({ value }) => value);
}

/**
 * Measures of each series and bucket, and with bucket '' over the whole time. One read makes sketches and sums of each
 * bucket, which then are added up twice: quantiles of millions of lines are what costs.
 */
const readMeasures = (
  database: Database,
  parts: readonly Part[],
  { params, more }: { params: SqlParams; more: MoreSums },
): Promise<MeasureRow[]> =>
  database.query<MeasureRow>(
    `SELECT toString(place) AS series, if(grouping(bucket) = 0, toString(bucket), '') AS at, ${wholeMeasures}${more.whole}
     FROM (${parts.map(({ sums }) => sums).join(' UNION ALL ')})
     GROUP BY GROUPING SETS ((place, bucket), (place))`,
    params,
  );

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
      `SELECT toString(${placeSql}) AS series, ${bucket} AS at, avg(number) AS mean,
         stddevSampStable(number) AS sd, count() AS count
       FROM ${rows} AS t
       INNER JOIN (SELECT trace_id, ${scoreNumber('value')} AS number FROM (${newest})) AS n
         ON n.trace_id = t.trace_id
       WHERE isNotNull(number)
       GROUP BY series, at`,
      { ...params, score: name },
    );
  return (await Promise.all([select("''"), select(`toString(${bucketSql('start_ns')})`)])).flat();
}

type FieldAsk = SeriesAsk & { by?: Exclude<SeriesGrouping, object> };
/** Sums of hours do not know single traces, nor scores. */
const isSummable = (ask: SeriesAsk): ask is FieldAsk =>
  typeof ask.by !== 'object' && !ask.spread && ask.counted === undefined;

/** Sums of hours at one grain, as {@link traces} gives them of lines. */
function hourPart(ask: FieldAsk, where: string): Part {
  const value = ask.by === undefined ? "''" : valuesOf(ask.by);
  const rows = `(SELECT *, ${value} AS group_value FROM trace_hours FINAL WHERE ${where})`;
  const merged = (column: string) => `quantilesDDMergeState(0.01, 0.5, 0.9, 0.99)(h.${column})`;
  return {
    counts: `SELECT group_value, sum(traces) AS n FROM ${rows} GROUP BY group_value`,
    sums: `SELECT ${placeSql} AS place, ${bucketSql('toUInt64(toUnixTimestamp(h.hour)) * 1000000000')} AS bucket,
        sum(h.traces) AS n, sumIf(h.traces, h.status = 'error') AS failed, sum(h.input_tokens) AS tokens_in,
        sum(h.output_tokens) AS tokens_out, sum(h.cost_nano_usd) AS spent, sum(h.unpriced) AS unknown,
        ${merged('duration_ns')} AS slow, ${merged('first_token_ns')} AS late
      FROM ${rows} AS h GROUP BY place, bucket`,
  };
}

type Whole = { ask: SeriesAsk; step: number; where: string; whole: Part; more: MoreSums };

/** What is read: sums of hours where the step and the filter let them stand for lines, and lines where not. */
async function partsOf(
  database: Database,
  project: ProjectId,
  { ask, step, where, whole, more }: Whole,
): Promise<{ parts: Part[]; params: SqlParams }> {
  if (ask.of === 'calls') return { parts: [whole], params: {} };
  const linesOf = (outside: string): Part => {
    const own = `${where} AND ${outside}`;
    return listPart(ask, own, more) ?? plainPart(traces, groupedSql(traces, ask, own), more);
  };
  if (!isSummable(ask)) return { parts: [linesOf('1')], params: {} };
  const grain = step % 3600 === 0 ? grainFor(ask.filter, ask.by === undefined ? [] : [ask.by]) : null;
  const hours = grain === null ? null : await rolledHours(database, project, { ...ask, grains: [grain] });
  if (grain === null || hours === null) return { parts: [linesOf('1')], params: {} };
  const { inside, outside } = hours;
  const rolled = rolledSql(ask, { grain, inside });
  return { parts: [hourPart(ask, rolled.where), linesOf(outside)], params: rolled.params };
}

/** Counts, cost and latency over time, of traces or of single calls. */
export async function readSeries(database: Database, project: ProjectId, ask: SeriesAsk): Promise<Series> {
  if (ask.score !== undefined && ask.of === 'calls')
    throw new WheelhouseError('invalid_request', 'Calls have no scores.', {
      param: 'score',
      hint: 'Take of=traces for scores over time.',
    });
  if (ask.of === 'calls' && !isSummable(ask))
    throw new WheelhouseError('invalid_request', 'Calls are kept as sums, without their scores.', {
      param: 'of',
      hint: 'Take of=traces.',
    });
  const source = ask.of === 'calls' ? calls : traces;
  const compiled = filterSql(ask.filter, { nowNs: ask.nowNs, table: source.table });
  const where = `project_id = {project:String} AND ${hourSql(ask.filter, ask.nowNs, source.key)} AND ${compiled.where}`;
  const counts =
    ask.counted && filterSql(allOf([ask.filter, ask.counted]), { nowNs: ask.nowNs, table: source.table, prefix: 'c' });
  const more = moreSums({ spread: ask.spread === true, counted: counts?.where ?? null });
  const params: SqlParams = {
    ...{ ...compiled.params, ...counts?.params, project },
    ...(typeof ask.by === 'object' ? { byScore: ask.by.score } : {}),
  };
  const { step, fromNs, untilNs } = await rangeOf(ask, async () => {
    const [found] = await database.query<{ rows: string; first: string; last: string }>(
      `SELECT count() AS rows, toString(min(${source.timeNs})) AS first, toString(max(${source.timeNs})) AS last
       FROM ${source.from} WHERE ${where}`,
      params,
    );
    if (!found || Number(found.rows) === 0) return { first: ask.nowNs, last: ask.nowNs };
    return { first: BigInt(found.first), last: BigInt(found.last) };
  });
  const stepNs = BigInt(step) * second;
  const rows = groupedSql(source === calls && step % 3600 === 0 ? byHours(ask) : source, ask, where);
  const { parts, ...of } = await partsOf(database, project, {
    ask,
    step,
    where,
    whole: plainPart(source, rows, more),
    more,
  });
  const summed = { ...params, ...of.params };
  const top = ask.by === undefined ? [''] : await topValues(database, parts, { limit: ask.groups, params: summed });
  const values = { ...summed, top, stepNs: String(stepNs) };
  const [measured, scores] = await Promise.all([
    readMeasures(database, parts, { params: values, more }),
    ask.score === undefined ? [] : readScores(database, { rows, where }, ask.score, values),
  ]);
  const placeOf = ({ series, at }: { series: string; at: string }) => `${series} ${at}`;
  const scoreAt = new Map(scores.map((row) => [placeOf(row), row]));
  const series = (value: string | null, place: number): Series['groups'] => {
    const own = measured.filter((row) => row.series === String(place));
    const measures = (row: MeasureRow) => toMeasures(row, scoreAt.get(placeOf(row)));
    const total = own.find(({ at }) => at === '');
    if (!total) return [];
    const buckets = own
      .filter(({ at }) => at !== '')
      .map((row) => ({ startNs: BigInt(row.at) * stepNs, ...measures(row) }))
      .sort((a, b) => (a.startNs < b.startNs ? -1 : 1));
    return [{ value: ask.by === undefined ? null : value, rest: place === 0, total: measures(total), buckets }];
  };
  return {
    of: ask.of,
    step,
    fromNs,
    untilNs,
    groups: [...top.flatMap((value, i) => series(value, i + 1)), ...series(null, 0)],
  };
}
