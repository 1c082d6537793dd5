import type { VendorFailure } from '../../ports/index.ts';
import {
  type FailureKind,
  isJsonObject,
  type Json,
  type JsonObject,
  type WheelhouseError,
} from '../../records/index.ts';
import { failureKindOf, readErrorText } from '../failure.ts';
import { blockReason, objectsOf } from './answer.ts';

/** Of google.rpc.Code. */
const kinds = new Map<string | null, FailureKind>([
  ['INVALID_ARGUMENT', 'invalid'],
  ['OUT_OF_RANGE', 'invalid'],
  ['FAILED_PRECONDITION', 'quota'],
  ['UNAUTHENTICATED', 'auth'],
  ['PERMISSION_DENIED', 'auth'],
  ['NOT_FOUND', 'notFound'],
  ['RESOURCE_EXHAUSTED', 'rateLimited'],
  ['UNAVAILABLE', 'overloaded'],
  ['DEADLINE_EXCEEDED', 'timeout'],
  ['INTERNAL', 'server'],
  ['UNKNOWN', 'server'],
]);

const tooLong = /exceeds the maximum number of tokens|input token count|context (?:length|window)/i;
const badKey = /API key (?:not valid|expired|not found)/i;
const noMoney = /prepa(?:id|yment)|credits? (?:are|is) depleted|billing account/i;

/** Reasons of google.rpc.ErrorInfo. */
function reasonsOf(body: Json): Json[] {
  const first = Array.isArray(body) ? (body[0] ?? null) : body;
  const error = isJsonObject(first) && isJsonObject(first.error) ? first.error : {};
  return objectsOf(error.details).map(({ reason }) => reason ?? null);
}

/** @param status 200 for a prompt that was blocked, and for an error within a stream */
export function readGenerateFailure(status: number, body: Json): VendorFailure {
  const reason = isJsonObject(body) ? blockReason(body) : null;
  if (reason !== null) return { kind: 'contentPolicy', message: `The prompt was blocked: ${reason}.`, code: reason };
  const { message, type, code } = readErrorText(body);
  const known = kinds.get(type) ?? failureKindOf(status < 400 ? Number(code) : status);
  const told = (kind: FailureKind): VendorFailure => ({ kind, message, code: type });
  if (reasonsOf(body).includes('API_KEY_INVALID') || badKey.test(message)) return told('auth');
  if (known === 'invalid' && tooLong.test(message)) return told('contextWindow');
  return told(known === 'rateLimited' && noMoney.test(message) ? 'quota' : known);
}

const statuses = new Map([
  [400, 'INVALID_ARGUMENT'],
  [401, 'UNAUTHENTICATED'],
  [403, 'PERMISSION_DENIED'],
  [404, 'NOT_FOUND'],
  [409, 'ABORTED'],
  [429, 'RESOURCE_EXHAUSTED'],
  [503, 'UNAVAILABLE'],
  [504, 'DEADLINE_EXCEEDED'],
]);

export function writeGenerateError(error: WheelhouseError): JsonObject {
  const status = statuses.get(error.status) ?? (error.status < 500 ? 'INVALID_ARGUMENT' : 'INTERNAL');
  const info = { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: error.code, domain: 'wheelhouse' };
  return { error: { code: error.status, message: error.message, status, details: [info] } };
}
