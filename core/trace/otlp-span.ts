import type { JsonObject, Nanos, SpanEvent, SpanId, SpanStatus, TraceId } from '../records/index.ts';

/** A span as the OpenTelemetry protocol carries it, whatever the encoding was: ids checked, 64-bit times exact. */
export type OtlpSpan = {
  traceId: TraceId;
  spanId: SpanId;
  parentSpanId: SpanId | null;
  name: string;
  /** `internal`, `server`, `client`, `producer`, `consumer`; null when unspecified. */
  kind: string | null;
  startNs: Nanos;
  endNs: Nanos | null;
  status: SpanStatus;
  statusMessage: string;
  attributes: JsonObject;
  events: SpanEvent[];
  links: JsonObject[];
  resource: JsonObject;
  scope: { name: string; version: string };
};
