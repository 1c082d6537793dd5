import type { CancelSignal } from '@wheelhouse/core/ports';
import { WheelhouseError } from '@wheelhouse/core/records';

/** What a caller is told of anything that went wrong. */
export function knownError(
  { log }: { log: { error(details: object, message: string): void } },
  error: unknown,
  signal: CancelSignal,
): WheelhouseError {
  // What comes after the end of it says nothing.
  if (signal.aborted && signal.reason instanceof WheelhouseError) return signal.reason;
  // One that is the step's account of another was logged with that.
  if (error instanceof WheelhouseError && (error.code !== 'internal' || error.cause instanceof WheelhouseError))
    return error;
  if (signal.aborted) return new WheelhouseError('upstream_cut', 'The call was stopped.', { cause: error });
  log.error({ err: error }, 'a model failed inside of the server');
  return error instanceof WheelhouseError
    ? error
    : new WheelhouseError('internal', 'Something went wrong inside Wheelhouse.', { cause: error });
}
