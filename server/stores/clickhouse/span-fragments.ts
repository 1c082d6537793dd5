import type { SpanFragments, StaleFragments } from '@wheelhouse/core/ports';
import type { ProjectId } from '@wheelhouse/core/records';
import type { Database } from './database.ts';
import { foldedColumns, withSuperseded } from './fold-spans.ts';
import type { PayloadStore } from './payload-store.ts';
import { type FullRow, piecesOf, toSpan } from './read-span.ts';

const inTime =
  "f.hour >= toStartOfHour(parseDateTimeBestEffort({from:String}, 'UTC')) AND f.hour <= parseDateTimeBestEffort({until:String}, 'UTC')";
const stale = `f.project_id = {project:String} AND ${inTime}
  AND f.start_ns >= {fromNs:UInt64} AND f.start_ns < {untilNs:UInt64}
  AND f.attributes != '' AND f.normalizer < {normalizer:UInt32} AND f.dialect IN {dialects:Array(String)}
  AND NOT superseded`;

/** One fragment, however often it came. */
const one = 'f.hour, f.trace_id, f.span_id, f.raw_id';

const paramsOf = (project: ProjectId, { from, until, normalizer, dialects }: StaleFragments) => ({
  project,
  from: from.slice(0, 19),
  until: until.slice(0, 19),
  fromNs: (BigInt(Date.parse(from)) * 1_000_000n).toString(),
  untilNs: (BigInt(Date.parse(until)) * 1_000_000n).toString(),
  normalizer,
  dialects,
});

type Row = FullRow & { place_hour: string; raw_id: number; reported_ns: string };

export function createSpanFragments({
  database,
  payloads,
}: {
  database: Database;
  payloads: Pick<PayloadStore, 'get'>;
}): SpanFragments {
  return {
    async count(project, which) {
      const [row] = await database.query<{ count: string }>(
        `SELECT count() AS count FROM (${withSuperseded(inTime)}
         SELECT 1 FROM spans AS f WHERE ${stale} GROUP BY ${one})`,
        paramsOf(project, which),
      );
      return Number(row?.count ?? 0);
    },

    async page(project, which, { after, limit }) {
      const [hour = '1970-01-01 00:00:00', trace = '', span = '', raw = '0'] = after?.split('|') ?? [];
      const rows = await database.query<Row>(
        `${withSuperseded(inTime)}
         SELECT toString(f.hour) AS place_hour, f.trace_id AS trace_id, f.span_id AS span_id, f.raw_id AS raw_id,
           any(f.reported_ns) AS reported_ns, ${foldedColumns('full')}
         FROM spans AS f
         WHERE ${stale} AND (${one}) > (
           parseDateTimeBestEffort({hour:String}, 'UTC'), {trace:String}, {span:String}, {raw:UInt32})
         GROUP BY ${one}
         ORDER BY f.hour, f.trace_id, f.span_id, f.raw_id
         LIMIT {limit:UInt32}`,
        { ...paramsOf(project, which), hour, trace, span, raw, limit },
      );
      const contents = await payloads.get(project, rows.flatMap(piecesOf));
      const last = rows.at(-1);
      return {
        fragments: rows.map((row) => {
          const reportedNs = BigInt(row.reported_ns);
          return { ...toSpan(row, project, contents), ...(reportedNs > 0n && { reportedNs }) };
        }),
        next:
          last && rows.length === limit ? `${last.place_hour}|${last.trace_id}|${last.span_id}|${last.raw_id}` : null,
      };
    },
  };
}
