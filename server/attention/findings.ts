import type { AttentionBody } from '@wheelhouse/core/contract';

export type Row = AttentionBody['rows'][number];
/** What one look found, and what it looked at, in words. */
export type Findings = { rows: Row[]; looked: string };

export const count = (value: number): string => value.toLocaleString('en');
export const plural = (value: number, one: string): string => `${count(value)} ${one}${value === 1 ? '' : 's'}`;
export const percent = (share: number): string => `${Number((share * 100).toPrecision(share < 0.1 ? 2 : 3))} %`;

/** `a, b and c`. */
export function listed(parts: readonly string[]): string {
  const last = parts.at(-1) ?? '';
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(', ')} and ${last}`;
}
