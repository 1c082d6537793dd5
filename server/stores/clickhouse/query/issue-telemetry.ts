import type { IssueCounts, IssueTelemetry, KeptOccurrence } from '@wheelhouse/core/ports';
import {
  type FailingSpan,
  type FailingTrace,
  type IssuePlace,
  judgeTag,
  type ProjectId,
  refusalReasons,
  type Score,
  type SpanId,
  type TraceId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { bigintOrNull, orNull, text } from '../columns.ts';
import type { Database } from '../database.ts';
import { foldedColumns, ofTraces, withSuperseded } from '../fold-spans.ts';
import { hourOf, scoreNumber } from './filter-sql.ts';

/** What began longer ago when it came is history. */
const longestNs = 24n * 3_600_000_000_000n;
/** A trace whose root did not come is looked at when nothing more came for so long. */
const rootlessMs = 30_000;
/** So long after a part of it failed, or was called bad, a trace is looked at again when its root comes. */
const rememberedMs = 600_000;
/** Of a trace with more, those that failed and those above all are read first. */
const mostSpans = 200;

const moment = (name: string) => `fromUnixTimestamp64Milli({${name}:Int64}, 'UTC')`;
const between = (column: string, from: string) => `${column} > ${moment(from)} AND ${column} <= ${moment('until')}`;
const reasons = `[${refusalReasons.map((reason) => `'${reason}'`).join(', ')}]`;
const own = 'project_id = {project:String}';

/** More than are bad may fit; which are is for whoever reads the trace. */
const maybeBad = (s: string) =>
  `${s}.trace_id != '' AND (${s}.name IN {ruled:Array(String)} OR (${s}.value IN ('true', 'false')
    OR ${s}.source != 'api' AND ifNull(${scoreNumber(`${s}.value`)} < {badBelow:Float64}, 0))
   AND (${s}.value != 'true' OR ${s}.name IN {badWhenTrue:Array(String)}))`;

const spansOfTime = `f.${own} AND f.hour >= toDateTime({hour:UInt32}, 'UTC') AND f.cost_revision = 0 AND NOT f.read_anew AND f.run_id = ''`;
const fails = `(f.status = 'error' OR hasAny(f.finish_reasons, ${reasons}))`;

const arrivedSql = `
SELECT id, max(ready) AS at FROM (
  SELECT f.trace_id AS id, toUnixTimestamp64Milli(max(f.ingested_at))
    + if(countIf(f.parent_span_id = '' AND isNotNull(f.end_ns)) > 0, 0, ${rootlessMs}) AS ready
  FROM spans AS f
  WHERE ${spansOfTime} AND ${between('f.ingested_at', 'from')}
  GROUP BY id
  HAVING countIf(${fails}) > 0
    OR id IN (SELECT f.trace_id FROM spans AS f WHERE ${spansOfTime} AND ${between('f.ingested_at', 'remembered')} AND ${fails})
    OR id IN (SELECT s.trace_id FROM scores AS s WHERE s.${own} AND ${between('s.created_at', 'remembered')} AND ${maybeBad('s')})
  UNION ALL
  SELECT s.trace_id AS id, toUnixTimestamp64Milli(max(s.created_at)) AS ready
  FROM scores AS s
  WHERE s.${own} AND s.trace_id != '' AND ${between('s.created_at', 'seen')}
    AND (${maybeBad('s')} OR s.trace_id IN (SELECT trace_id FROM issue_occurrences WHERE ${own} AND startsWith(key, 'score:')))
  GROUP BY id)
GROUP BY id
HAVING at <= {until:Int64} AND (at, id) > ({ms:Int64}, {after:String})
ORDER BY at, id
LIMIT {limit:UInt32}`;

const ifFailed = (pattern: string, column: string) =>
  `max(if(f.status = 'error', extract(${column}, '${pattern}'), ''))`;
const quoted = '((?:[^"\\\\\\\\]|\\\\\\\\.){1,400})';
const spansSql = `
${withSuperseded(ofTraces)}
SELECT f.trace_id AS trace_id, f.span_id AS span_id, ${foldedColumns('failing')},
  ${ifFailed(`"error\\\\.type":"${quoted}"`, 'f.attributes')} AS error_type,
  ${ifFailed(`"exception\\\\.type":"${quoted}"`, 'arrayStringConcat(f.events)')} AS exception_type,
  ${ifFailed(`"exception\\\\.message":"${quoted}"`, 'arrayStringConcat(f.events)')} AS exception_message,
  arrayFirst(reason -> has(${reasons}, reason), finish_reasons) AS refusal,
  max(f.attributes LIKE '%"wheelhouse.origin":"shadow"%') AS is_shadow
FROM spans AS f
WHERE f.${own} AND ${ofTraces}
GROUP BY f.trace_id, f.span_id
ORDER BY trace_id, status = 'error' OR refusal != '' DESC, parent_span_id = '' DESC, start_ns, span_id
LIMIT ${mostSpans} BY trace_id`;

type SpanRow = {
  trace_id: string;
  span_id: string;
  parent_span_id: string;
  kind: string;
  name: string;
  start_ns: string;
  end_ns: string | null;
  status: string;
  status_message: string;
  provider: string;
  request_model: string;
  response_model: string;
  model_name: string;
  model_version: number;
  tags: string[];
  user_id: string;
  run_id: string;
  input_preview: string;
  error_type: string;
  exception_type: string;
  exception_message: string;
  refusal: string;
  is_shadow: number;
};

function baseModelOf({ provider, request_model, response_model }: SpanRow): string {
  const model = request_model || response_model;
  return model === '' || provider === '' || model.startsWith(`${provider}/`) ? model : `${provider}/${model}`;
}

const toSpan = (row: SpanRow): FailingSpan => ({
  spanId: row.span_id as SpanId,
  parentSpanId: orNull(row.parent_span_id) as SpanId | null,
  kind: row.kind,
  name: row.name,
  startNs: BigInt(row.start_ns),
  endNs: bigintOrNull(row.end_ns),
  isError: row.status === 'error',
  message: row.status_message || row.exception_message,
  errorType: row.exception_type || row.error_type,
  refusal: row.refusal,
  version: row.model_name === '' ? null : { model: row.model_name, number: row.model_version },
  baseModel: baseModelOf(row),
  input: row.input_preview,
});

const isOurs = ({ run_id, tags, is_shadow }: SpanRow) => run_id !== '' || tags.includes(judgeTag) || is_shadow === 1;
const byStart = (a: FailingSpan, b: FailingSpan) =>
  a.startNs === b.startNs ? (a.spanId < b.spanId ? -1 : 1) : a.startNs < b.startNs ? -1 : 1;

function byTrace<Row extends { trace_id: string }>(rows: readonly Row[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.trace_id);
    if (group) group.push(row);
    else groups.set(row.trace_id, [row]);
  }
  return groups;
}

