import { isJsonObject, type Json, type JsonObject, type Nanos, nanosPerMs } from '@wheelhouse/core/records';
import { maxJsonDepth, type OtlpSpan } from '@wheelhouse/core/trace';

/** Thrown while one thing of a batch is read: `reason` is one of few, the message says it for the case at hand. */
export class Unreadable extends Error {
  readonly reason: string;
  override readonly name = 'Unreadable';
  constructor(reason: string, message: string) {
    super(message);
    this.reason = reason;
  }
}

const maxNanos = 2n ** 63n - 1n;
const isoTime = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:[.,](\d+))?\s*(Z|[+-]\d\d(?::?\d\d)?)?$/i;

/** ISO 8601 to the nanosecond, UTC unless it names a zone, or milliseconds since 1970. null when it is neither. */
export function readTime(value: Json | undefined): Nanos | null {
  let nanos: Nanos;
  if (typeof value === 'number' && Number.isFinite(value)) {
    const ms = Math.trunc(value);
    nanos = BigInt(ms) * nanosPerMs + BigInt(Math.round((value - ms) * 1e6));
  } else {
    const [, date, time, fraction = '', zone = 'Z'] = isoTime.exec(typeof value === 'string' ? value.trim() : '') ?? [];
    const ms =
      date === undefined ? Number.NaN : Date.parse(`${date}T${time}${/^[+-]\d\d$/.test(zone) ? `${zone}:00` : zone}`);
    if (!Number.isFinite(ms)) return null;
    nanos = BigInt(ms) * nanosPerMs + BigInt(fraction.slice(0, 9).padEnd(9, '0'));
  }
  return nanos > 0n && nanos <= maxNanos ? nanos : null;
}

export const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
export const objectOf = (value: unknown): JsonObject => (isJsonObject(value) ? value : {});
export const objectsOf = (value: unknown): JsonObject[] => (Array.isArray(value) ? value.filter(isJsonObject) : []);

/** Deeper JSON would overflow the stack of who writes it. */
export function checkDepth(value: Json, depth = 0): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth > maxJsonDepth) throw new Unreadable('nested too deep', `It is nested deeper than ${maxJsonDepth} levels.`);
  for (const member of Array.isArray(value) ? value : Object.values(value)) checkDepth(member, depth + 1);
}

/** Members that say something, each under `prefix`; fromEntries makes even `__proto__` a plain member. */
export const prefixed = (prefix: string, members: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(members).flatMap(([key, value]) => (value === null ? [] : [[`${prefix}${key}`, value]])),
  );

/** Members that say something. */
export const known = (members: Record<string, Json | undefined>): JsonObject =>
  Object.fromEntries(
    Object.entries(members).flatMap(([key, value]): [string, Json][] =>
      value === undefined || value === null || value === '' ? [] : [[key, value]],
    ),
  );

/** A span of which nothing but its place and start is known. */
export const bareOtlpSpan = (
  span: Pick<OtlpSpan, 'traceId' | 'spanId' | 'parentSpanId' | 'startNs' | 'scope'>,
): OtlpSpan => ({
  name: '',
  kind: null,
  endNs: null,
  status: 'unset',
  statusMessage: '',
  attributes: {},
  events: [],
  links: [],
  resource: {},
  ...span,
});
