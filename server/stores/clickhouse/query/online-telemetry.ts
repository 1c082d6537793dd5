import type { ArrivedAsk, OnlineTelemetry } from '@wheelhouse/core/ports';
import type { OnlinePlace, TraceId } from '@wheelhouse/core/records';
import type { Database } from '../database.ts';
import { hourOf, scoreNumber } from './filter-sql.ts';

/** What began longer ago when it came is history. */
const longestNs = 24n * 3_600_000_000_000n;
/** A trace whose root did not come is looked at when nothing more came for so long. */
const rootlessMs = 30_000;

const moment = (name: string) => `fromUnixTimestamp64Milli({${name}:Int64}, 'UTC')`;

/**
 * Fragments that came between the two, by what they belong to. Whatever is ready after the place and until now had its
 * last fragment less than the wait before, so that nothing older has to be read.
 */
function arrivedSql({ of, waitMs }: Pick<ArrivedAsk, 'of' | 'waitMs'>): string {
  const id = of === 'sessions' ? 'f.session_id' : 'f.trace_id';
  const isWhole = "countIf(f.parent_span_id = '' AND isNotNull(f.end_ns)) > 0";
  const wait = of === 'traces' ? `if(${isWhole}, 0, ${rootlessMs})` : String(waitMs);
  return `SELECT ${id} AS id, toUnixTimestamp64Milli(max(f.ingested_at)) + ${wait} AS ready
  FROM spans AS f
  WHERE f.project_id = {project:String} AND f.hour >= toDateTime({hour:UInt32}, 'UTC')
    AND f.ingested_at > ${moment('from')} AND f.ingested_at <= ${moment('until')}
    AND f.cost_revision = 0 AND NOT f.read_anew AND id != ''${of === 'sessions' ? " AND f.run_id = ''" : ''}
  GROUP BY id
  HAVING ready <= {until:Int64} AND (ready, id) > ({ms:Int64}, {after:String})
  ORDER BY ready, id
  LIMIT {limit:UInt32}`;
}

/** What arrives, from the spans themselves. */
export function createOnlineTelemetry(database: Database): OnlineTelemetry {
  return {
    async arrived(project, { of, after, untilMs, waitMs, limit }): Promise<OnlinePlace[]> {
      const fromMs = after.ms - 1 - (of === 'traces' ? rootlessMs : waitMs);
      const rows = await database.query<{ id: string; ready: string }>(arrivedSql({ of, waitMs }), {
        ...{ project, from: String(fromMs), until: String(untilMs), ms: String(after.ms), after: after.id, limit },
        hour: hourOf(BigInt(Math.max(0, fromMs)) * 1_000_000n - longestNs),
      });
      return rows.map(({ id, ready }) => ({ ms: Number(ready), id }));
    },

    async scored(project, { name, label, sinceMs, untilMs, limit }) {
      const rows = await database.query<{ trace_id: string; value: number }>(
        `SELECT trace_id, ${scoreNumber('s.value')} AS value FROM scores AS s FINAL
         WHERE project_id = {project:String} AND name = {name:String} AND trace_id != '' AND span_id = ''
           AND created_at >= ${moment('since')} AND created_at <= ${moment('until')} AND JSONExtractString(metadata, 'scorer') = {label:String}
           AND isNotNull(value)
         ORDER BY created_at DESC, id LIMIT 1 BY trace_id LIMIT {limit:UInt32}`,
        { project, name, label, since: String(sinceMs), until: String(untilMs), limit },
      );
      return rows.map(({ trace_id, value }) => ({ traceId: trace_id as TraceId, value }));
    },
  };
}
