import type { z } from 'zod';
import type { TrackingRouteId } from './tracking-paths.ts';
import * as t from './tracking-schemas.ts';

/** What each route around tracked runs takes and gives. MLflow's own API is served beside these, and is what writes. */
export const trackingRoutes = {
  listTrackedExperiments: { summary: 'Experiments that runs are recorded under', response: t.trackedExperimentList },
  listTrackedRuns: {
    summary: 'Runs that training and scripts recorded, by filter and order',
    query: t.trackedRunQuery,
    response: t.trackedRunPage,
  },
  getTrackedRun: { summary: 'A run: its parameters, tags, latest metrics and datasets', response: t.trackedRun },
  listTrackedArtifacts: {
    summary: 'Files and folders of a run, in one of its folders',
    query: t.trackedArtifactQuery,
    response: t.trackedArtifactList,
  },
  listTrackedSeries: {
    summary: 'A metric over the steps or the time of some runs, thinned out so that its extremes stay',
    query: t.trackedSeriesQuery,
    response: t.trackedSeriesList,
  },
} as const satisfies Record<
  TrackingRouteId,
  { summary: string; query?: z.ZodType; body?: z.ZodType; response: z.ZodType; status?: number }
>;
