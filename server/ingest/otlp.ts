import { isUtf8 } from 'node:buffer';
import {
  errorTable,
  isJsonObject,
  type Json,
  type JsonObject,
  type Nanos,
  parseSpanId,
  parseTraceId,
  type SpanEvent,
  type SpanStatus,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { maxJsonDepth, type OtlpSpan } from '@wheelhouse/core/trace';
import protobuf from 'protobufjs/minimal.js';
import { otlp } from './generated/otlp.ts';

export type DecodedTraces = {
  spans: OtlpSpan[];
  /** The spans that could not be read, each with its name; the others are not touched by it. */
  rejected: { name: string; reason: string }[];
};

export type OtlpEncoding = 'protobuf' | 'json';

type Loose = Record<string, unknown>;

/** Thrown inside, while one span is read. */
class BadSpan extends Error {}

const maxNanos = 2n ** 63n - 1n;
const kinds = [null, 'internal', 'server', 'client', 'producer', 'consumer'];
const statuses: SpanStatus[] = ['unset', 'ok', 'error'];

const isLoose = (value: unknown): value is Loose =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const loose = (value: unknown): Loose => (isLoose(value) ? value : {});
const looseList = (value: unknown): Loose[] => (Array.isArray(value) ? value.filter(isLoose) : []);
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** An integer of up to 64 bits: two halves in protobuf, text or number in JSON. null when it is none. */
function integer(value: unknown): bigint | null {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : null;
  if (typeof value === 'string') return /^-?\d{1,20}$/.test(value) ? BigInt(value) : null;
  if (!isLoose(value) || typeof value.low !== 'number' || typeof value.high !== 'number') return null;
  const high = value.unsigned === true ? value.high >>> 0 : value.high | 0;
  return (BigInt(high) << 32n) | BigInt(value.low >>> 0);
}

const smallInteger = (value: unknown): number => (typeof value === 'number' ? value : Number(integer(value) ?? 0n));

/** Hex digits of an id: bytes in protobuf, hex in JSON; base64, as other protobuf JSON writers spell bytes, is taken too. */
function idText(value: unknown, byteCount: number): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  const text = textOf(value);
  const base64Length = Math.ceil(byteCount / 3) * 4;
  return text.length === base64Length ? Buffer.from(text, 'base64').toString('hex') : text;
}

/** Numbers that JSON cannot write exactly become text, as protobuf's own JSON mapping does. */
function intJson(value: unknown): Json {
  const exact = integer(value);
  if (exact === null) return null;
  const number = Number(exact);
  return Number.isSafeInteger(number) ? number : exact.toString();
}

function doubleJson(value: unknown): Json {
  const number = typeof value === 'string' ? Number(value) : value;
  if (typeof number !== 'number') return null;
  return Number.isFinite(number) ? number : String(number);
}

function anyJson(value: unknown, depth: number): Json {
  if (depth > maxJsonDepth) throw new BadSpan(`an attribute is nested deeper than ${maxJsonDepth} levels`);
  const any = loose(value);
  if (typeof any.stringValue === 'string') return any.stringValue;
  if (typeof any.boolValue === 'boolean') return any.boolValue;
  if (any.intValue != null) return intJson(any.intValue);
  if (any.doubleValue != null) return doubleJson(any.doubleValue);
  if (isLoose(any.arrayValue)) return looseList(any.arrayValue.values).map((item) => anyJson(item, depth + 1));
  if (isLoose(any.kvlistValue)) return attributesOf(any.kvlistValue.values, depth + 1);
  if (any.bytesValue instanceof Uint8Array) return Buffer.from(any.bytesValue).toString('base64');
  return typeof any.bytesValue === 'string' ? any.bytesValue : null;
}

/** fromEntries makes even `__proto__` a plain member. */
function attributesOf(list: unknown, depth = 0): JsonObject {
  return Object.fromEntries(looseList(list).map(({ key, value }) => [textOf(key), anyJson(value, depth)]));
}

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

function timeOf(value: unknown, name: string): Nanos {
  const time = integer(value) ?? 0n;
  if (time < 0n || time > maxNanos) throw new BadSpan(`${name} is out of range`);
  return time;
}

