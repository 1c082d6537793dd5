import type { ReleaseArrival, ReleaseAsk, ReleaseTelemetry } from '@wheelhouse/core/ports';
import type { Nanos, ProjectId, ReleaseObservation, TraceId } from '@wheelhouse/core/records';
import { bigintOrNull } from '../columns.ts';
import type { Database } from '../database.ts';
import { scoreNumber } from './filter-sql.ts';
import { createPairTelemetry } from './release-pairs.ts';
import { begun, between, moment, ofAlias, refused, sinceHour, unitOf } from './release-sql.ts';

/** Of a version that is compared with: enough to say what is usual. */
const mostHistory = 20_000;
const mostScores = 10;
const ofVersions = `${ofAlias} AND f.model_version IN {versions:Array(UInt32)}`;

type CallRow = {
  trace: string;
  key: string;
  at_ms: string;
  version: number;
  latency: string | null;
  cost: string | null;
  failed: number;
  refused: number;
};

const callsSql = ({ sticky, sinceNs }: ReleaseAsk): string => {
  const unit = unitOf(sticky, 'concat(f.trace_id, f.span_id)');
  const where = `${ofVersions} AND ${sinceHour(sinceNs)} AND ${begun}`;
  const known = `SELECT ${unit} FROM spans AS f WHERE ${where} AND ${between('f.ingested_at', 'since', 'from')}`;
  return `SELECT f.trace_id AS trace, f.model_version AS version, ${unit} AS unit, f.end_ns - f.start_ns AS latency, f.cost_nano_usd AS cost,
    f.status = 'error' AS failed, ${refused} AS refused, f.ingested_at AS came,
    hex(sipHash64('call', unit)) AS key, toUnixTimestamp64Milli(f.ingested_at) AS at_ms
  FROM spans AS f
  WHERE ${where} AND ${between('f.ingested_at', 'from', 'until')}
    ${sticky === 'request' ? '' : `AND unit NOT IN (${known})`}
  ORDER BY f.ingested_at, f.start_ns, f.span_id
  LIMIT 1 BY unit`;
};

type ScoreRow = { trace: string; key: string; at_ms: string; version: number; name: string; value: number };

/** What a score may be of: a trace or a session; of one in which both versions answered nobody can say which is meant. */
const judged = [
  { id: 'trace_id', alone: "trace_id != ''" },
  { id: 'session_id', alone: "trace_id = '' AND session_id != ''" },
] as const;

/** A score is there when its call is, too: what is quick to judge may be told before the call that it judges. */
const scoresSql = ({ sticky, sinceNs }: ReleaseAsk): string => {
  const where = `${ofVersions} AND ${sinceHour(sinceNs)} AND ${begun}`;
  const joinedBy = ({ id, alone }: (typeof judged)[number], from: string, until: string) => {
    const scored = `SELECT * FROM scores FINAL WHERE project_id = {project:String} AND name IN {names:Array(String)}
      AND ${alone} AND ${between('created_at', 'since', until)} AND (created_at > ${moment(from)} OR ${id} IN (
        SELECT f.${id} FROM spans AS f WHERE ${where} AND ${between('f.ingested_at', from, until)}))`;
    return `
    SELECT k.trace AS trace, s.id AS id, s.name AS name, greatest(s.created_at, k.came) AS at, ${scoreNumber('s.value')} AS value,
      k.version AS version, k.unit AS unit
    FROM (${scored}) AS s
    INNER JOIN (
      SELECT f.${id} AS judged, any(f.trace_id) AS trace, any(f.model_version) AS version,
        any(${unitOf(sticky, `f.${id}`)}) AS unit, min(f.ingested_at) AS came
      FROM spans AS f
      WHERE ${where} AND ${between('f.ingested_at', 'since', until)} AND f.${id} IN (SELECT ${id} FROM (${scored}))
      GROUP BY judged HAVING uniqExact(f.model_version) = 1) AS k ON k.judged = s.${id}
    WHERE isNotNull(value) AND at > ${moment(from)}`;
  };
  const joined = (from: string, until: string) => judged.map((of) => joinedBy(of, from, until)).join(' UNION ALL ');
  const known = `SELECT unit, name FROM (${joined('since', 'from')})`;
  return `SELECT trace, version, name, value, unit, at, id, hex(sipHash64(name, unit)) AS key,
    toUnixTimestamp64Milli(at) AS at_ms FROM (${joined('from', 'until')})
  WHERE (unit, name) NOT IN (${known})
  ORDER BY at, id LIMIT 1 BY unit, name`;
};

const ms = (ns: Nanos) => String(ns / 1_000_000n);

const paramsOf = (project: ProjectId, { model, alias, scores, ...ask }: ReleaseAsk) => ({
  ...{ project, model, alias, versions: [ask.incumbent, ask.candidate], names: scores },
  ...{ since: ms(ask.sinceNs), from: ms(ask.fromNs), until: ms(ask.untilNs) },
});

const armOf = (version: number, { candidate }: ReleaseAsk) => (version === candidate ? 'candidate' : 'incumbent');

