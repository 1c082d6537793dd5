import type { VendorFailure } from '../ports/index.ts';
import { type ErrorCode, type FailureKind, isJsonObject, type Json, WheelhouseError } from '../records/index.ts';

const codes: Record<FailureKind, ErrorCode> = {
  invalid: 'upstream_refused',
  auth: 'upstream_credentials_exhausted',
  quota: 'upstream_credentials_exhausted',
  notFound: 'model_not_found',
  rateLimited: 'upstream_rate_limited',
  overloaded: 'upstream_failed',
  contextWindow: 'context_length_exceeded',
  contentPolicy: 'content_policy_violation',
  server: 'upstream_failed',
  unreachable: 'upstream_unreachable',
  timeout: 'upstream_timeout',
  cut: 'upstream_cut',
  malformed: 'upstream_failed',
};

/** What the caller is told when nothing more can be done about a failure. */
export const failureError = (
  { kind, message }: VendorFailure,
  options: { retryAfterMs?: number } = {},
): WheelhouseError => new WheelhouseError(codes[kind], message, options);

/** What an error says for itself, in any vendor's spelling: `{error: {…}}`, `{error: text}`, `{detail}`, `{message}`, text. */
export type ErrorText = { message: string; code: string | null; type: string | null; param: string | null };

const textOf = (value: Json | undefined): string | null =>
  typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : null;

/** Long pages of proxies say no more than their beginning. */
const longest = 2_000;

export function readErrorText(body: Json): ErrorText {
  // Gemini's streams answer with a list of one.
  const first = Array.isArray(body) ? (body[0] ?? null) : body;
  if (!isJsonObject(first))
    return { message: textOf(first)?.slice(0, longest) ?? '', code: null, type: null, param: null };
  const inner = isJsonObject(first.error) ? first.error : isJsonObject(first.detail) ? first.detail : first;
  const given = inner.message ?? inner.msg ?? first.message ?? first.error ?? first.detail;
  const plain = textOf(given) ?? (given === undefined ? JSON.stringify(first) : JSON.stringify(given));
  return {
    message: plain.slice(0, longest),
    code: textOf(inner.code),
    type: textOf(inner.type) ?? textOf(inner.status) ?? textOf(first.error_type),
    param: textOf(inner.param),
  };
}

const statuses: [number, FailureKind][] = [
  [400, 'invalid'],
  [401, 'auth'],
  [402, 'quota'],
  [403, 'auth'],
  [404, 'notFound'],
  [408, 'timeout'],
  [413, 'invalid'],
  [429, 'rateLimited'],
  [503, 'overloaded'],
  [504, 'timeout'],
  [529, 'overloaded'],
];
const byStatus = new Map(statuses);

/** What a status means where the body says nothing better. */
export const failureKindOf = (status: number): FailureKind =>
  byStatus.get(status) ?? (status >= 500 || status < 400 ? 'server' : 'invalid');
