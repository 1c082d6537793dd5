import type { Json, JsonObject, Nanos, SpanId, TraceId } from '../records/index.ts';

/** A log record as the OpenTelemetry protocol carries it, whatever the encoding was. */
export type OtlpLogRecord = {
  /** null: the record belongs to no span. */
  traceId: TraceId | null;
  spanId: SpanId | null;
  /** When it happened, else when it was seen. */
  timeNs: Nanos;
  /** `gen_ai.user.message`, …; '' when it is no event. */
  name: string;
  body: Json;
  attributes: JsonObject;
  resource: JsonObject;
  scope: { name: string; version: string };
};
