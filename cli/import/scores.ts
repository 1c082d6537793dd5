import type { Json, JsonObject, ScorerResult } from '@wheelhouse/core/records';

export type Range = { min: number; max: number };

const said = (
  score: number | null,
  label: string | null,
  { reason, metadata }: { reason: string | null; metadata: JsonObject },
): ScorerResult => ({ ok: true, score, label, reason, feedback: null, metadata, calls: null });

/**
 * What was said there, as a score from 0 to 1 or a label. A number outside of that without a known range stays what it was,
 * as a label: laying it on a range that was guessed would make another number of it.
 * @param unranged told of numbers that have no range
 */
export function scoreOf(
  value: Json | undefined,
  { range, reason, unranged }: { range: Range | null; reason: string | null; unranged(): void },
): ScorerResult {
  if (typeof value === 'boolean') return said(value ? 1 : 0, null, { reason, metadata: {} });
  if (typeof value === 'string') return said(null, value.slice(0, 1000), { reason, metadata: {} });
  if (typeof value !== 'number' || !Number.isFinite(value))
    return { ok: false, error: 'the export has no value of it', metadata: {}, calls: null };
  if (range !== null) {
    const score = (value - range.min) / (range.max - range.min);
    const metadata = { value, min: range.min, max: range.max };
    if (score >= 0 && score <= 1) return said(score, null, { reason, metadata });
  } else if (value >= 0 && value <= 1) return said(value, null, { reason, metadata: {} });
  unranged();
  return said(null, String(value), { reason, metadata: { value } });
}

/** Dollars, as a number or its text, in billionths; null: unknown. */
export function nanoUsd(dollars: Json | undefined): bigint | null {
  const value = typeof dollars === 'string' && dollars.trim() !== '' ? Number(dollars) : dollars;
  return typeof value === 'number' && value >= 0 && Number.isFinite(value) ? BigInt(Math.round(value * 1e9)) : null;
}

/** From one time to another; 0: one of them is not known. */
export function nanosBetween(from: Json | undefined, to: Json | undefined): bigint {
  const [start, end] = [from, to].map((time) => (typeof time === 'string' ? Date.parse(withZone(time)) : Number.NaN));
  const ms = (end ?? Number.NaN) - (start ?? Number.NaN);
  return ms > 0 ? BigInt(Math.round(ms * 1e6)) : 0n;
}

/** Times of exports are UTC, also where they do not say so. */
export const withZone = (time: string): string =>
  /(?:Z|[+-]\d\d:?\d\d)$/.test(time) ? time : `${time.replace(' ', 'T')}Z`;

export const unrangedRemark = (name: string): string =>
  `its scores are not from 0 to 1: they stay, as labels. Where their range is known, say --range '${name}=1..5'`;
