import { isJsonObject, type Json, type JsonObject, type Span, type SpanStatus } from '../records/index.ts';
import { objectsOf } from './json-value.ts';
import type { OtlpSpan } from './otlp-span.ts';

/** What the store keeps of a span as it came. */
export type RawSpan = Pick<
  Span,
  'traceId' | 'spanId' | 'parentSpanId' | 'name' | 'startNs' | 'endNs' | 'attributes' | 'events'
>;

/** How OpenTelemetry names what stands around the attributes where there is room for attributes only. */
const around = {
  kind: 'span.kind',
  scopeName: 'otel.scope.name',
  scopeVersion: 'otel.scope.version',
  links: 'otel.links',
  resource: 'otel.resource',
  status: 'otel.status_code',
  statusMessage: 'otel.status_description',
} as const;

const statusCodes: Record<SpanStatus, string> = { unset: '', ok: 'OK', error: 'ERROR' };

/** The span's own attributes, whole, with what came around them: all that it takes to read the span again. */
export function rawAttributes(span: OtlpSpan): JsonObject {
  const raw: JsonObject = { ...span.attributes };
  if (span.kind !== null) raw[around.kind] = span.kind;
  if (span.scope.name !== '') raw[around.scopeName] = span.scope.name;
  if (span.scope.version !== '') raw[around.scopeVersion] = span.scope.version;
  if (span.links.length > 0) raw[around.links] = span.links;
  if (Object.keys(span.resource).length > 0) raw[around.resource] = span.resource;
  if (span.status !== 'unset') raw[around.status] = statusCodes[span.status];
  if (span.statusMessage !== '') raw[around.statusMessage] = span.statusMessage;
  return raw;
}

const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

/** The span as it came, of what {@link rawAttributes} kept; one that claims those names itself is taken at its word. */
export function rawSpan(span: RawSpan): OtlpSpan {
  const { attributes: kept } = span;
  const code = text(kept[around.status]);
  const status: SpanStatus = code === 'OK' ? 'ok' : code === 'ERROR' ? 'error' : 'unset';
  const resource = kept[around.resource];
  // Named one by one, here as wherever every span goes by: what copies the rest of an object costs ten times as much.
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId,
    name: span.name,
    startNs: span.startNs,
    endNs: span.endNs,
    events: span.events,
    kind: text(kept[around.kind]) || null,
    status,
    statusMessage: text(kept[around.statusMessage]),
    attributes: kept,
    links: objectsOf(kept[around.links]),
    resource: isJsonObject(resource) ? resource : {},
    scope: { name: text(kept[around.scopeName]), version: text(kept[around.scopeVersion]) },
  };
}
