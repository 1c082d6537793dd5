import type { Clock } from './clock.ts';
import type { SpanRecord } from './encode-span.ts';
import type { Attributes, AttributeValue, Span, SpanContext, SpanLink, SpanStatus, TimeInput } from './otel-types.ts';

export type SpanStart = {
  context: SpanContext;
  parentSpanId: string | null;
  name: string;
  kind: number;
  startNs: bigint;
  attributes: Attributes;
  links: SpanLink[];
};

/** More attributes, events or links than anyone reads are not taken, so that a span in a loop stays small. */
const most = { attributes: 1_000, events: 1_000 } as const;

const isTime = (value: unknown): value is TimeInput =>
  typeof value === 'number' || value instanceof Date || Array.isArray(value);

function mapOf(attributes: Attributes): Map<string, AttributeValue> {
  const map = new Map<string, AttributeValue>();
  for (const [key, value] of Object.entries(attributes)) if (value !== undefined && value !== null) map.set(key, value);
  return map;
}

const notBefore = (start: bigint, end: bigint): bigint => {
  if (end < start) return start;
  return end;
};

/** A span from start to end, as OpenTelemetry's API has it; handed over once, when it ends. */
export function createSpan(start: SpanStart, clock: Clock, ended: (record: SpanRecord) => void): Span {
  const attributes = mapOf(start.attributes);
  const events: SpanRecord['events'] = [];
  const links: SpanRecord['links'] = start.links.map((link) => ({ ...link, attributes: mapOf(link.attributes ?? {}) }));
  let { name } = start;
  let status: SpanStatus = { code: 0 };
  let open = true;

  const span: Span = {
    spanContext: () => start.context,
    isRecording: () => open,
    setAttribute(key, value) {
      if (open && value !== undefined && value !== null && (attributes.has(key) || attributes.size < most.attributes))
        attributes.set(key, value);
      return span;
    },
    setAttributes(more) {
      for (const [key, value] of Object.entries(more)) if (value !== undefined) span.setAttribute(key, value);
      return span;
    },
    addEvent(event, attributesOrTime, time) {
      const own = isTime(attributesOrTime) ? {} : (attributesOrTime ?? {});
      if (open && events.length < most.events)
        events.push({
          name: event,
          timeNs: clock.read(isTime(attributesOrTime) ? attributesOrTime : time),
          attributes: mapOf(own),
        });
      return span;
    },
    addLink: (link) => span.addLinks([link]),
    addLinks(more) {
      if (!open) return span;
      for (const link of more.slice(0, most.events - links.length))
        links.push({ context: link.context, attributes: mapOf(link.attributes ?? {}) });
      return span;
    },
    setStatus(next) {
      // Ok is the app's last word; unset never takes anything back.
      if (open && status.code !== 1 && next.code !== 0) status = { ...next };
      return span;
    },
    updateName(next) {
      if (open) name = next;
      return span;
    },
    recordException(exception, time) {
      const error = typeof exception === 'string' ? { message: exception } : exception;
      span.addEvent(
        'exception',
        {
          'exception.type': error.name ?? (error.code === undefined ? undefined : String(error.code)),
          'exception.message': error.message,
          'exception.stacktrace': 'stack' in error ? error.stack : undefined,
        },
        time,
      );
    },
    end(time) {
      if (!open) return;
      open = false;
      ended({
        ...start,
        name,
        attributes,
        events,
        links,
        status,
        endNs: notBefore(start.startNs, clock.read(time)),
      });
    },
  };
  return span;
}

/** Says of a span that it failed, and why. */
export function fail(span: Span, error: unknown): void {
  const thrown = error instanceof Error ? error : null;
  const status = thrown && 'status' in thrown && typeof thrown.status === 'number' ? thrown.status : null;
  const name = thrown ? (thrown.name === 'Error' ? thrown.constructor.name : thrown.name) : typeof error;
  span.setAttributes({
    'error.type': status === null ? name : String(status),
    ...(status === null ? {} : { 'http.response.status_code': status }),
  });
  span.setStatus({ code: 2, message: (thrown ? thrown.message : String(error)).slice(0, 4096) });
}