type ScoreRow = { trace_id: string; name: string; value: string; source: string };

async function readTraces(database: Database, project: ProjectId, ids: readonly TraceId[]): Promise<FailingTrace[]> {
  if (ids.length === 0) return [];
  const [rows, scores] = await Promise.all([
    database.query<SpanRow>(spansSql, { project, traces: ids }),
    database.query<ScoreRow>(
      `SELECT trace_id, name, value, source FROM scores FINAL
       WHERE ${own} AND trace_id IN {traces:Array(String)}
       ORDER BY created_at DESC, id DESC LIMIT 1 BY trace_id, name`,
      { project, traces: ids },
    ),
  ]);
  const spansOf = byTrace(rows);
  const scoresOf = byTrace(scores);
  return ids.map((traceId) => {
    const spans = spansOf.get(traceId) ?? [];
    return {
      traceId,
      user: spans.find((row) => row.user_id !== '')?.user_id ?? null,
      isOurs: spans.some(isOurs),
      spans: spans.map(toSpan).sort(byStart),
      scores: (scoresOf.get(traceId) ?? [])
        .map(({ name, value, source }) => ({
          ...{ name, source: source as Score['source'], value: JSON.parse(value) as Score['value'] },
        }))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    };
  });
}

type SeenRow = {
  name: string;
  total: string;
  truths: string;
  judged: string;
  least: number | null;
  most: number | null;
  labels: string[];
};

