import type { PairAsk, ReleaseArrival, ReleaseTelemetry } from '@wheelhouse/core/ports';
import {
  copyStopped,
  type Nanos,
  type ProjectId,
  type ReleaseObservation,
  type TraceId,
} from '@wheelhouse/core/records';
import { bigintOrNull } from '../columns.ts';
import type { Database } from '../database.ts';
import { scoreNumber } from './filter-sql.ts';
import { begun, between, moment, ofAlias, refused, sinceHour, unitOf } from './release-sql.ts';

/** Refused before a vendor said anything of the candidate: its own limits are not what it is like. */
const notAsked = ['rate_limited', 'upstream_rate_limited', 'budget_exceeded'];
const isNoAnswer = `f.status = 'error' AND (f.status_message = {stopped:String}
  OR JSONExtractInt(f.attributes, 'http.response.status_code') = 429
  OR JSONExtractString(f.attributes, 'error.type') IN (${notAsked.map((code) => `'${code}'`).join(', ')}))`;

const seen = `f.end_ns - f.start_ns AS latency, f.cost_nano_usd AS cost, f.status = 'error' AS failed, ${refused} AS refused,
  f.ingested_at AS came`;

/** Spans of copies of the release; `of`: the trace and the span of the call. */
const ofRelease = ({
  sinceNs,
}: PairAsk) => `f.project_id = {project:String} AND f.run_id = {release:String} AND ${sinceHour(sinceNs)}
  AND isNotNull(f.end_ns) AND f.cost_revision = 0 AND NOT f.read_anew`;
const copiesSql = (ask: PairAsk) => `SELECT f.example_id AS of, f.trace_id AS trace, ${seen}
  FROM spans AS f WHERE ${ofRelease(ask)} AND f.parent_span_id = '' AND f.price_id != 'wheelhouse:cache' AND NOT (${isNoAnswer})
  ORDER BY came LIMIT 1 BY of`;

/** A call and its copy, `at` when both were there; of each who called the first. */
function pairsSql(ask: PairAsk): string {
  const unit = unitOf(ask.sticky, 'concat(f.trace_id, f.span_id)');
  return `SELECT o.trace AS trace, c.trace AS copy, o.unit AS unit, greatest(o.came, c.came) AS at,
    ${['latency', 'cost', 'failed', 'refused'].map((name) => `o.${name} AS a_${name}, c.${name} AS b_${name}`).join(', ')}
  FROM (${copiesSql(ask)}) AS c
  INNER JOIN (
    SELECT concat(f.trace_id, '-', f.span_id) AS of, f.trace_id AS trace, ${unit} AS unit, ${seen} FROM spans AS f
    WHERE ${ofAlias} AND f.model_version = {incumbent:UInt32} AND ${sinceHour(ask.sinceNs)} AND ${begun}
      AND f.trace_id IN (SELECT substring(of, 1, 32) FROM (${copiesSql(ask)}))
    ORDER BY came LIMIT 1 BY of) AS o ON o.of = c.of
  WHERE at <= ${moment('until')}`;
}
const firstPairs = (ask: PairAsk) => `SELECT * FROM (${pairsSql(ask)}) ORDER BY at, trace LIMIT 1 BY unit`;

/** Of a trace in which several calls were copied nobody can say which of them a score means. */
const scoresSql = (ask: PairAsk): string => {
  const scored = `SELECT trace_id, name, ${scoreNumber('s.value')} AS value, created_at FROM scores AS s FINAL
    WHERE project_id = {project:String} AND name IN {names:Array(String)} AND trace_id != '' AND isNotNull(value)
      AND ${between('created_at', 'since', 'until')}
    ORDER BY created_at, id LIMIT 1 BY trace_id, name`;
  return `SELECT p.trace AS trace, p.unit AS unit, a.name AS name, a.value AS a_value, b.value AS b_value,
    greatest(p.at, a.created_at, b.created_at) AS at
  FROM (SELECT *, count() OVER (PARTITION BY trace) AS calls FROM (${pairsSql(ask)})) AS p
  INNER JOIN (${scored}) AS a ON a.trace_id = p.trace
  INNER JOIN (${scored}) AS b ON b.trace_id = p.copy AND b.name = a.name
  WHERE p.calls = 1
  ORDER BY at, trace LIMIT 1 BY unit, name`;
};

