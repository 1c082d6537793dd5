import type { Handlers, RegistryRouteId } from '@wheelhouse/core/contract';
import type { FindVersion } from '@wheelhouse/core/model';
import type {
  CellStore,
  Clock,
  HttpCaller,
  LiveFeed,
  ModelTraffic,
  Random,
  SchemaChecker,
} from '@wheelhouse/core/ports';
import type { ProjectId } from '@wheelhouse/core/records';
import { findVersion } from '@wheelhouse/core/route';
import { createGateReader } from './evals/index.ts';
import type { Routing } from './open-routing.ts';
import {
  createAliasHandlers,
  createCommentHandlers,
  createDraftHandlers,
  createImportHandlers,
  createLangfusePrompts,
  createLineageHandlers,
  createRegistryHandlers,
  createUseHandlers,
  type LiveDeployments,
} from './registry/index.ts';
import type { Postgres } from './stores/postgres/index.ts';

export type RegistryParts = {
  records: Pick<Postgres, 'models' | 'aliasRules' | 'comments' | 'lineage' | 'evaluations' | 'issues'>;
  telemetry: { traffic: ModelTraffic; cells: CellStore };
  feed: LiveFeed;
  checker: SchemaChecker;
  clock: Clock;
  random: Random;
  routing: Pick<Routing, 'table'>;
  deployments: LiveDeployments;
  models: { http: HttpCaller };
};

type Served =
  | RegistryRouteId
  | 'listModels'
  | 'createModel'
  | 'getModel'
  | 'createVersion'
  | 'moveAlias'
  | 'removeAlias';

const registryDeps = ({ records, telemetry, routing, deployments, feed, checker, clock, random }: RegistryParts) => ({
  ...{ models: records.models, feed, checker, clock, random },
  find:
    (project: ProjectId): FindVersion =>
    (ref) =>
      findVersion(ref, routing.table(project)),
  changed: () => deployments.refresh(),
  rules: records.aliasRules,
  gates: {
    ...createGateReader({ evaluations: records.evaluations, cells: telemetry.cells }),
    blocker: (project: ProjectId, model: string) => records.issues.blocker(project, model),
  },
  reader: (project: ProjectId) => deployments.of(project),
});

/** Prompts in the form of Langfuse's API. */
export const openPrompts = (parts: RegistryParts) => createLangfusePrompts(registryDeps(parts));

/** Models, their aliases, and everything that is said and known of them. */
export function openRegistry(parts: RegistryParts): Handlers<Served> {
  const { records, telemetry, clock, random } = parts;
  const { comments, lineage, evaluations } = records;
  const deps = registryDeps(parts);
  return {
    ...createRegistryHandlers(deps),
    ...createDraftHandlers(deps),
    ...createAliasHandlers({ ...deps, evaluations }),
    ...createImportHandlers({ ...deps, http: parts.models.http }),
    ...createUseHandlers({ traffic: telemetry.traffic, clock }),
    ...createLineageHandlers({ lineage, traffic: telemetry.traffic, clock }),
    ...createCommentHandlers({ comments, lineage, clock, random }),
  };
}
