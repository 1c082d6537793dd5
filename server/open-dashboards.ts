import type { DashboardRouteId, Handlers } from '@wheelhouse/core/contract';
import { createDashboardHandlers } from './dashboards/index.ts';
import type { Foundation } from './open-foundation.ts';
import { readFilter, selectionBefore } from './traces/index.ts';

/** Dashboards, whose panels read what pages of traces read. */
export const openDashboards = ({
  records,
  telemetry,
  feed,
  clock,
  random,
}: Pick<Foundation, 'records' | 'telemetry' | 'feed' | 'clock' | 'random'>): Handlers<DashboardRouteId> =>
  createDashboardHandlers({
    ...{ dashboards: records.dashboards, views: records.views, queries: telemetry.queries, sql: telemetry.sql },
    ...{ readFilter, selectionBefore, feed, clock, random },
  });
