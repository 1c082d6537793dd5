import type { CallCosts, DailyCost, PricedCall } from '@wheelhouse/core/ports';
import type { Period, ProjectId, SpanId, TraceId, Usage, UsageCounts } from '@wheelhouse/core/records';
import { bigintOrNull, mapValues, orNull } from './columns.ts';
import type { Database } from './database.ts';
import { foldedColumns, foldSql, withSuperseded } from './fold-spans.ts';

type PricingRow = {
  trace_id: string;
  span_id: string;
  hour: string;
  start_ns: string;
  provider: string;
  request_model: string;
  response_model: string;
  service_tier: string;
  usage_source: string;
  usage_counts: UsageCounts;
  cost_nano_usd: string | null;
};

const latestRevision = 4_294_967_295;

/** Spans of the hours of the period, as they were before a re-pricing. */
const inHours = `f.hour >= toStartOfHour(parseDateTimeBestEffort({from:String}, 'UTC'))
  AND f.hour <= parseDateTimeBestEffort({until:String}, 'UTC') AND f.cost_revision < {before:UInt32}`;

const like = (name: string): string => `(if(endsWith({${name}:String}, '*'),
    startsWith(lower(s.COLUMN), lower(substring({${name}:String}, 1, length({${name}:String}) - 1))),
    lower(s.COLUMN) = lower({${name}:String})))`;
const named = (column: string): string => like('model').replaceAll('COLUMN', column);

/** Of the folded spans `s` those with usage, in the period and of what it names. */
const isCall = `s.usage_source != '' AND s.provider != ''
  AND s.start_ns >= {fromNs:UInt64} AND s.start_ns < {untilNs:UInt64}
  AND ({provider:String} = '' OR lower(s.provider) = lower({provider:String}))
  AND ({model:String} = '' OR ${named('request_model')} OR ${named('response_model')})`;

const nanosOf = (iso: string): string => (BigInt(Date.parse(iso)) * 1_000_000n).toString();
const clickHouseTime = (iso: string): string => new Date(iso).toISOString().slice(0, 19);

const paramsOf = (project: ProjectId, { from, until, provider, model }: Period, before = latestRevision) => ({
  project,
  from: clickHouseTime(from),
  until: clickHouseTime(until),
  fromNs: nanosOf(from),
  untilNs: nanosOf(until),
  provider: provider ?? '',
  model: model ?? '',
  before,
});

const toCall = (row: PricingRow): PricedCall => ({
  traceId: row.trace_id as TraceId,
  spanId: row.span_id as SpanId,
  startNs: BigInt(row.start_ns),
  provider: row.provider,
  requestModel: orNull(row.request_model),
  responseModel: orNull(row.response_model),
  serviceTier: orNull(row.service_tier),
  usage: { counts: row.usage_counts, source: row.usage_source as Usage['source'] },
  costNanoUsd: bigintOrNull(row.cost_nano_usd),
});

const dayMs = 86_400_000;
const daysBetween = (from: string, until: string): string[] => {
  const days: string[] = [];
  for (let ms = Date.parse(from); ms <= Date.parse(until); ms += dayMs)
    days.push(new Date(ms).toISOString().slice(0, 10));
  return days;
};

/** Calls with their prices: read in the order of the table, so that a page costs no more than what it holds. */
const pageSql = `
SELECT s.*, toString(hour) AS hour FROM (${withSuperseded(inHours)}
  SELECT f.hour AS hour, f.trace_id AS trace_id, f.span_id AS span_id, ${foldedColumns('pricing')}
  FROM spans AS f
  WHERE f.project_id = {project:String} AND ${inHours} AND (f.hour, f.trace_id, f.span_id) > (
    parseDateTimeBestEffort({afterHour:String}, 'UTC'), {afterTrace:String}, {afterSpan:String})
  GROUP BY f.hour, f.trace_id, f.span_id
) AS s
WHERE ${isCall}
ORDER BY s.hour, s.trace_id, s.span_id
LIMIT {limit:UInt32}
SETTINGS optimize_aggregation_in_order = 1`;

export type CallCostsDeps = {
  database: Database;
  /** Resolves when the table `calls` knows every span that is stored. */
  settle(): Promise<void>;
};

