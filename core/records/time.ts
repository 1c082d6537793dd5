/** Times are nanoseconds since 1970 UTC, durations nanoseconds; both bigint, decimal strings in JSON. */
export type Nanos = bigint;

export const nanosPerMs = 1_000_000n;
/** To the nanosecond: milliseconds since 1970 have too many digits to be multiplied as a number. */
export function msToNanos(ms: number): Nanos {
  const whole = Math.trunc(ms);
  return BigInt(whole) * nanosPerMs + BigInt(Math.round((ms - whole) * 1e6));
}
export const nanosToMs = (nanos: Nanos): number => Number(nanos) / 1e6;
/** Whole milliseconds since 1970, as stores keep what is due. */
export const wholeMs = (nanos: Nanos): number => Number(nanos / nanosPerMs);
/** ISO 8601, UTC, to the millisecond. */
export const nanosToIso = (nanos: Nanos): string => new Date(Number(nanos / nanosPerMs)).toISOString();

/** `0.40 ms`, `212 ms`, `2.31 s`, `1m04s`: three significant digits, the unit that reads best. */
export function formatDuration(nanos: Nanos): string {
  const ms = nanosToMs(nanos);
  if (ms < 1) return `${ms.toFixed(2)} ms`;
  if (ms < 999.5) return `${ms.toFixed(ms < 10 ? 1 : 0)} ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(2)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)}m${String(whole % 60).padStart(2, '0')}s`;
  return `${Math.floor(whole / 3600)}h${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')}m`;
}
