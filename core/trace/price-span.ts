import type { PriceReader } from '../ports/index.ts';
import { nanosToMs, type Span } from '../records/index.ts';
import { costOf } from './cost.ts';

/** Gives a span with usage its cost by the price in force when it started; an unknown price leaves it unknown. */
export function priceSpan(span: Span, prices: PriceReader): Span {
  if (span.usage === null || span.cost !== null || span.provider === null) return span;
  const atMs = nanosToMs(span.startNs);
  for (const model of [span.responseModel, span.requestModel]) {
    const row = model === null ? null : prices.find(span.provider, model, atMs);
    if (row) return { ...span, cost: costOf(span.usage, row) };
  }
  return span;
}
