import { createIssueHandlers, lookAtIssues } from './issues/index.ts';
import type { Foundation } from './open-foundation.ts';

type Base = Pick<Foundation, 'records' | 'telemetry' | 'feed' | 'clock' | 'log' | 'heartbeat'>;

/** In which ways traces fail: what looks for them, and what people do about them. */
export function openIssues({ records, telemetry, feed, clock, log, heartbeat }: Base) {
  const { issues } = records;
  const deps = { issues, telemetry: { ...telemetry.issues, now: telemetry.releases.now }, feed, clock };
  const worker = heartbeat.on('issues', (stopping) => lookAtIssues({ ...deps, log }, stopping), {
    onError: (err) => log.error({ err }, 'issues could not be looked for; tried again soon'),
  });
  return { handlers: createIssueHandlers(deps), worker };
}
