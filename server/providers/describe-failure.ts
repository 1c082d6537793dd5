import { WheelhouseError } from '@wheelhouse/core/records';

/** The connection stood, and then it did not. */
const cut = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH']);
const late = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);

/** What an error of a connection means to whoever asked. `where`: provider and address, for people. */
export function describeFailure(cause: Error & { code?: string }, where: string): WheelhouseError {
  if (cause instanceof WheelhouseError) return cause;
  const code = cause.code ?? '';
  if (cut.has(code))
    return new WheelhouseError('upstream_cut', `${where} closed the connection before its answer was complete.`, {
      cause,
    });
  if (late.has(code)) return new WheelhouseError('upstream_timeout', `${where} went silent.`, { cause });
  if (code === 'UND_ERR_INVALID_ARG')
    return new WheelhouseError('invalid_request', `${where} cannot be sent this: ${cause.message}.`, { cause });
  if (cause.name === 'HTTPParserError' || code === 'UND_ERR_HEADERS_OVERFLOW')
    return new WheelhouseError('upstream_failed', `${where} sent what is not proper HTTP: ${cause.message}.`, {
      cause,
    });
  return new WheelhouseError('upstream_unreachable', `${where} cannot be reached: ${code || cause.message}.`, {
    cause,
  });
}

export const noConnection = (where: string, ms: number): WheelhouseError =>
  new WheelhouseError('upstream_unreachable', `${where} cannot be reached: no connection within ${ms / 1000} s.`);

export const redirected = (where: string, status: number): WheelhouseError =>
  new WheelhouseError('upstream_failed', `${where} answered ${status}, a redirect, which is never followed.`, {
    hint: 'Give the address that the provider redirects to as its base URL.',
  });