const namesShown = 500;
const labelsShown = 20;
const isTruth = "value IN ('true', 'false')";
const seenSql = `
SELECT name, count() AS total, countIf(${isTruth}) AS truths,
  countIf(source != 'api' AND isNotNull(number) AND NOT ${isTruth}) AS judged,
  minIf(number, NOT ${isTruth}) AS least, maxIf(number, NOT ${isTruth}) AS most,
  groupUniqArrayIf(${labelsShown})(value, startsWith(value, '"')) AS labels
FROM (SELECT name, value, source, ${scoreNumber('value')} AS number FROM scores FINAL
  WHERE ${own} AND trace_id != '' AND created_at > ${moment('since')})
GROUP BY name
ORDER BY total DESC, name
LIMIT ${namesShown}`;

type KeptRow = {
  trace_id: string;
  key: string;
  group_id: string;
  span_id: string;
  ms: string;
  user_id: string;
  model_name: string;
  model_version: number;
};

const keptColumns =
  'trace_id, key, group_id, span_id, toString(toUnixTimestamp64Milli(at)) AS ms, user_id, model_name, model_version';

const toKept = (row: KeptRow): KeptOccurrence => ({
  ...{ traceId: row.trace_id as TraceId, key: row.key, groupId: row.group_id, spanId: orNull(row.span_id) },
  ...{ atMs: Number(row.ms), user: orNull(row.user_id) },
  version: row.model_name === '' ? null : { model: row.model_name, number: row.model_version },
});

const toRow = (project: ProjectId, { traceId, key, groupId, spanId, atMs, user, version }: KeptOccurrence) => ({
  ...{ project_id: project, trace_id: traceId, key: text(key), group_id: groupId, span_id: spanId ?? '' },
  ...{ at: new Date(atMs).toISOString().replace('T', ' ').replace('Z', ''), user_id: text(user) },
  ...{ model_name: text(version?.model ?? null), model_version: version?.number ?? 0 },
});

/** Which issue a row is of. */
const issueOf = 'transform(group_id, {groups:Array(String)}, {issues:Array(String)})';
const ofGroups = `${own} AND group_id IN {groups:Array(String)}`;

type Groups = readonly { id: string; issueId: string }[];

async function readCounts(
  database: Database,
  project: ProjectId,
  { groups, days, untilMs }: { groups: Groups; days: number; untilMs: number },
): Promise<Map<string, IssueCounts>> {
  if (groups.length === 0) return new Map();
  const params = {
    ...{ project, groups: groups.map(({ id }) => id), issues: groups.map(({ issueId }) => issueId) },
    ...{ until: String(untilMs), days },
  };
  const ago = `dateDiff('day', toDate(at), toDate(${moment('until')}))`;
  const [totals, ofDays] = await Promise.all([
    database.query<{ issue: string; traces: string; users: string }>(
      `SELECT ${issueOf} AS issue, uniqExact(trace_id) AS traces, uniqExactIf(user_id, user_id != '') AS users
       FROM issue_occurrences FINAL WHERE ${ofGroups} GROUP BY issue`,
      params,
    ),
    database.query<{ issue: string; ago: string; traces: string }>(
      `SELECT ${issueOf} AS issue, ${ago} AS ago, uniqExact(trace_id) AS traces
       FROM issue_occurrences FINAL WHERE ${ofGroups} AND ago >= 0 AND ago < {days:UInt16} GROUP BY issue, ago`,
      params,
    ),
  ]);
  const counts = new Map<string, IssueCounts>();
  for (const { issue, traces, users } of totals)
    counts.set(issue, { traces: Number(traces), users: Number(users), days: new Array<number>(days).fill(0) });
  for (const { issue, ago: day, traces } of ofDays) {
    const counted = counts.get(issue)?.days;
    if (counted) counted[days - 1 - Number(day)] = Number(traces);
  }
  return counts;
}

