import type { AttributeValue, SpanContext, SpanStatus } from './otel-types.ts';

export type SpanRecord = {
  context: SpanContext;
  parentSpanId: string | null;
  name: string;
  /** As OpenTelemetry's API counts them: 0 internal to 4 consumer. */
  kind: number;
  startNs: bigint;
  endNs: bigint;
  attributes: ReadonlyMap<string, AttributeValue>;
  events: { name: string; timeNs: bigint; attributes: ReadonlyMap<string, AttributeValue> }[];
  links: { context: SpanContext; attributes: ReadonlyMap<string, AttributeValue> }[];
  status: SpanStatus;
};

/** Larger spans lose their longest attributes: a server has a limit too, and would refuse the whole request. */
const maxSpanBytes = 8 << 20;

type AnyValue = Record<string, unknown>;

function anyValue(value: unknown): AnyValue {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) return { intValue: String(value) };
    return { doubleValue: Number.isFinite(value) ? value : String(value) };
  }
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } };
  return {};
}

export const keyValues = (attributes: Iterable<readonly [string, AttributeValue]>) =>
  [...attributes].map(([key, value]) => ({ key, value: anyValue(value) }));

function otlpJson(span: SpanRecord, attributes: [string, AttributeValue][]): string {
  return JSON.stringify({
    traceId: span.context.traceId,
    spanId: span.context.spanId,
    ...(span.parentSpanId === null ? {} : { parentSpanId: span.parentSpanId }),
    name: span.name,
    kind: span.kind + 1,
    startTimeUnixNano: String(span.startNs),
    endTimeUnixNano: String(span.endNs),
    attributes: keyValues(attributes),
    ...(attributes.length < span.attributes.size
      ? { droppedAttributesCount: span.attributes.size - attributes.length }
      : {}),
    ...(span.events.length === 0
      ? {}
      : {
          events: span.events.map(({ name, timeNs, attributes }) => ({
            name,
            timeUnixNano: String(timeNs),
            attributes: keyValues(attributes),
          })),
        }),
    ...(span.links.length === 0
      ? {}
      : {
          links: span.links.map(({ context, attributes }) => ({
            traceId: context.traceId,
            spanId: context.spanId,
            attributes: keyValues(attributes),
          })),
        }),
    status: span.status,
  });
}

/** A span as OTLP/JSON (OTLP 1.10, hex ids, 64-bit integers as text). */
export function encodeSpan(span: SpanRecord): Uint8Array {
  let attributes = [...span.attributes];
  let bytes = Buffer.from(otlpJson(span, attributes));
  while (bytes.length > maxSpanBytes && attributes.length > 0) {
    const lengthOf = ([, value]: [string, AttributeValue]) => (typeof value === 'string' ? value.length : 0);
    const longest = attributes.reduce((most, one) => (lengthOf(one) > lengthOf(most) ? one : most));
    attributes = attributes.filter((one) => one !== longest);
    bytes = Buffer.from(otlpJson(span, attributes));
  }
  return bytes;
}
