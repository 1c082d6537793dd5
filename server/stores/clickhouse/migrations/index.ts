import type { Migration } from '../migrate.ts';
import { telemetry } from './0001-telemetry.ts';
import { traceHourSums } from './0002-trace-hours.ts';
import { trackedMetrics } from './0003-tracked-metrics.ts';
import { issueOccurrences } from './0004-issue-occurrences.ts';
import { abuseCalls } from './0005-abuse-calls.ts';

/** In order; a released one is never changed. */
export const migrations: readonly Migration[] = [
  telemetry,
  traceHourSums,
  trackedMetrics,
  issueOccurrences,
  abuseCalls,
];
