import { textOfValue } from '@wheelhouse/core/dataset';
import type {
  BlobStore,
  Clock,
  DeploymentReader,
  JobQueue,
  LiveFeed,
  ModelRunner,
  Random,
  SchemaChecker,
} from '@wheelhouse/core/ports';
import type { Json, ProjectId } from '@wheelhouse/core/records';
import { resolveTarget } from '@wheelhouse/core/route';
import type { Logger } from 'pino';
import type { Config } from './config.ts';
import {
  createDatasetHandlers,
  createDeriveHandlers,
  createExampleHandlers,
  createFileDoor,
  createHealthJob,
  createImportJob,
  createJobHandlers,
  createRecipeJob,
  createRowAdder,
  createRuleFeed,
  createSplitJob,
  createSynthesisJob,
  createTracesJob,
  startDatasetWorker,
} from './datasets/index.ts';
import type { Routing } from './open-routing.ts';
import type { Stores } from './stores/open-stores.ts';
import { createParquetStream, startStandingFilters } from './traces/index.ts';
import { readVersion } from './version.ts';
import { createBreathe } from './world.ts';

/** Registered models whose newest version is searched for rows. */
const promptsRead = 100;

export type DatasetParts = Pick<Stores, 'records' | 'telemetry'> & {
  blobs: BlobStore;
  jobs: JobQueue;
  feed: LiveFeed;
  checker: SchemaChecker;
  routing: Pick<Routing, 'table'>;
  runnerOf(project: ProjectId): ModelRunner;
  models(project: ProjectId): DeploymentReader;
  clock: Clock;
  random: Random;
  log: Logger;
};

/** Datasets: their routes and files, the worker of their jobs, and the rules that feed them. */
export async function openDatasets(config: Pick<Config, 'limits'>, parts: DatasetParts) {
  const { records, telemetry, feed } = parts;
  const deps = {
    ...{ ...parts, datasets: records.datasets, datasetJobs: records.datasetJobs, datasetRules: records.datasetRules },
    ...{ examples: telemetry.examples, spans: telemetry.spans, wholeSpans: telemetry.wholeSpans },
    queries: telemetry.queries,
    breathe: createBreathe(),
    prompts: (project: ProjectId) =>
      parts
        .models(project)
        .all()
        .slice(0, promptsRead)
        .flatMap(({ name, latest }) => {
          const version = parts.models(project).model(name)?.versions.get(latest);
          return version
            ? [{ prompt: `${name}@${latest}`, text: textOfValue(version.definition as unknown as Json) }]
            : [];
        }),
  };
  await startDatasetWorker(deps, {
    import: createImportJob(deps),
    traces: createTracesJob(deps),
    synthesis: createSynthesisJob(deps),
    split: createSplitJob(deps),
    health: createHealthJob(deps),
    recipe: createRecipeJob(deps),
  });
  const rules = startStandingFilters(deps, createRuleFeed(deps));
  const exactModel = (project: ProjectId, ref: string): string => {
    const { name, version } = resolveTarget(ref, parts.routing.table(project));
    return version && name !== null ? `${name}@${version.number}` : ref;
  };
  return {
    handlers: {
      ...createDatasetHandlers(deps),
      ...createExampleHandlers(deps),
      ...createJobHandlers({ ...deps, exactModel }),
      ...createDeriveHandlers(deps),
    },
    files: createFileDoor({
      ...deps,
      maxBytes: config.limits.fileBytes,
      parquet: (columns) => createParquetStream(columns, `wheelhouse ${readVersion()}`),
    }),
    rowAdder: createRowAdder(deps, (project, name) => feed.publish({ type: 'datasets', project, name })),
    stop: rules.stop,
  };
}
