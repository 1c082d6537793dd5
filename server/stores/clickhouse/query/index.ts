import type { TraceQueries } from '@wheelhouse/core/ports';
import type { Database } from '../database.ts';
import { listSessions, listUsers, readSession } from './activity.ts';
import { readFacets } from './facets.ts';
import { listTraces, tracesOfSession } from './list.ts';
import { readSeries } from './series.ts';
import { readSearched } from './summary-row.ts';

export { createAbuseTelemetry } from './abuse-telemetry.ts';
export { createAttentionReads } from './attention.ts';
export { createIssueTelemetry } from './issue-telemetry.ts';
export { createModelTraffic } from './model-traffic.ts';
export { createOnlineTelemetry } from './online-telemetry.ts';
export { createReleaseTelemetry } from './release-telemetry.ts';
export { createSqlReader } from './sql-reader.ts';
export { readSummaries } from './summary-row.ts';
export { createTraceFacts } from './trace-facts.ts';
export { createWholeSpans } from './whole-spans.ts';

/** Reads of many traces at once, over their summaries. */
export function createTraceQueries(database: Database): TraceQueries {
  return {
    list: (project, ask) => listTraces(database, project, ask),
    searched: (project, ids) => readSearched(database, project, ids),
    facets: (project, ask) => readFacets(database, project, ask),
    series: (project, ask) => readSeries(database, project, ask),
    sessions: (project, ask) => listSessions(database, project, ask),
    session: (project, id) => readSession(database, project, id),
    tracesOfSession: (project, id, page) => tracesOfSession(database, project, { ...page, session: id }),
    users: (project, ask) => listUsers(database, project, ask),
  };
}
