import type { SpanContext } from './otel-types.ts';

/** W3C `traceparent`, version 00. */
export const traceparentOf = ({ traceId, spanId, traceFlags }: SpanContext): string =>
  `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
