import { type JsonObject, parseSpanId, parseTraceId, type SpanEvent, type SpanStatus } from '@wheelhouse/core/records';
import type { OtlpSpan } from '@wheelhouse/core/trace';
import {
  attributesOf,
  BadItem,
  decodeRequest,
  idText,
  integer,
  type Loose,
  loose,
  looseList,
  misdirected,
  type OtlpEncoding,
  scopeOf,
  textOf,
  timeOf,
  wrongSignal,
} from './otlp-values.ts';

export type DecodedTraces = {
  spans: OtlpSpan[];
  /** The spans that could not be read, each with its name; the others are not touched by it. */
  rejected: RejectedSpan[];
};

export type RejectedSpan = {
  name: string;
  reason: string;
  /** The span as it came, in the resource and scope it came in: an export of its own. */
  wire: object;
};

/** Earlier spans come from a clock that was never set: OpenTelemetry is younger. */
const earliestNs = 946_684_800_000_000_000n;

const kinds = [null, 'internal', 'server', 'client', 'producer', 'consumer'];
const statuses: SpanStatus[] = ['unset', 'ok', 'error'];

const smallInteger = (value: unknown): number => (typeof value === 'number' ? value : Number(integer(value) ?? 0n));

function eventOf(event: Loose): SpanEvent {
  return {
    name: textOf(event.name),
    timeNs: integer(event.timeUnixNano) ?? 0n,
    attributes: attributesOf(event.attributes),
  };
}

function linkOf(link: Loose): JsonObject {
  return {
    traceId: idText(link.traceId, 16),
    spanId: idText(link.spanId, 8),
    attributes: attributesOf(link.attributes),
  };
}

function timesOf(span: Loose, latestNs: bigint | null): Pick<OtlpSpan, 'startNs' | 'endNs'> {
  const startNs = timeOf(span.startTimeUnixNano, 'startTimeUnixNano');
  if (startNs === 0n) throw new BadItem('startTimeUnixNano is missing');
  const endNs = timeOf(span.endTimeUnixNano, 'endTimeUnixNano');
  if (latestNs !== null) {
    if (startNs < earliestNs) throw new BadItem('startTimeUnixNano is before the year 2000: is the clock set?');
    if (startNs > latestNs || endNs > latestNs) throw new BadItem('its time is more than a day ahead of the server’s');
  }
  // Clocks step back while a span runs; a span that ends before it starts took no time.
  return { startNs, endNs: endNs === 0n ? null : endNs - startNs > 0n ? endNs : startNs };
}

type Around = { resource: JsonObject; scope: OtlpSpan['scope']; latestNs: bigint | null };

function spanOf(span: Loose, { resource, scope, latestNs }: Around): OtlpSpan {
  const traceId = parseTraceId(idText(span.traceId, 16));
  if (traceId === null) throw new BadItem('traceId takes 16 bytes, not all zero');
  const spanId = parseSpanId(idText(span.spanId, 8));
  if (spanId === null) throw new BadItem('spanId takes 8 bytes, not all zero');
  const status = loose(span.status);
  return {
    traceId,
    spanId,
    parentSpanId: parseSpanId(idText(span.parentSpanId, 8)),
    name: textOf(span.name),
    kind: kinds[smallInteger(span.kind)] ?? null,
    ...timesOf(span, latestNs),
    status: statuses[smallInteger(status.code)] ?? 'unset',
    statusMessage: textOf(status.message),
    attributes: attributesOf(span.attributes),
    events: looseList(span.events).map(eventOf),
    links: looseList(span.links).map(linkOf),
    resource,
    scope,
  };
}

function readRequest(body: Loose, latestNs: bigint | null): DecodedTraces {
  const decoded: DecodedTraces = { spans: [], rejected: [] };
  for (const { resource: wireResource, scopeSpans } of looseList(body.resourceSpans)) {
    let resource: JsonObject | null = null;
    for (const { scope: wireScope, spans } of looseList(scopeSpans)) {
      const scope = scopeOf(wireScope);
      for (const wireSpan of looseList(spans)) {
        try {
          resource ??= attributesOf(loose(wireResource).attributes);
          decoded.spans.push(spanOf(wireSpan, { resource, scope, latestNs }));
        } catch (error) {
          if (!(error instanceof BadItem)) throw error;
          const wire = {
            resourceSpans: [{ resource: wireResource, scopeSpans: [{ scope: wireScope, spans: [wireSpan] }] }],
          };
          decoded.rejected.push({ name: textOf(wireSpan.name).slice(0, 100), reason: error.message, wire });
        }
      }
    }
  }
  return decoded;
}

/**
 * Decodes one OTLP trace export. Unknown fields are passed over; 64-bit integers stay exact.
 * @param latestNs spans later than this (Unix nanoseconds) come from a clock that is wrong; left out, no time is
 * @throws WheelhouseError `invalid_protobuf`, `invalid_json`, `invalid_request` when it is of another signal
 */
export function decodeTraces(
  body: Uint8Array,
  encoding: OtlpEncoding,
  { latestNs = null }: { latestNs?: bigint | null } = {},
): DecodedTraces {
  const decoded = readRequest(decodeRequest(body, encoding, 'traces'), latestNs);
  if (encoding === 'protobuf' && decoded.spans.length === 0 && decoded.rejected.length > 0) {
    const signal = misdirected(body, 'traces');
    if (signal !== null) throw wrongSignal(signal, 'traces');
  }
  return decoded;
}
