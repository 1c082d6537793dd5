import { type Nanos, refusalReasons, type StickyKind } from '@wheelhouse/core/records';
import { hourOf } from './filter-sql.ts';

/** A call that began this long before it arrived is found in its hour. */
const longestNs = 6n * 3_600_000_000_000n;

/** Calls `f` of the alias that a vendor answered, as they came first: re-pricings and newer readings say nothing new. */
export const ofAlias = `f.project_id = {project:String} AND f.model_name = {model:String} AND f.model_alias = {alias:String}
  AND f.run_id = '' AND isNotNull(f.end_ns) AND f.cost_revision = 0 AND NOT f.read_anew AND f.price_id != 'wheelhouse:cache'
  AND NOT (f.attributes LIKE '%"wheelhouse.origin":"shadow"%')`;

export const moment = (name: string) => `fromUnixTimestamp64Milli({${name}:Int64}, 'UTC')`;
export const sinceHour = (fromNs: Nanos) => {
  const earliest = fromNs > longestNs ? fromNs - longestNs : 0n;
  return `f.hour >= toDateTime(${hourOf(earliest)}, 'UTC')`;
};
export const between = (column: string, from: string, until: string) =>
  `${column} > ${moment(from)} AND ${column} <= ${moment(until)}`;

/** Who stands behind a call, as the gateway chose its version. */
export function unitOf(sticky: StickyKind, otherwise: string): string {
  if (sticky === 'request') return otherwise;
  const session = `if(f.session_id != '', concat('session ', f.session_id), ${otherwise})`;
  return sticky === 'session' ? session : `if(f.user_id != '', concat('user ', f.user_id), ${session})`;
}

export const refused = `hasAny(f.finish_reasons, [${refusalReasons.map((reason) => `'${reason}'`).join(', ')}])`;

/** Who called before it began had no choice, however late that is told. */
export const begun = 'f.start_ns >= toUInt64({since:Int64}) * 1000000';
