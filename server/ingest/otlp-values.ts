import { isUtf8 } from 'node:buffer';
import {
  errorTable,
  isJsonObject,
  type Json,
  type JsonObject,
  type Nanos,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { maxJsonDepth } from '@wheelhouse/core/trace';
import protobuf from 'protobufjs/minimal.js';
import { otlp } from './generated/otlp.ts';

export type OtlpEncoding = 'protobuf' | 'json';
export type OtlpSignal = 'traces' | 'logs' | 'metrics';

/** What a decoder gives before it is checked: any member may be anything. */
export type Loose = Record<string, unknown>;

/** Thrown inside, while one span or record is read. */
export class BadItem extends Error {}

/** Beyond it a span is an accident or an attack; flat lists of long conversations stay far below. */
export const maxAttributes = 20_000;
export const maxNanos = 2n ** 63n - 1n;

const isLoose = (value: unknown): value is Loose =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const loose = (value: unknown): Loose => (isLoose(value) ? value : {});
export const looseList = (value: unknown): Loose[] => (Array.isArray(value) ? value.filter(isLoose) : []);
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** An integer of up to 64 bits: two halves in protobuf, text or number in JSON. null when it is none. */
export function integer(value: unknown): bigint | null {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : null;
  if (typeof value === 'string') return /^-?\d{1,20}$/.test(value) ? BigInt(value) : null;
  if (!isLoose(value) || typeof value.low !== 'number' || typeof value.high !== 'number') return null;
  const high = value.unsigned === true ? value.high >>> 0 : value.high | 0;
  return (BigInt(high) << 32n) | BigInt(value.low >>> 0);
}

/** Hex digits of an id: bytes in protobuf, hex in JSON; base64, as other protobuf JSON writers spell bytes, is taken too. */
export function idText(value: unknown, byteCount: number): string {
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

/** @throws BadItem when it is nested too deep */
export function anyJson(value: unknown, depth = 0): Json {
  if (depth > maxJsonDepth) throw new BadItem(`an attribute is nested deeper than ${maxJsonDepth} levels`);
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

/**
 * fromEntries makes even `__proto__` a plain member.
 * @throws BadItem when there are too many, or one is nested too deep
 */
export function attributesOf(list: unknown, depth = 0): JsonObject {
  const items = looseList(list);
  if (items.length > maxAttributes)
    throw new BadItem(`it has more than ${maxAttributes.toLocaleString('en-US')} attributes`);
  return Object.fromEntries(items.map(({ key, value }) => [textOf(key), anyJson(value, depth)]));
}

/** @throws BadItem when it is out of range */
export function timeOf(value: unknown, name: string): Nanos {
  const time = integer(value) ?? 0n;
  if (time < 0n || time > maxNanos) throw new BadItem(`${name} is out of range`);
  return time;
}

export const scopeOf = (value: unknown): { name: string; version: string } => {
  const { name, version } = loose(value);
  return { name: textOf(name), version: textOf(version) };
};

type Envelope = { message: string; resources: string };
const envelopes: Record<OtlpSignal, Envelope> = {
  traces: { message: 'ExportTraceServiceRequest', resources: 'resourceSpans' },
  logs: { message: 'ExportLogsServiceRequest', resources: 'resourceLogs' },
  metrics: { message: 'ExportMetricsServiceRequest', resources: 'resourceMetrics' },
};

type Decoder = { decode(reader: protobuf.Reader): Loose };
const decoders = otlp as unknown as Record<string, Decoder | undefined>;

const otherHint = (signal: OtlpSignal) =>
  `Send an ${envelopes[signal].message}, as protobuf with Content-Type application/x-protobuf or as JSON with application/json.`;

/** An export that came to the path of another signal. */
export const wrongSignal = (found: OtlpSignal, expected: OtlpSignal): WheelhouseError =>
  new WheelhouseError('invalid_request', `This is an export of ${found}; this path takes ${expected} only.`, {
    hint: `Send ${found} to /v1/${found}, as an exporter does that is given the endpoint without a path.`,
  });

const strictly = new TextDecoder('utf-8', { fatal: true });

/** The library puts a text together of eight letters at a time, which is slow to make and slower to use as a name. */
function readText(this: protobuf.Reader): string {
  const length = this.uint32();
  const start = this.pos;
  const end = start + length;
  if (end > this.len) throw new RangeError(`index out of range: ${start} + ${length} > ${this.len}`);
  this.pos = end;
  const text = (this.buf as Buffer).toString('utf8', start, end);
  // What stands for bytes that are no UTF-8 may have been written there too.
  if (text.includes('\uFFFD')) strictly.decode(this.buf.subarray(start, end));
  return text;
}

function decodeMessage(body: Uint8Array, message: string): Loose {
  const reader = protobuf.Reader.create(Buffer.from(body.buffer, body.byteOffset, body.byteLength));
  reader.discardUnknown = true;
  reader.stringVerify = readText;
  return loose(decoders[message]?.decode(reader));
}

function decodeProtobuf(body: Uint8Array, signal: OtlpSignal): Loose {
  const { message } = envelopes[signal];
  try {
    return decodeMessage(body, message);
  } catch (cause) {
    const other = misdirected(body, signal);
    if (other !== null) throw wrongSignal(other, signal);
    const reason = cause instanceof Error ? cause.message : 'unreadable';
    throw new WheelhouseError('invalid_protobuf', `The request is not an ${message}: ${reason}.`, {
      hint: otherHint(signal),
      cause,
    });
  }
}

/** JSON.parse would round 64-bit integers that are written as numbers; as text they stay exact. */
const bigNumbers =
  /(?<!\\)"(startTimeUnixNano|endTimeUnixNano|timeUnixNano|observedTimeUnixNano|intValue)"(\s*:\s*)(-?\d{16,20})(?=\s*[,}])/g;

function decodeJson(body: Uint8Array, signal: OtlpSignal): Loose {
  const { message, resources } = envelopes[signal];
  const invalid = (reason: string, cause?: unknown) =>
    new WheelhouseError('invalid_json', `The request is not an ${message} in JSON: ${reason}.`, {
      hint: signal === 'traces' ? errorTable.invalid_protobuf.hint : otherHint(signal),
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
  if (parsed[resources] === undefined)
    for (const [other, envelope] of Object.entries(envelopes))
      if (parsed[envelope.resources] !== undefined) throw wrongSignal(other as OtlpSignal, signal);
  if (parsed[resources] != null && !Array.isArray(parsed[resources])) throw invalid(`\`${resources}\` is no list`);
  return parsed;
}

/**
 * The request as its encoding says it, unknown fields passed over and 64-bit integers exact.
 * @throws WheelhouseError `invalid_protobuf`, `invalid_json`, `invalid_request` when it is of another signal
 */
export const decodeRequest = (body: Uint8Array, encoding: OtlpEncoding, signal: OtlpSignal): Loose =>
  encoding === 'protobuf' ? decodeProtobuf(body, signal) : decodeJson(body, signal);

const idBytes = (value: unknown, count: number): boolean => value instanceof Uint8Array && value.length === count;

/** What tells that an item of the signal was really written as one: field numbers of the signals coincide. */
const marks: Record<OtlpSignal, { scopes: string; items: string; isOne(item: Loose): boolean }> = {
  traces: {
    scopes: 'scopeSpans',
    items: 'spans',
    isOne: (span) => idBytes(span.traceId, 16) && idBytes(span.spanId, 8),
  },
  logs: {
    scopes: 'scopeLogs',
    items: 'logRecords',
    isOne: (log) => [log.timeUnixNano, log.observedTimeUnixNano].some((time) => (integer(time) ?? 0n) > 0n),
  },
  metrics: {
    scopes: 'scopeMetrics',
    items: 'metrics',
    isOne: (metric) =>
      textOf(metric.name) !== '' &&
      ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary'].some((kind) => isLoose(metric[kind])),
  },
};

/**
 * The signal that bytes without a single valid item were meant for. In protobuf logs and metrics decode as spans, because
 * the field numbers coincide, and come out as spans with broken ids.
 */
export function misdirected(body: Uint8Array, expected: OtlpSignal): OtlpSignal | null {
  for (const [signal, { scopes, items, isOne }] of Object.entries(marks)) {
    if (signal === expected) continue;
    try {
      const { message, resources } = envelopes[signal as OtlpSignal];
      const [resource] = looseList(decodeMessage(body, message)[resources]);
      const [first] = looseList(looseList(loose(resource)[scopes])[0]?.[items]);
      if (first && isOne(first)) return signal as OtlpSignal;
    } catch {
      // It is not of this signal either.
    }
  }
  return null;
}
