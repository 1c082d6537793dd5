import type { JsonObject, WheelhouseError } from '../../records/index.ts';
import { sseFrame } from '../sse.ts';

/** Members of an `error` event: as the specification has them, and once more as the object that SDKs look for. */
export function writeResponsesError(error: WheelhouseError): JsonObject {
  const { error: inner } = error.toBody();
  return { code: inner.code, message: inner.message, param: inner.param, error: inner };
}

/** The error of a stream whose events were not counted. */
export const writeResponsesErrorEvent = (error: WheelhouseError): string =>
  sseFrame(JSON.stringify({ type: 'error', sequence_number: 0, ...writeResponsesError(error) }), 'error');