function placeOf(cursor: string): IssuePlace {
  const [, ms, id] = /^(\d{1,16})\.([0-9a-f]{32})$/.exec(cursor) ?? [];
  if (ms === undefined || id === undefined)
    throw new WheelhouseError('invalid_request', 'The cursor is not one that a page gave as `next`.', {
      param: 'cursor',
    });
  return { ms: Number(ms), id };
}

/** How traces fail, from the spans and scores themselves, and what is kept of it. */
export function createIssueTelemetry(database: Database): IssueTelemetry {
  return {
    async arrived(project, { after, untilMs, limit, badWhenTrue, badBelow, ruled }) {
      const fromMs = after.ms - 1 - rootlessMs;
      const rows = await database.query<{ id: string; at: string }>(arrivedSql, {
        ...{
          project,
          badWhenTrue,
          badBelow,
          ruled,
          limit,
          ms: String(after.ms),
          after: after.id,
          until: String(untilMs),
        },
        ...{ from: String(fromMs), remembered: String(fromMs - rememberedMs), seen: String(after.ms - 1) },
        hour: hourOf(BigInt(Math.max(0, fromMs)) * 1_000_000n - longestNs),
      });
      return rows.map(({ id, at }) => ({ ms: Number(at), id }));
    },

    async seenScores(project, sinceMs) {
      const rows = await database.query<SeenRow>(seenSql, { project, since: String(sinceMs) });
      return rows.map(({ name, total, truths, judged, least, most, labels }) => ({
        ...{ name, count: Number(total), truths: Number(truths), judgedNumbers: Number(judged), least, most },
        labels: labels.map((label) => JSON.parse(label) as string).sort(),
      }));
    },

    traces: (project, ids) => readTraces(database, project, ids),

    async kept(project, ids) {
      if (ids.length === 0) return [];
      const rows = await database.query<KeptRow>(
        `SELECT ${keptColumns} FROM issue_occurrences FINAL WHERE ${own} AND trace_id IN {traces:Array(String)}`,
        { project, traces: ids },
      );
      return rows.map(toKept);
    },

    async put(project, occurrences, gone) {
      const rows = [
        ...occurrences.map((one) => ({ ...toRow(project, one), is_deleted: 0 })),
        ...gone.map((one) => ({ ...toRow(project, one), is_deleted: 1 })),
      ];
      if (rows.length > 0) await database.insert('issue_occurrences', rows);
    },

    counts: (project, groups, { days, untilMs }) => readCounts(database, project, { groups, days, untilMs }),

    async versions(project, groupIds) {
      if (groupIds.length === 0) return [];
      const rows = await database.query<{ model: string; number: number; traces: string }>(
        `SELECT model_name AS model, model_version AS number, uniqExact(trace_id) AS traces
         FROM issue_occurrences FINAL WHERE ${ofGroups} AND model_name != ''
         GROUP BY model, number ORDER BY traces DESC, model, number DESC LIMIT 100`,
        { project, groups: groupIds },
      );
      return rows.map(({ traces, ...version }) => ({ ...version, traces: Number(traces) }));
    },

    async occurrences(project, groupIds, { limit, cursor }) {
      if (groupIds.length === 0) return { data: [], next: null };
      const below = cursor === undefined ? null : placeOf(cursor);
      const rows = await database.query<KeptRow>(
        `SELECT ${keptColumns} FROM (
           SELECT * FROM issue_occurrences FINAL WHERE ${ofGroups} ORDER BY at DESC, key LIMIT 1 BY trace_id)
         ${below === null ? '' : `WHERE (at, trace_id) < (${moment('ms')}, {id:String})`}
         ORDER BY at DESC, trace_id DESC LIMIT {limit:UInt32}`,
        { project, groups: groupIds, limit: limit + 1, ...(below && { ms: String(below.ms), id: below.id }) },
      );
      const data = rows.slice(0, limit).map(toKept);
      const last = data.at(-1);
      return { data, next: rows.length > limit && last ? `${last.atMs}.${last.traceId}` : null };
    },
  };
}
