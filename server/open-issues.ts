import { createIssueHandlers, lookAtIssues, lookAtIssuesEveryMs } from './issues/index.ts';
import type { Foundation } from './open-foundation.ts';
import { repeat } from './repeat.ts';

type Base = Pick<Foundation, 'records' | 'telemetry' | 'feed' | 'clock' | 'log'>;

/** In which ways traces fail: what looks for them, and what people do about them. */
export function openIssues({ records, telemetry, feed, clock, log }: Base) {
  const { issues } = records;
  const deps = { issues, telemetry: { ...telemetry.issues, now: telemetry.releases.now }, feed, clock };
  const worker = repeat((stopping) => lookAtIssues({ ...deps, log }, stopping), {
    everyMs: lookAtIssuesEveryMs,
    onError: (err) => log.error({ err }, 'issues could not be looked for; tried again soon'),
  });
  return { handlers: createIssueHandlers(deps), worker };
}
