import { failureError } from '@wheelhouse/core/dialect';
import type { Provider } from '@wheelhouse/core/ports';
import { WheelhouseError } from '@wheelhouse/core/records';
import type { AttemptFailure, StopFailure } from '@wheelhouse/core/route';
import type { Answer } from './answer-copy.ts';
import type { Attempt, Refusal } from './attempt.ts';

export type Failed = { attempt: Attempt; failure: AttemptFailure };

/** What the vendor said is told as it said it, unless it speaks of our own account there. */
const ofOurAccount = new Set(['auth', 'quota']);

/** The attempt whose failure the plan ended with. */
export function attemptOf(failed: readonly Failed[], stop: StopFailure): Attempt | null {
  const told = failed.findLast(
    ({ attempt, failure }) => attempt.planned.target.ref === stop.target && failure.message === stop.message,
  );
  return told?.attempt ?? null;
}

/** The vendor's own refusal, where the caller may have it as it came. */
export function refusalFor(attempt: Attempt | null, stop: StopFailure): Refusal | null {
  return attempt?.outgoing.passes && !ofOurAccount.has(stop.kind) ? attempt.refusal : null;
}

/** What a refusal is to whoever records it; pages of proxies are not read. */
export function answerOf({ headers, body }: Refusal, attempt: Attempt): Answer {
  const isJson = (headers['content-type'] ?? '').includes('json');
  return { dialect: isJson ? attempt.outgoing.dialect : null, bytes: body, streamed: false, cut: false, asSent: true };
}

/** Any other failure. */
export function stopError(stop: StopFailure, providers: ReadonlyMap<string, Provider>): WheelhouseError {
  if (stop.why !== 'noKey') return failureError(stop);
  const name = stop.target.split('/', 1)[0] ?? '';
  const hint = [...providers.values()].find((provider) => provider.keyHint !== null)?.keyHint;
  return new WheelhouseError('upstream_key_missing', `There is no key for the provider \`${name}\`.`, {
    param: 'model',
    ...(hint ? { hint: `Set ${hint}, or add a key under Settings, Gateway; sim/echo needs none.` } : {}),
  });
}

/** When to come back, in the vendor's words where it said so. A client that retries as we did would multiply attempts. */
export function retryHeaders(stop: StopFailure, failed: readonly Failed[]): Record<string, string> {
  const headers: Record<string, string> = {};
  const told = failed.at(-1)?.attempt.refusal?.headers['retry-after'];
  if (stop.retryAfterMs !== null)
    headers['retry-after'] = told ?? String(Math.max(1, Math.ceil(stop.retryAfterMs / 1_000)));
  if (failed.length > 1 || stop.why === 'retryBudget') headers['x-should-retry'] = 'false';
  return headers;
}
