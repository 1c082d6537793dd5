import type { AbuseTelemetry } from '@wheelhouse/core/ports';
import type { AbuseCall, ProjectId, TraceId } from '@wheelhouse/core/records';
import { bigintOrNull, chunksOf, int64, text } from '../columns.ts';
import type { Database } from '../database.ts';

const own = 'project_id = {project:String}';
const since = "at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')";
const usersAtOnce = 100;

type Row = {
  user_id: string;
  trace_id: string;
  ms: string;
  injection: number;
  extraction: number;
  probing: number;
  found: string;
  words: number[];
  cost_nano_usd: string | null;
  tokens: number;
};

const toCall = (row: Row): AbuseCall => ({
  ...{ traceId: row.trace_id as TraceId, user: row.user_id, atMs: Number(row.ms) },
  signals: { injection: row.injection, extraction: row.extraction, probing: row.probing },
  ...{ found: row.found, words: row.words, costNanoUsd: bigintOrNull(row.cost_nano_usd), tokens: row.tokens },
});

const toRow = (project: ProjectId, { traceId, user, atMs, signals, found, words, costNanoUsd, tokens }: AbuseCall) => ({
  ...{ project_id: project, user_id: text(user), trace_id: traceId, found: text(found), words, tokens, ...signals },
  at: new Date(atMs).toISOString().replace('T', ' ').replace('Z', ''),
  cost_nano_usd: costNanoUsd === null ? null : int64(costNanoUsd),
});

/** Users by what their calls say of them, or in an order that has nothing to do with it. */
const orders = { risk: 'sum(injection + extraction + probing) DESC, count() DESC', chance: 'cityHash64(user_id)' };

/** Calls of users, as they are kept to be judged. */
export function createAbuseTelemetry(database: Database): AbuseTelemetry {
  return {
    async put(project, calls) {
      if (calls.length === 0) return;
      await database.insert(
        'abuse_calls',
        calls.map((call) => toRow(project, call)),
      );
    },

    async ofUsers(project, users, { sinceMs, limit, least }) {
      const found = new Map<string, AbuseCall[]>();
      for (const some of chunksOf(users, usersAtOnce)) {
        const rows = await database.query<Row>(
          `SELECT user_id, trace_id, toString(toUnixTimestamp64Milli(at)) AS ms, injection, extraction, probing, found,
             words, cost_nano_usd, tokens
           FROM abuse_calls FINAL
           WHERE ${own} AND user_id IN {users:Array(String)} AND ${since} AND user_id IN (
             SELECT user_id FROM abuse_calls WHERE ${own} AND user_id IN {users:Array(String)} AND ${since}
             GROUP BY user_id HAVING uniqExact(trace_id) >= {least:UInt32})
           ORDER BY user_id, at DESC, trace_id DESC LIMIT {limit:UInt32} BY user_id`,
          { project, users: some, since: String(Math.floor(sinceMs)), least, limit },
        );
        for (const row of rows.reverse()) {
          const calls = found.get(row.user_id);
          if (calls) calls.push(toCall(row));
          else found.set(row.user_id, [toCall(row)]);
        }
      }
      return found;
    },

    async users(project, { sinceMs, least, limit, by }) {
      const rows = await database.query<{ user_id: string }>(
        `SELECT user_id FROM abuse_calls FINAL WHERE ${own} AND ${since}
         GROUP BY user_id HAVING count() >= {least:UInt32} ORDER BY ${orders[by]}, user_id LIMIT {limit:UInt32}`,
        { project, since: String(Math.floor(sinceMs)), least, limit },
      );
      return rows.map(({ user_id }) => user_id);
    },

    async peaks(project, { sinceMs, slotMs, limit }) {
      const rows = await database.query<{ cost: number; tokens: number }>(
        `SELECT max(cost) AS cost, max(tokens) AS tokens FROM (
           SELECT user_id, toFloat64(sum(ifNull(cost_nano_usd, 0))) AS cost, sum(tokens) AS tokens
           FROM abuse_calls FINAL WHERE ${own} AND ${since}
           GROUP BY user_id, intDiv(toUnixTimestamp64Milli(at), {slot:Int64}))
         GROUP BY user_id ORDER BY cityHash64(user_id) LIMIT {limit:UInt32}`,
        { project, since: String(Math.floor(sinceMs)), slot: String(slotMs), limit },
      );
      return { nanoUsd: rows.map(({ cost }) => cost), tokens: rows.map(({ tokens }) => tokens) };
    },

    async count(project, sinceMs) {
      const [row] = await database.query<{ calls: string; users: string }>(
        `SELECT uniqExact(user_id, trace_id) AS calls, uniqExact(user_id) AS users FROM abuse_calls WHERE ${own} AND ${since}`,
        { project, since: String(Math.floor(sinceMs)) },
      );
      return { calls: Number(row?.calls ?? 0), users: Number(row?.users ?? 0) };
    },
  };
}