/** What came in the time that is asked for, with the key of who called. */
const arrivedIn = (
  sql: string,
  what: string,
) => `SELECT *, hex(sipHash64(${what}, unit)) AS key, toUnixTimestamp64Milli(at) AS at_ms
  FROM (${sql}) WHERE ${between('at', 'from', 'until')} ORDER BY at, trace`;

type Keyed = { trace: string; key: string; at_ms: string };
type Side<Name extends 'a' | 'b'> = Record<`${Name}_latency` | `${Name}_cost`, string | null> &
  Record<`${Name}_failed` | `${Name}_refused`, number>;
type PairRow = Keyed & Side<'a'> & Side<'b'> & { copy: string };
type ScoreRow = Keyed & { name: string; a_value: number; b_value: number };

const ms = (ns: Nanos) => String(ns / 1_000_000n);
const paramsOf = (project: ProjectId, { model, alias, release, incumbent, scores, ...ask }: PairAsk) => ({
  ...{ project, model, alias, release, incumbent, names: scores, stopped: copyStopped },
  ...{ since: ms(ask.sinceNs), from: ms(ask.fromNs), until: ms(ask.untilNs) },
});

const arrivalOf = ({ trace, key, at_ms }: Keyed, seenOf: ReleaseObservation): ReleaseArrival => ({
  ...{ traceId: trace as TraceId, key, atMs: Number(at_ms), seen: seenOf },
});
const call = (latency: string | null, cost: string | null, failed: number, wasRefused: number) => ({
  ...{ kind: 'call' as const, latencyNs: bigintOrNull(latency), costNanoUsd: bigintOrNull(cost) },
  ...{ failed: failed === 1, refused: wasRefused === 1 },
});

/** What versions that only listen made of the calls that they were asked as well, from the spans and scores themselves. */
export function createPairTelemetry(database: Database): Pick<ReleaseTelemetry, 'paired' | 'copies' | 'pairs'> {
  return {
    async paired(project, ask) {
      const params = paramsOf(project, ask);
      const [calls, scores] = await Promise.all([
        database.query<PairRow>(arrivedIn(firstPairs(ask), "'pair'"), params),
        ask.scores.length === 0 ? [] : database.query<ScoreRow>(arrivedIn(scoresSql(ask), 'name'), params),
      ]);
      return [
        ...calls.map((row) =>
          arrivalOf(row, {
            kind: 'pair',
            incumbent: { arm: 'incumbent', ...call(row.a_latency, row.a_cost, row.a_failed, row.a_refused) },
            candidate: { arm: 'candidate', ...call(row.b_latency, row.b_cost, row.b_failed, row.b_refused) },
          }),
        ),
        ...scores.map((row) =>
          arrivalOf(row, {
            kind: 'pair',
            incumbent: { kind: 'score', arm: 'incumbent', name: row.name, value: row.a_value },
            candidate: { kind: 'score', arm: 'candidate', name: row.name, value: row.b_value },
          }),
        ),
      ];
    },

    async copies(project, ask) {
      const params = { ...paramsOf(project, ask), stamp: `%"wheelhouse.release":"${ask.release}"%` };
      const [[drawn], [made]] = await Promise.all([
        database.query<{ count: string }>(
          `SELECT uniqExact(f.trace_id, f.span_id) AS count FROM spans AS f WHERE ${ofAlias} AND ${sinceHour(ask.sinceNs)} AND ${begun}
             AND f.attributes LIKE {stamp:String}`,
          params,
        ),
        database.query<{ count: string; cost: string }>(
          `SELECT (SELECT count() FROM (${copiesSql(ask)})) AS count,
             (SELECT sum(cost) FROM (SELECT max(f.cost_nano_usd) AS cost FROM spans AS f WHERE ${ofRelease(ask)} GROUP BY f.trace_id, f.span_id)) AS cost`,
          params,
        ),
      ]);
      return {
        drawn: Number(drawn?.count ?? 0),
        answered: Number(made?.count ?? 0),
        costNanoUsd: made?.cost ?? '0',
      };
    },

    async pairs(project, ask) {
      const rows = await database.query<PairRow>(
        `SELECT * FROM (${pairsSql(ask)}) ORDER BY at DESC, trace LIMIT {most:UInt32}`,
        { ...paramsOf(project, ask), most: ask.most },
      );
      return rows.map(({ trace, copy, a_failed, b_failed }) => ({
        incumbent: { traceId: trace as TraceId, failed: a_failed === 1 },
        candidate: { traceId: copy as TraceId, failed: b_failed === 1 },
      }));
    },
  };
}
