import type { LineageEdge, ModelTraffic, SpanTally, VersionUse } from '@wheelhouse/core/ports';
import {
  type LineageRef,
  type Nanos,
  type ProjectId,
  parseLineageRef,
  type SpanId,
  type TraceId,
} from '@wheelhouse/core/records';
import { bigintOrNull } from '../columns.ts';
import type { Database } from '../database.ts';
import { foldManySql, ofTraces } from '../fold-spans.ts';
import { hourOf, scoreNumber } from './filter-sql.ts';

/** More are not counted, so that a page of models costs the same however busy they are. */
const mostCalls = 200_000;
const namesOfScores = 20;

type Ask = Parameters<ModelTraffic['uses']>[1];

const hour = (ns: Nanos) => `toDateTime(${hourOf(ns)}, 'UTC')`;

/** Fragments `f` that say which registered version answered, in a time, of no evaluation. */
const stamped = ({ models, fromNs, untilNs }: Ask): string => `f.project_id = {project:String}
  AND f.hour >= ${hour(fromNs)} AND f.hour <= ${hour(untilNs)}
  AND f.start_ns >= {from:UInt64} AND f.start_ns < {until:UInt64} AND f.run_id = ''
  AND ${models === null ? "f.model_name != ''" : 'f.model_name IN {models:Array(String)}'}`;

/** The newest of them. */
const newest = (ask: Ask, columns: string): string =>
  `SELECT ${columns} FROM spans AS f WHERE ${stamped(ask)} ORDER BY f.start_ns DESC LIMIT ${mostCalls}`;

const paramsOf = (project: ProjectId, { models, fromNs, untilNs }: Ask) => ({
  project,
  from: String(fromNs),
  until: String(untilNs),
  ...(models === null ? {} : { models }),
});

type UseRow = {
  model: string;
  version: number;
  aliases: string[];
  calls: string;
  errors: string;
  cost: string | null;
  unpriced: string;
  ended: string;
  latency: [number, number];
  last_ns: string;
};

/**
 * Calls `s`, folded, with what each cost. A run that is more than one call has no tokens of its own: it costs what its
 * trace does, where it is the whole of it.
 */
const callsSql = (ask: Ask): string => `
SELECT s.*, if(s.usage_source = '' AND s.parent_span_id = '', t.spent, s.cost_nano_usd) AS cost
FROM (${foldManySql(
  `f.hour >= ${hour(ask.fromNs)} AND f.hour <= ${hour(ask.untilNs)}
    AND (f.trace_id, f.span_id) IN (${newest(ask, 'f.trace_id, f.span_id')})`,
  'traffic',
)}) AS s
LEFT JOIN (
  SELECT l.trace_id AS trace_id, any(l.cost_nano_usd) AS spent FROM trace_summaries AS l FINAL
  WHERE l.project_id = {project:String} AND l.hour >= ${hour(ask.fromNs)} AND l.hour <= ${hour(ask.untilNs)}
    AND l.trace_id IN (SELECT trace_id FROM (${newest(ask, 'f.trace_id AS trace_id, f.usage_source AS source')})
      WHERE source = '')
  GROUP BY trace_id) AS t ON t.trace_id = s.trace_id
WHERE s.model_name != '' AND s.run_id = ''`;

async function readUses(database: Database, project: ProjectId, ask: Ask): Promise<VersionUse[]> {
  const rows = await database.query<UseRow>(
    `SELECT c.model_name AS model, c.model_version AS version,
       arraySort(groupUniqArrayIf(50)(c.model_alias, c.model_alias != '')) AS aliases,
       count() AS calls, countIf(c.status = 'error') AS errors, sum(c.cost) AS cost,
       countIf(isNull(c.cost) AND c.status != 'error') AS unpriced, countIf(isNotNull(c.end_ns)) AS ended,
       quantilesTDigestIf(0.5, 0.95)(toFloat64(ifNull(c.end_ns, c.start_ns) - c.start_ns), isNotNull(c.end_ns)) AS latency,
       max(c.start_ns) AS last_ns
     FROM (${callsSql(ask)}) AS c
     GROUP BY model, version
     ORDER BY model, version`,
    paramsOf(project, ask),
  );
  return rows.map((row) => ({
    model: row.model,
    version: row.version,
    aliases: row.aliases,
    calls: Number(row.calls),
    errors: Number(row.errors),
    costNanoUsd: bigintOrNull(row.cost),
    unpriced: Number(row.unpriced),
    latency: row.ended === '0' ? null : { p50: wholeNs(row.latency[0]), p95: wholeNs(row.latency[1]) },
    lastNs: BigInt(row.last_ns),
    scores: [],
  }));
}

const wholeNs = (ns: number): Nanos => BigInt(Math.round(ns));

type ScoreRow = { model: string; version: number; name: string; count: string; mean: number | null; newest: string };

