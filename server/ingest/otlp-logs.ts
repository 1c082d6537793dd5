import { type JsonObject, parseSpanId, parseTraceId } from '@wheelhouse/core/records';
import type { OtlpLogRecord } from '@wheelhouse/core/trace';
import {
  anyJson,
  attributesOf,
  BadItem,
  decodeRequest,
  idText,
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

export type DecodedLogs = {
  records: OtlpLogRecord[];
  /** The records that could not be read; the others are not touched by it. */
  rejected: { name: string; reason: string; wire: object }[];
};

function recordOf(record: Loose, around: Pick<OtlpLogRecord, 'resource' | 'scope'>): OtlpLogRecord {
  const [traceText, spanText] = [idText(record.traceId, 16), idText(record.spanId, 8)];
  const [traceId, spanId] = [parseTraceId(traceText), parseSpanId(spanText)];
  if (traceId === null && /[^0]/.test(traceText)) throw new BadItem('traceId takes 16 bytes');
  if (spanId === null && /[^0]/.test(spanText)) throw new BadItem('spanId takes 8 bytes');
  const attributes = attributesOf(record.attributes);
  const timeNs =
    timeOf(record.timeUnixNano, 'timeUnixNano') || timeOf(record.observedTimeUnixNano, 'observedTimeUnixNano');
  if (timeNs === 0n) throw new BadItem('timeUnixNano is missing');
  return {
    traceId,
    spanId,
    timeNs,
    attributes,
    ...around,
    // The name was an attribute before it had a field of its own.
    name: textOf(record.eventName) || textOf(attributes['event.name']),
    body: anyJson(record.body),
  };
}

/**
 * Decodes one OTLP logs export.
 * @throws WheelhouseError `invalid_protobuf`, `invalid_json`, `invalid_request` when it is of another signal
 */
export function decodeLogs(body: Uint8Array, encoding: OtlpEncoding): DecodedLogs {
  const decoded: DecodedLogs = { records: [], rejected: [] };
  let timed = false;
  for (const { resource: wireResource, scopeLogs } of looseList(decodeRequest(body, encoding, 'logs').resourceLogs)) {
    let resource: JsonObject | null = null;
    for (const { scope: wireScope, logRecords } of looseList(scopeLogs)) {
      const scope = scopeOf(wireScope);
      for (const record of looseList(logRecords)) {
        try {
          resource ??= attributesOf(loose(wireResource).attributes);
          decoded.records.push(recordOf(record, { resource, scope }));
          timed = true;
        } catch (error) {
          if (!(error instanceof BadItem)) throw error;
          const name = textOf(record.eventName).slice(0, 100);
          const wire = {
            resourceLogs: [{ resource: wireResource, scopeLogs: [{ scope: wireScope, logRecords: [record] }] }],
          };
          decoded.rejected.push({ name, reason: error.message, wire });
        }
      }
    }
  }
  if (encoding === 'protobuf' && !timed && decoded.rejected.length > 0) {
    const signal = misdirected(body, 'logs');
    if (signal !== null) throw wrongSignal(signal, 'logs');
  }
  return decoded;
}
