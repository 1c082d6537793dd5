import type { VendorFailure } from '../../ports/index.ts';
import {
  type ErrorCode,
  type FailureKind,
  isJsonObject,
  type Json,
  type JsonObject,
  type WheelhouseError,
} from '../../records/index.ts';
import { failureKindOf, readErrorText } from '../failure.ts';

const kinds = new Map<string | null, FailureKind>([
  ['authentication_error', 'auth'],
  ['permission_error', 'auth'],
  ['billing_error', 'quota'],
  ['not_found_error', 'notFound'],
  ['request_too_large', 'invalid'],
  ['rate_limit_error', 'rateLimited'],
  ['overloaded_error', 'overloaded'],
  ['timeout_error', 'timeout'],
  ['api_error', 'server'],
  ['invalid_request_error', 'invalid'],
]);

const tooLong =
  /prompt is too long|exceeds? (?:the )?(?:model's )?(?:maximum )?context|context window|input is too long/i;
const noMoney = /credit balance|spend(?:ing)? limit|billing/i;
const policy = /content filtering policy|usage polic(?:y|ies)/i;

/** @param status 200 for an error within a stream */
export function readMessagesFailure(status: number, body: Json): VendorFailure {
  const { message, type } = readErrorText(body);
  const error = isJsonObject(body) && isJsonObject(body.error) ? body.error : {};
  const details = isJsonObject(error.details) ? error.details : {};
  const code = typeof details.error_code === 'string' ? details.error_code : type;
  const kind = kinds.get(type) ?? failureKindOf(status);
  const told = (given: FailureKind): VendorFailure => ({ kind: given, message, code });
  if (kind !== 'invalid') return told(kind);
  if (tooLong.test(message)) return told('contextWindow');
  if (noMoney.test(message)) return told('quota');
  return told(policy.test(message) ? 'contentPolicy' : 'invalid');
}

const types: Partial<Record<ErrorCode, string>> = {
  body_too_large: 'request_too_large',
  budget_exceeded: 'rate_limit_error',
  store_unavailable: 'overloaded_error',
  upstream_timeout: 'timeout_error',
};
/** OpenAI's types that Anthropic calls otherwise. */
const others: Record<string, string> = { insufficient_quota: 'rate_limit_error' };

export function writeMessagesError(error: WheelhouseError, requestId: string): JsonObject {
  const { type, message, hint } = error.toBody().error;
  const named = types[error.code] ?? others[type] ?? type;
  return {
    type: 'error',
    error: { type: named, message, details: { error_code: error.code, param: error.param, hint } },
    request_id: requestId,
  };
}