function spanOf(span: Loose, resource: JsonObject, scope: OtlpSpan['scope']): OtlpSpan {
  const traceId = parseTraceId(idText(span.traceId, 16));
  if (traceId === null) throw new BadSpan('traceId takes 16 bytes, not all zero');
  const spanId = parseSpanId(idText(span.spanId, 8));
  if (spanId === null) throw new BadSpan('spanId takes 8 bytes, not all zero');
  const startNs = timeOf(span.startTimeUnixNano, 'startTimeUnixNano');
  if (startNs === 0n) throw new BadSpan('startTimeUnixNano is missing');
  const endNs = timeOf(span.endTimeUnixNano, 'endTimeUnixNano');
  const status = loose(span.status);
  return {
    traceId,
    spanId,
    parentSpanId: parseSpanId(idText(span.parentSpanId, 8)),
    name: textOf(span.name),
    kind: kinds[smallInteger(span.kind)] ?? null,
    startNs,
    // Clocks step back while a span runs; a span that ends before it starts took no time.
    endNs: endNs === 0n ? null : endNs - startNs > 0n ? endNs : startNs,
    status: statuses[smallInteger(status.code)] ?? 'unset',
    statusMessage: textOf(status.message),
    attributes: attributesOf(span.attributes),
    events: looseList(span.events).map(eventOf),
    links: looseList(span.links).map(linkOf),
    resource,
    scope,
  };
}

function readRequest(body: Loose): DecodedTraces {
  const decoded: DecodedTraces = { spans: [], rejected: [] };
  const reading = (wireSpans: Loose[], read: (wireSpan: Loose) => OtlpSpan) => {
    for (const wireSpan of wireSpans) {
      try {
        decoded.spans.push(read(wireSpan));
      } catch (error) {
        if (!(error instanceof BadSpan)) throw error;
        decoded.rejected.push({ name: textOf(wireSpan.name).slice(0, 100), reason: error.message });
      }
    }
  };
  for (const resourceSpans of looseList(body.resourceSpans)) {
    let resource: JsonObject | null = null;
    for (const scopeSpans of looseList(resourceSpans.scopeSpans)) {
      const { name, version } = loose(scopeSpans.scope);
      const scope = { name: textOf(name), version: textOf(version) };
      reading(looseList(scopeSpans.spans), (wireSpan) => {
        resource ??= attributesOf(loose(resourceSpans.resource).attributes);
        return spanOf(wireSpan, resource, scope);
      });
    }
  }
  return decoded;
}

const decoder = (otlp as { ExportTraceServiceRequest?: unknown }).ExportTraceServiceRequest as {
  decode(reader: protobuf.Reader): Loose;
};

function decodeProtobuf(body: Uint8Array): Loose {
  const reader = protobuf.Reader.create(body);
  reader.discardUnknown = true;
  try {
    return decoder.decode(reader);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'unreadable';
    throw new WheelhouseError('invalid_protobuf', `The request is not an ExportTraceServiceRequest: ${reason}.`, {
      cause,
    });
  }
}

/** JSON.parse would round 64-bit integers that are written as numbers; as text they stay exact. */
const bigNumbers =
  /(?<!\\)"(startTimeUnixNano|endTimeUnixNano|timeUnixNano|intValue)"(\s*:\s*)(-?\d{16,20})(?=\s*[,}])/g;

function decodeJson(body: Uint8Array): Loose {
  const invalid = (reason: string, cause?: unknown) =>
    new WheelhouseError('invalid_json', `The request is not an ExportTraceServiceRequest in JSON: ${reason}.`, {
      hint: errorTable.invalid_protobuf.hint,
      cause,
    });
  if (!isUtf8(body)) throw invalid('it is not UTF-8');
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
  let parsed: unknown;
  try {
    parsed = JSON.parse(text.replace(bigNumbers, '"$1"$2"$3"'));
  } catch (cause) {
    throw invalid(cause instanceof Error ? cause.message : 'unreadable', cause);
  }
  if (!isJsonObject(parsed)) throw invalid('it is no object');
  if (parsed.resourceSpans === undefined)
    for (const other of ['resourceLogs', 'resourceMetrics'])
      if (parsed[other] !== undefined) throw invalid(`it has \`${other}\`; this path takes traces only`);
  if (parsed.resourceSpans != null && !Array.isArray(parsed.resourceSpans)) throw invalid('`resourceSpans` is no list');
  return parsed;
}

/**
 * Decodes one OTLP trace export. Unknown fields are passed over; 64-bit integers stay exact.
 * @throws WheelhouseError `invalid_protobuf`, `invalid_json`, never anything else
 */
export function decodeTraces(body: Uint8Array, encoding: OtlpEncoding): DecodedTraces {
  return readRequest(encoding === 'protobuf' ? decodeProtobuf(body) : decodeJson(body));
}
