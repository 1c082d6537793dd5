import type { VendorFailure } from '../ports/index.ts';
import type { FailureKind, Json, JsonObject, WheelhouseError } from '../records/index.ts';
import { type ErrorText, failureKindOf, readErrorText } from './failure.ts';
import { sseFrame } from './sse.ts';

const byCode = new Map<string, FailureKind>([
  ['insufficient_quota', 'quota'],
  ['billing_hard_limit_reached', 'quota'],
  ['billing_not_active', 'quota'],
  ['insufficient_balance', 'quota'],
  ['invalid_api_key', 'auth'],
  ['invalid_authentication', 'auth'],
  ['authentication_error', 'auth'],
  ['permission_error', 'auth'],
  ['account_deactivated', 'auth'],
  ['model_not_found', 'notFound'],
  ['DeploymentNotFound', 'notFound'],
  ['not_found_error', 'notFound'],
  ['context_length_exceeded', 'contextWindow'],
  ['string_above_max_length', 'contextWindow'],
  ['exceed_context_size_error', 'contextWindow'],
  ['content_filter', 'contentPolicy'],
  ['content_policy_violation', 'contentPolicy'],
  ['ResponsibleAIPolicyViolation', 'contentPolicy'],
  ['invalid_prompt', 'contentPolicy'],
  ['rate_limit_exceeded', 'rateLimited'],
  ['rate_limit_error', 'rateLimited'],
  ['tokens', 'rateLimited'],
  ['requests', 'rateLimited'],
  ['server_overloaded', 'overloaded'],
  ['overloaded_error', 'overloaded'],
  ['engine_overloaded', 'overloaded'],
  ['server_error', 'server'],
  ['internal_server_error', 'server'],
  ['invalid_request_error', 'invalid'],
]);

/** How vLLM, llama.cpp, Groq, Mistral, Together and others say that a request is too long. */
const tooLong =
  /maximum context length|context (?:length|window|size) .{0,40}exceed|exceeds? .{0,40}context (?:length|window|size)|reduce the length of the (?:messages|prompt)|too large for model with \d+ maximum/i;
const outOfMoney =
  /exceeded your current quota|insufficient (?:balance|credits|funds)|credit balance|payment required/i;
const badContent = /content (?:management )?policy|safety system|flagged as (?:potentially )?violating/i;

function kindOf(status: number, { message, code, type }: ErrorText): FailureKind {
  const told = byCode.get(code ?? '') ?? null;
  if (told !== null && told !== 'invalid') return told;
  const mayBeRequest = status === 0 || status === 400 || status === 413 || status === 422 || status === 500;
  if (mayBeRequest && tooLong.test(message)) return 'contextWindow';
  if (mayBeRequest && badContent.test(message)) return 'contentPolicy';
  if ([0, 402, 403, 429].includes(status) && (type === 'insufficient_quota' || outOfMoney.test(message)))
    return 'quota';
  const typed = byCode.get(type ?? '') ?? null;
  if (status >= 400) {
    const general = failureKindOf(status);
    // A status says more than a general type beside it.
    return general === 'invalid' && typed !== null ? typed : general;
  }
  // In a stream there is a code at most, which some give as the status.
  const asStatus = Number(code);
  if (asStatus >= 400 && asStatus < 600) return failureKindOf(asStatus);
  return typed ?? told ?? 'server';
}

/** An error where a piece of an answer should be; vLLM's says so without an `error`. */
export const isErrorChunk = (chunk: JsonObject): boolean => (chunk.error ?? null) !== null || chunk.object === 'error';

/**
 * What an error of OpenAI, or of a vendor that speaks its dialects, means.
 * @param given the status; below 400 for an error inside of an answer that began well
 */
export function readOpenAiFailure(given: number, body: Json): VendorFailure {
  const status = given < 400 ? 0 : given;
  const text = readErrorText(body);
  const message = text.message || `The provider answered with status ${given}.`;
  return { kind: kindOf(status, text), message, code: text.code ?? text.type };
}

/** The error object of OpenAI's dialects, with our hint beside. */
export const writeOpenAiError = (error: WheelhouseError): JsonObject => error.toBody();

export const writeOpenAiErrorEvent = (error: WheelhouseError): string => sseFrame(JSON.stringify(error.toBody()));
