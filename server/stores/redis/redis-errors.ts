import { WheelhouseError } from '@wheelhouse/core/records';

/** What a caller can act on: the server is away, or refuses. */
export const toRedisError = (cause: unknown): WheelhouseError =>
  cause instanceof WheelhouseError
    ? cause
    : new WheelhouseError('store_unavailable', 'Redis did not answer.', { cause });
