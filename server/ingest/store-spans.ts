import { type Span, WheelhouseError } from '@wheelhouse/core/records';

/** What a store took and what it will never take; `away` leaves both open. */
export type Outcome =
  | { type: 'settled'; stored: Span[]; refused: { span: Span; error: unknown }[] }
  | { type: 'away'; error: unknown };

/** Rejects with `store_unavailable` when the same spans under the same token may be written later. */
export type Write = (spans: Span[], token: string) => Promise<void>;

export const isAway = (error: unknown): boolean =>
  error instanceof WheelhouseError && error.code === 'store_unavailable';

export const sentence = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Writes the spans together; what the store refuses for good is found one by one, so that the others are kept. */
export async function storeSpans(write: Write, spans: Span[], token: string): Promise<Outcome> {
  try {
    await write(spans, token);
    return { type: 'settled', stored: spans, refused: [] };
  } catch (error) {
    if (isAway(error)) return { type: 'away', error };
    const [span, ...more] = spans;
    if (span && more.length === 0) return { type: 'settled', stored: [], refused: [{ span, error }] };
  }
  const settled: Outcome = { type: 'settled', stored: [], refused: [] };
  for (const [i, span] of spans.entries()) {
    const outcome = await storeSpans(write, [span], `${token}-${i}`);
    if (outcome.type === 'away') return outcome;
    settled.stored.push(...outcome.stored);
    settled.refused.push(...outcome.refused);
  }
  return settled;
}
