/** Longer waits are taken for this one: no vendor's word shuts a target for more than ten minutes. */
const longestMs = 600_000;

function milliseconds(text: string | undefined, unitMs: number): number | null {
  if (text === undefined) return null;
  const trimmed = text.trim();
  return /^-?\d+(?:\.\d+)?$/.test(trimmed) ? Number(trimmed) * unitMs : null;
}

/** An HTTP date (RFC 9110, 5.6.7) or any other that JavaScript reads; a lone number is none. */
function date(text: string | undefined): number | null {
  if (text === undefined || !/[a-z]{3}|T\d\d:/i.test(text)) return null;
  // C's form has no zone, and means the same as the others.
  const ms = Date.parse(/(?:GMT|UTC|Z|[+-]\d\d:?\d\d)$/.test(text.trim()) ? text : `${text} GMT`);
  return Number.isNaN(ms) ? null : ms;
}

/**
 * How long a vendor asks to wait, in milliseconds from 0 to ten minutes: `retry-after-ms`, `x-ms-retry-after-ms`, or
 * `retry-after` in seconds or as a date (RFC 9110, 10.2.3). A time that has passed is 0; what cannot be read is null.
 */
export function readRetryAfter(headers: Record<string, string>, nowMs: number): number | null {
  const stated =
    milliseconds(headers['retry-after-ms'], 1) ??
    milliseconds(headers['x-ms-retry-after-ms'], 1) ??
    milliseconds(headers['retry-after'], 1_000);
  const at = stated === null ? date(headers['retry-after']) : null;
  const wait = stated ?? (at === null ? null : at - nowMs);
  return wait === null ? null : Math.min(Math.max(0, wait), longestMs);
}
