import type { Json } from '@wheelhouse/core/records';

const maxUint64 = (1n << 64n) - 1n;
const maxInt64 = (1n << 63n) - 1n;
const clamp = (value: bigint, low: bigint, high: bigint) => (value < low ? low : value > high ? high : value);

/** What one span reports must not fail the whole batch: numbers are clamped to the column. */
export const uint64 = (value: bigint): string => clamp(value, 0n, maxUint64).toString();
export const int64 = (value: bigint): string => clamp(value, -maxInt64, maxInt64).toString();

const surrogate = /[\uD800-\uDFFF]/;
/** Half of a surrogate pair cannot be UTF-8, and ClickHouse refuses a row that holds one. */
export const text = (value: string | null): string =>
  value === null ? '' : surrogate.test(value) ? value.replace(/\p{Surrogate}/gu, '\uFFFD') : value;

export const orNull = (value: string): string | null => (value === '' ? null : value);
export const bigintOrNull = (value: string | null): bigint | null => (value === null ? null : BigInt(value));
export const parseJson = <T extends Json>(value: string, otherwise: T): T =>
  value === '' ? otherwise : (JSON.parse(value) as T);

/** In pieces, because the values of a list travel in a URL. */
export function chunksOf<T>(items: readonly T[], size: number): T[][] {
  const chunks: T[][] = [];
  for (let at = 0; at < items.length; at += size) chunks.push(items.slice(at, at + size));
  return chunks;
}

export function mapValues<A, B>(record: Partial<Record<string, A>>, change: (value: A) => B): Record<string, B> {
  const entries = Object.entries(record).flatMap(([key, value]) => (value === undefined ? [] : [[key, change(value)]]));
  return Object.fromEntries(entries);
}