const arrivalOf = ({ trace, key, at_ms }: CallRow | ScoreRow, seen: ReleaseObservation): ReleaseArrival => ({
  ...{ traceId: trace as TraceId, key, atMs: Number(at_ms), seen },
});

const callOf = (row: CallRow, ask: ReleaseAsk): ReleaseArrival =>
  arrivalOf(row, {
    ...{ kind: 'call', arm: armOf(row.version, ask), failed: row.failed === 1, refused: row.refused === 1 },
    ...{ latencyNs: bigintOrNull(row.latency), costNanoUsd: bigintOrNull(row.cost) },
  });
const scoreOf = (row: ScoreRow, ask: ReleaseAsk): ReleaseArrival =>
  arrivalOf(row, { kind: 'score', arm: armOf(row.version, ask), name: row.name, value: row.value });

async function readArrived(database: Database, project: ProjectId, ask: ReleaseAsk): Promise<ReleaseArrival[]> {
  const params = paramsOf(project, ask);
  const [calls, judged] = await Promise.all([
    database.query<CallRow>(callsSql(ask), params),
    ask.scores.length === 0 ? [] : database.query<ScoreRow>(scoresSql(ask), params),
  ]);
  return [...calls.map((row) => callOf(row, ask)), ...judged.map((row) => scoreOf(row, ask))];
}

async function readAnswers(
  database: Database,
  project: ProjectId,
  ask: ReleaseAsk & { most: number },
): Promise<ReleaseArrival[]> {
  // The join of scores needs both, so that a trace in which both answered is told from others.
  const params = { ...paramsOf(project, ask), candidate: ask.candidate, most: ask.most };
  const latest = (sql: string, by: string) =>
    `SELECT * FROM (${sql}) WHERE version = {candidate:UInt32} ORDER BY ${by} DESC LIMIT {most:UInt32}`;
  const [calls, judged] = await Promise.all([
    database.query<CallRow>(latest(callsSql(ask), 'came'), params),
    ask.scores.length === 0 ? [] : database.query<ScoreRow>(latest(scoresSql(ask), 'at'), params),
  ]);
  return [...calls.map((row) => callOf(row, ask)), ...judged.map((row) => scoreOf(row, ask))];
}

type HistoryRow = { calls: string; p95: number; mean: number | null; p95_cost: number; priced: string };
type HistoryScore = { name: string; count: string; given: string; mean: number; least: number; most: number };

/** What versions on their way to an alias did, from the spans and scores themselves. */
export function createReleaseTelemetry(database: Database): ReleaseTelemetry {
  return {
    async now() {
      const [row] = await database.query<{ now: string }>('SELECT toUnixTimestamp64Milli(now64(3)) AS now');
      return BigInt(row?.now ?? 0) * 1_000_000n;
    },

    ...createPairTelemetry(database),
    arrived: (project, ask) => readArrived(database, project, ask),
    answers: (project, ask) => readAnswers(database, project, ask),

    async history(project, { model, alias, version, fromNs }) {
      const params = { project, model, alias, version, start: String(fromNs) };
      const newest = (columns: string) => `SELECT ${columns} FROM spans AS f
        WHERE ${ofAlias} AND f.model_version = {version:UInt32} AND ${sinceHour(fromNs)}
          AND f.start_ns >= {start:UInt64}
        ORDER BY f.start_ns DESC LIMIT ${mostHistory}`;
      const [rows, scores] = await Promise.all([
        database.query<HistoryRow>(
          `SELECT count() AS calls, quantileIf(0.95)(toFloat64(latency), NOT failed) AS p95,
             avgIf(toFloat64(cost), isNotNull(cost)) AS mean, quantileIf(0.95)(toFloat64(assumeNotNull(cost)), isNotNull(cost)) AS p95_cost,
             countIf(isNotNull(cost)) AS priced
           FROM (${newest("f.end_ns - f.start_ns AS latency, f.cost_nano_usd AS cost, f.status = 'error' AS failed")})`,
          params,
        ),
        database.query<HistoryScore>(
          `SELECT name, count() AS count, countIf(source IN ('user', 'human')) AS given, avg(value) AS mean, min(value) AS least, max(value) AS most FROM (
             SELECT s.name AS name, s.source AS source, ${scoreNumber('s.value')} AS value FROM scores AS s FINAL
             WHERE s.project_id = {project:String}
               AND s.trace_id IN (SELECT trace_id FROM (${newest('f.trace_id AS trace_id')})) AND isNotNull(value))
           GROUP BY name ORDER BY count DESC, name LIMIT ${mostScores}`,
          params,
        ),
      ]);
      const [row] = rows;
      const calls = Number(row?.calls ?? 0);
      const hasCost = row !== undefined && row.mean !== null && Number(row.priced) > 0;
      return {
        calls,
        p95Ns: row === undefined || calls === 0 || !Number.isFinite(row.p95) ? null : BigInt(Math.round(row.p95)),
        cost: hasCost ? { meanNanoUsd: row.mean ?? 0, p95NanoUsd: row.p95_cost } : null,
        scores: scores.map(({ count, given, ...score }) => ({
          ...{ ...score, count: Number(count), given: Number(given) },
        })),
      };
    },
  };
}