export function createCallCosts({ database, settle }: CallCostsDeps): CallCosts {
  async function ofDay(project: ProjectId, day: string): Promise<DailyCost[]> {
    const until = new Date(Date.parse(day) + dayMs).toISOString();
    const period = { from: `${day}T00:00:00Z`, until, provider: null, model: null };
    const rows = await database.query<{
      provider: string;
      model: string;
      calls: string;
      unpriced: string;
      cost: string | null;
    }>(
      `
SELECT s.provider AS provider, if(s.response_model != '', s.response_model, s.request_model) AS model,
  count() AS calls, countIf(isNull(s.cost_nano_usd)) AS unpriced, sum(s.cost_nano_usd) AS cost
FROM (${foldSql(
        `${inHours} AND (f.trace_id, f.span_id) IN (
  SELECT c.trace_id, c.span_id FROM calls AS c FINAL
  WHERE c.project_id = {project:String} AND c.minute >= parseDateTimeBestEffort({from:String}, 'UTC')
    AND c.minute <= parseDateTimeBestEffort({until:String}, 'UTC'))`,
        'pricing',
      )}) AS s
WHERE ${isCall}
GROUP BY provider, model
ORDER BY provider, model`,
      paramsOf(project, period),
    );
    return rows.map((row) => ({
      day,
      provider: row.provider,
      model: row.model,
      calls: Number(row.calls),
      unpriced: Number(row.unpriced),
      costNanoUsd: bigintOrNull(row.cost),
    }));
  }

  return {
    async totals(project, period) {
      const [row] = await database.query<{ calls: string; unpriced: string; cost: string | null }>(
        `SELECT count() AS calls, countIf(isNull(s.cost_nano_usd)) AS unpriced, sum(s.cost_nano_usd) AS cost
FROM (${foldSql(inHours, 'pricing')}) AS s WHERE ${isCall}`,
        paramsOf(project, period),
      );
      return {
        calls: Number(row?.calls ?? 0),
        unpriced: Number(row?.unpriced ?? 0),
        costNanoUsd: bigintOrNull(row?.cost ?? null),
      };
    },

    async page(project, period, { after, limit, before }) {
      const [afterHour = '1970-01-01 00:00:00', afterTrace = '', afterSpan = ''] = after?.split('|') ?? [];
      const rows = await database.query<PricingRow>(pageSql, {
        ...paramsOf(project, period, before),
        afterHour,
        afterTrace,
        afterSpan,
        limit,
      });
      const last = rows.at(-1);
      const next = last && rows.length === limit ? `${last.hour}|${last.trace_id}|${last.span_id}` : null;
      return { calls: rows.map(toCall), next };
    },

    async sample(project, period, limit) {
      const rows = await database.query<PricingRow>(
        `SELECT s.* FROM (${foldSql(inHours, 'pricing')}) AS s WHERE ${isCall}
ORDER BY cityHash64(s.trace_id, s.span_id) LIMIT {limit:UInt32}`,
        { ...paramsOf(project, period), limit },
      );
      return rows.map(toCall);
    },

    async history(project, trace, span) {
      const rows = await database.query<{
        cost_revision: number;
        cost_nano_usd: string;
        cost_by_bucket: Record<string, string>;
        price_id: string;
        at_ms: string;
      }>(
        `SELECT f.cost_revision AS cost_revision, f.cost_nano_usd AS cost_nano_usd, f.cost_by_bucket AS cost_by_bucket,
  f.price_id AS price_id, toUnixTimestamp64Milli(min(f.ingested_at)) AS at_ms
FROM spans AS f
WHERE f.project_id = {project:String} AND f.trace_id = {trace:String} AND f.span_id = {span:String}
  AND isNotNull(f.cost_nano_usd)
  AND f.hour IN (SELECT arrayJoin(t.hours) FROM traces AS t
    WHERE t.project_id = {project:String} AND t.trace_id = {trace:String})
GROUP BY cost_revision, cost_nano_usd, cost_by_bucket, price_id
ORDER BY cost_revision DESC, max((f.reported_ns, isNotNull(f.end_ns))) DESC, cost_nano_usd DESC`,
        { project, trace, span },
      );
      return rows.map((row) => ({
        totalNanoUsd: BigInt(row.cost_nano_usd),
        byBucket: mapValues(row.cost_by_bucket, BigInt),
        priceId: row.price_id,
        ...(row.cost_revision > 0 && { revision: row.cost_revision }),
        writtenAt: new Date(Number(row.at_ms)).toISOString(),
      }));
    },

    async daily(project, { from, until }) {
      await settle();
      const all: DailyCost[] = [];
      // A day at a time, so that what is held in memory does not grow with the length of the bill.
      for (const day of daysBetween(from, until)) all.push(...(await ofDay(project, day)));
      return all;
    },
  };
}
