import type { VendorFailure } from '../../ports/index.ts';
import {
  type FailureKind,
  isJsonObject,
  type Json,
  type JsonObject,
  type WheelhouseError,
} from '../../records/index.ts';
import { failureKindOf, readErrorText } from '../failure.ts';
import { sseFrame } from '../sse.ts';

/** By the name of the exception, without `Exception` and in lower case: events and answers spell it differently. */
const kinds = new Map<string, FailureKind>([
  ['validation', 'invalid'],
  ['accessdenied', 'auth'],
  ['unrecognizedclient', 'auth'],
  ['invalidsignature', 'auth'],
  ['expiredtoken', 'auth'],
  ['resourcenotfound', 'notFound'],
  ['throttling', 'rateLimited'],
  ['servicequotaexceeded', 'rateLimited'],
  ['modelnotready', 'overloaded'],
  ['modeltimeout', 'timeout'],
  ['modelerror', 'server'],
  ['modelstreamerror', 'server'],
  ['internalserver', 'server'],
  ['serviceunavailable', 'overloaded'],
]);

const tooLong =
  /too long|context (?:length|window)|maximum (?:context|number of tokens|input)|too many (?:input )?tokens/i;
const policy = /content filter|blocked by|guardrail/i;
const noModel = /model identifier is invalid|model .{0,80}(?:not found|does not exist|end of its life)/i;

/** Of an event; AWS's own stream also carries codes that are no exception of the service. */
export const isException = (name: string): boolean => /(?:Exception|Error|Failure)$/.test(name);

/** `ThrottlingException`, also with a namespace before it and an address after it. */
const plainName = (name: string): string =>
  name
    .replace(/^.*#/, '')
    .replace(/:.*$/, '')
    .replace(/Exception$/, '')
    .toLowerCase();

/** @param body with the exception's name as `__type`, where the vendor's header or event gave it */
export function readConverseFailure(status: number, body: Json): VendorFailure {
  const { message, code: given } = readErrorText(
    isJsonObject(body) && body.message === undefined ? { ...body, message: body.Message ?? '' } : body,
  );
  const named = isJsonObject(body) && typeof body.__type === 'string' ? body.__type : given;
  const code = named === null ? null : named.replace(/^.*#/, '').replace(/:.*$/, '');
  // Bedrock answers an unknown access key, a refused model and a wrong signature with 403 alike.
  const kind =
    (code === null ? undefined : kinds.get(plainName(code))) ?? (status === 424 ? 'server' : failureKindOf(status));
  const told = (found: FailureKind): VendorFailure => ({ kind: found, message, code });
  if (kind !== 'invalid') return told(kind);
  if (tooLong.test(message)) return told('contextWindow');
  if (noModel.test(message)) return told('notFound');
  return told(policy.test(message) ? 'contentPolicy' : 'invalid');
}

const names = new Map([
  [401, 'AccessDeniedException'],
  [403, 'AccessDeniedException'],
  [404, 'ResourceNotFoundException'],
  [429, 'ThrottlingException'],
  [503, 'ServiceUnavailableException'],
  [504, 'ModelTimeoutException'],
]);

const nameOf = ({ status }: WheelhouseError): string =>
  names.get(status) ?? (status < 500 ? 'ValidationException' : 'InternalServerException');

export const writeConverseError = (error: WheelhouseError): JsonObject => ({
  __type: nameOf(error),
  message: error.message,
});

export function writeConverseErrorEvent(error: WheelhouseError): string {
  const name = nameOf(error);
  return sseFrame(JSON.stringify({ message: error.message }), name.charAt(0).toLowerCase() + name.slice(1));
}
