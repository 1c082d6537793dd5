import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { parseSpanId, parseTraceId, type SpanId, type TraceId } from './ids.ts';

const hashOf = (text: string): string => bytesToHex(sha256(utf8ToBytes(text)));
const isUuid = (text: string): boolean => /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);

/**
 * The trace id that stands for a client's own id, the same one every time: 32 hex digits are one already, a UUID loses its
 * dashes, any other text is hashed (SHA-256, as Langfuse's SDKs make a trace id of a seed).
 */
export function traceIdOfClient(id: string): TraceId {
  const own = isUuid(id) ? id.replaceAll('-', '') : id;
  return parseTraceId(own) ?? (hashOf(id).slice(0, 32) as TraceId);
}

/** The UUID in which LangSmith's client on OpenTelemetry wraps a span id. */
const wrapped = /^0{8}-0{4}-0{4}-([0-9a-f]{4})-([0-9a-f]{12})$/i;

/**
 * The span id that stands for a client's own id: 16 hex digits are one already, any other text is hashed, because half of a
 * UUID may be a clock.
 */
export function spanIdOfClient(id: string): SpanId {
  const [, front = '', back = ''] = wrapped.exec(id) ?? [];
  const own = parseSpanId(front + back) ?? parseSpanId(id);
  return own ?? (hashOf(isUuid(id) ? id.toLowerCase() : id).slice(0, 16) as SpanId);
}
