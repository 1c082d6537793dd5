import type { CancelSignal } from '../../../ports/index.ts';
import { type ErrorCode, WheelhouseError } from '../../../records/index.ts';

/** Errors that say already which step they are of. */
const named = new WeakSet<WheelhouseError>();

/**
 * The error with the step's path before it; its code, its hint and when to come back stay. What is no error of ours, such
 * as the reason of an abort, stays what it is.
 * @param step `within`: it only holds others, whose errors say already where they come from
 */
export function stepError(error: unknown, step: { path: string; within: boolean; signal: CancelSignal }): unknown {
  if (step.signal.aborted || !(error instanceof WheelhouseError)) return error;
  if (step.within && named.has(error)) return error;
  const { code, message, hint, retryAfterMs } = error;
  const told = new WheelhouseError(code, `Step \`${step.path}\`: ${message}`, {
    ...{ hint, cause: error },
    ...(retryAfterMs === null ? {} : { retryAfterMs }),
  });
  named.add(told);
  return told;
}

/** What is the same however often it is tried. What a model made of a question may be better the next time. */
const hopeless: ReadonlySet<ErrorCode> = new Set([
  'model_not_found',
  'not_found',
  'unauthorized',
  'forbidden',
  'budget_exceeded',
  'unsupported_by_model',
  'context_length_exceeded',
  'upstream_key_missing',
  'upstream_credentials_exhausted',
  'config_invalid',
  'body_too_large',
]);

export const mayPass = (error: unknown): boolean => error instanceof WheelhouseError && !hopeless.has(error.code);
