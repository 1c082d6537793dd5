import type { Handlers, ReleaseRouteId } from '@wheelhouse/core/contract';
import type { ProjectId } from '@wheelhouse/core/records';
import { findVersion, resolveTarget } from '@wheelhouse/core/route';
import { createGateReader } from './evals/index.ts';
import type { Foundation } from './open-foundation.ts';
import { traceRowsOf } from './open-review-rules.ts';
import { createAliasMover } from './registry/index.ts';
import { createReleaseHandlers } from './releases/index.ts';

/** Versions on their way to an alias: their routes, by the rules that aliases have. */
export function openReleases({
  records,
  telemetry,
  routing,
  deployments,
  feed,
  clock,
  random,
}: Foundation): Handlers<ReleaseRouteId> {
  const gates = {
    ...createGateReader({ evaluations: records.evaluations, cells: telemetry.cells }),
    blocker: (project: ProjectId, model: string) => records.issues.blocker(project, model),
  };
  return createReleaseHandlers({
    ...{ releases: records.releases, telemetry: telemetry.releases, models: records.models, feed, clock, random },
    aliases: createAliasMover({ models: records.models, rules: records.aliasRules, gates }),
    traceRows: traceRowsOf(telemetry),
    versionsOf: (project) => (ref) => findVersion(ref, routing.table(project)),
    hasDataset: async (project, name) => (await records.datasets.get(project, name)) !== null,
    checkCallable: (project: ProjectId, ref: string) => void resolveTarget(ref, routing.table(project)),
    changed: () => deployments.refresh(),
  });
}