/** A score of a trace counts for every version that answered in it, and once for each. */
async function readScores(database: Database, project: ProjectId, ask: Ask): Promise<ScoreRow[]> {
  return database.query<ScoreRow>(
    `SELECT model, version, name, count() AS count, avg(${scoreNumber('value')}) AS mean,
       argMax(value, (created_at, id)) AS newest
     FROM (
       SELECT DISTINCT k.model AS model, k.version AS version, s.name AS name, s.id AS id, s.value AS value,
         s.created_at AS created_at
       FROM (SELECT * FROM scores FINAL WHERE project_id = {project:String}
         AND trace_id IN (SELECT trace_id FROM (${newest(ask, 'f.trace_id AS trace_id')}))) AS s
       INNER JOIN (${newest(ask, 'f.trace_id AS trace_id, f.span_id AS span_id, f.model_name AS model, f.model_version AS version')}) AS k
         ON k.trace_id = s.trace_id
       WHERE s.span_id = '' OR s.span_id = k.span_id)
     GROUP BY model, version, name
     ORDER BY count DESC, name
     LIMIT ${namesOfScores} BY model, version`,
    paramsOf(project, ask),
  );
}

/** `version:<model>@<number>` or `alias:<model>@<alias>` as its parts. */
function partsOf(ref: LineageRef): { name: string; rest: string } {
  const id = ref.slice(ref.indexOf(':') + 1);
  const at = id.lastIndexOf('@');
  return { name: id.slice(0, at), rest: id.slice(at + 1) };
}

async function readTallies(
  database: Database,
  project: ProjectId,
  { refs, fromNs }: { refs: LineageRef[]; fromNs: Nanos },
): Promise<Map<LineageRef, SpanTally>> {
  const asked = refs.filter((ref) => /^(?:version|alias):/.test(ref));
  const tallies = new Map<LineageRef, SpanTally>(asked.map((ref) => [ref, { count: 0, newest: null }]));
  if (asked.length === 0) return tallies;
  const untilNs = 2n ** 63n - 1n;
  const ask = { models: [...new Set(asked.map((ref) => partsOf(ref).name))], fromNs, untilNs };
  const rows = await database.query<{ ref: string; count: string; newest: [string, string, string] }>(
    `SELECT arrayJoin([concat('version:', f.model_name, '@', toString(f.model_version)),
         concat('alias:', f.model_name, '@', f.model_alias)]) AS ref,
       uniqExact(f.trace_id, f.span_id) AS count,
       argMax((f.trace_id, f.span_id, toString(f.start_ns)), (f.start_ns, f.trace_id, f.span_id)) AS newest
     FROM spans AS f WHERE ${stamped(ask)}
     GROUP BY ref HAVING ref IN {refs:Array(String)}`,
    { ...paramsOf(project, ask), refs: asked },
  );
  for (const { ref, count, newest: last } of rows) {
    const [traceId, spanId, startNs] = last;
    const newest = { traceId: traceId as TraceId, spanId: spanId as SpanId, startNs: BigInt(startNs) };
    tallies.set(ref as LineageRef, { count: Number(count), newest });
  }
  return tallies;
}

async function readVersionsIn(database: Database, project: ProjectId, refs: LineageRef[]): Promise<LineageEdge[]> {
  const places = refs.flatMap((ref) => {
    const parsed = parseLineageRef(ref);
    if (parsed === null || (parsed.kind !== 'trace' && parsed.kind !== 'span')) return [];
    const [traceId = '', spanId = ''] = parsed.id.split('/');
    return [{ ref, traceId, spanId }];
  });
  if (places.length === 0) return [];
  const rows = await database.query<{ trace_id: string; span_id: string; model: string; version: number }>(
    `SELECT DISTINCT f.trace_id AS trace_id, f.span_id AS span_id, f.model_name AS model, f.model_version AS version
     FROM spans AS f WHERE f.project_id = {project:String} AND ${ofTraces} AND f.model_name != ''
     ORDER BY trace_id, span_id LIMIT 2000`,
    { project, traces: [...new Set(places.map(({ traceId }) => traceId))] },
  );
  const edges = places.flatMap(({ ref, traceId, spanId }) =>
    rows
      .filter((row) => row.trace_id === traceId && (spanId === '' || row.span_id === spanId))
      .map(({ model, version }) => `version:${model}@${version}` as LineageRef)
      .filter((from, i, all) => all.indexOf(from) === i)
      .map((from) => ({ from, to: ref })),
  );
  return edges;
}

/** Traffic of registered models, from the spans themselves: each says which version answered. */
export function createModelTraffic(database: Database): ModelTraffic {
  return {
    async uses(project, ask) {
      const [uses, scores] = await Promise.all([readUses(database, project, ask), readScores(database, project, ask)]);
      for (const { model, version, name, count, mean, newest: value } of scores)
        uses
          .find((use) => use.model === model && use.version === version)
          ?.scores.push({ name, count: Number(count), mean, newest: JSON.parse(value) as number | string | boolean });
      return { whole: uses.reduce((sum, { calls }) => sum + calls, 0) < mostCalls, uses };
    },
    spansOf: (project, refs, fromNs) => readTallies(database, project, { refs, fromNs }),
    versionsIn: (project, refs) => readVersionsIn(database, project, refs),
  };
}
