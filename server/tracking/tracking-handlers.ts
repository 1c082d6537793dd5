import { type Handlers, type TrackingRouteId, trackedArtifactPath } from '@wheelhouse/core/contract';
import {
  datasetContextTag,
  offsetOf,
  offsetPage,
  type ProjectId,
  type TrackedRun,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { artifactRoot } from './artifacts.ts';
import type { TrackingDeps } from './deps.ts';
import { parseRunFilter, parseRunOrder } from './parse-search.ts';

const mostExperiments = 1_000;

const orNull = (value: number) => (Number.isNaN(value) ? null : value);

const runBody = ({ metrics, inputs, ...run }: TrackedRun) => ({
  ...run,
  metrics: metrics.map((point) => ({ ...point, value: orNull(point.value) })),
  inputs: inputs.map(({ name, digest, sourceType, source, tags }) => ({
    ...{ name, digest, sourceType, source },
    context: tags.find(({ key }) => key === datasetContextTag)?.value ?? null,
  })),
});

/** Tracked runs as pages and programs of ours read them. */
export function createTrackingHandlers({ store, history }: TrackingDeps): Handlers<TrackingRouteId> {
  async function runOf(project: ProjectId, id: string): Promise<TrackedRun> {
    const run = await store.run(project, id);
    if (run) return run;
    throw new WheelhouseError('not_found', `There is no tracked run \`${id.slice(0, 80)}\`.`, {
      hint: 'GET /api/v1/tracked-runs lists them.',
    });
  }
  const active = { stage: 'active', conditions: [], order: [], limit: mostExperiments, offset: 0 } as const;
  const experimentsOf = (project: ProjectId) =>
    store.experiments(project, { ...active, conditions: [...active.conditions], order: [...active.order] });

  return {
    async listTrackedExperiments({ by }) {
      const found = await experimentsOf(by.project);
      return { data: found.map(({ artifactLocation: _, ...experiment }) => experiment) };
    },

    async listTrackedRuns({ by, query: { experiment, q, order, cursor, limit } }) {
      const conditions = parseRunFilter(q);
      const offset = offsetOf(cursor);
      const ordered = parseRunOrder(order === undefined ? [] : [order]);
      const experiments =
        experiment === undefined ? (await experimentsOf(by.project)).map(({ id }) => id) : [experiment];
      const ask = { experiments, stage: 'active' as const, conditions, order: ordered, limit: limit + 1, offset };
      const { data, next } = offsetPage(await store.runs(by.project, ask), { offset, limit });
      return { data: data.map(runBody), next };
    },

    getTrackedRun: async ({ by, params }) => runBody(await runOf(by.project, params.runId)),

    async listTrackedArtifacts({ by, params, query: { path } }) {
      const root = artifactRoot(await runOf(by.project, params.runId));
      if (root === null) return { data: [] };
      const found = await store.listArtifacts(by.project, path === '' ? root : `${root}/${path}`);
      const below = path === '' ? '' : `${path}/`;
      return {
        data: found.map(({ name, bytes }) => ({
          ...{ path: `${below}${name}`, name, bytes },
          href: bytes === null ? null : trackedArtifactPath(`${root}/${below}${name}`),
        })),
      };
    },

    async listTrackedSeries({ by, query: { runs, key, over, points } }) {
      return { data: await history.series(by.project, { runs, key, over, most: points }) };
    },
  };
}
