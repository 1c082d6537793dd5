import { defaultProjectId, type Json, type JsonObject, type Span } from '@wheelhouse/core/records';
import { normalizeSpan, type OtlpSpan } from '@wheelhouse/core/trace';
import { type Received, type Served, serve } from './serve.ts';

type AnyValue = {
  stringValue?: string;
  boolValue?: boolean;
  intValue?: string;
  doubleValue?: number;
  arrayValue?: { values: AnyValue[] };
};
type KeyValue = { key: string; value: AnyValue };
type WireSpan = {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: KeyValue[];
  events?: { name: string; timeUnixNano: string; attributes: KeyValue[] }[];
  links?: JsonObject[];
  status: { code: number; message?: string };
};
type WireRequest = {
  resourceSpans: {
    resource: { attributes: KeyValue[] };
    scopeSpans: { scope: { name: string; version?: string }; spans: WireSpan[] }[];
  }[];
};

function jsonOf(value: AnyValue): Json {
  if (value.arrayValue) return value.arrayValue.values.map(jsonOf);
  if (value.intValue !== undefined) return Number(value.intValue);
  return value.stringValue ?? value.boolValue ?? value.doubleValue ?? null;
}
const attributesOf = (pairs: KeyValue[] = []): JsonObject =>
  Object.fromEntries(pairs.map(({ key, value }) => [key, jsonOf(value)]));

const statuses = ['unset', 'ok', 'error'] as const;
const kinds = [null, 'internal', 'server', 'client', 'producer', 'consumer'] as const;

/** The spans of an OTLP/JSON request, in the normal form. */
export function spansIn(request: Received): Span[] {
  const { resourceSpans } = request.json as WireRequest;
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ scope, spans }) =>
      spans.map((span) =>
        normalizeSpan(
          {
            traceId: span.traceId as OtlpSpan['traceId'],
            spanId: span.spanId as OtlpSpan['spanId'],
            parentSpanId: (span.parentSpanId ?? null) as OtlpSpan['parentSpanId'],
            name: span.name,
            kind: kinds[span.kind] ?? null,
            startNs: BigInt(span.startTimeUnixNano),
            endNs: BigInt(span.endTimeUnixNano),
            status: statuses[span.status.code] ?? 'unset',
            statusMessage: span.status.message ?? '',
            attributes: attributesOf(span.attributes),
            events: (span.events ?? []).map(({ name, timeUnixNano, attributes }) => ({
              name,
              timeNs: BigInt(timeUnixNano),
              attributes: attributesOf(attributes),
            })),
            links: span.links ?? [],
            resource: attributesOf(resource.attributes),
            scope: { name: scope.name, version: scope.version ?? '' },
          },
          defaultProjectId,
        ),
      ),
    ),
  );
}

/** A server of OTLP/HTTP that stores all it gets. */
export async function startCollector(): Promise<Served & { spans(): Span[] }> {
  const served = await serve(() => ({ json: {} }));
  return { ...served, spans: () => served.requests.flatMap(spansIn) };
}
