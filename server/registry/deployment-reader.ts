import type { DeploymentReader, ModelStore } from '@wheelhouse/core/ports';
import type { Model, ModelVersion, ProjectId } from '@wheelhouse/core/records';

export type LiveDeployments = {
  /** What a project has registered. */
  of(project: ProjectId): DeploymentReader;
  /** Whether a version is on its way to any alias. */
  hasReleases(): boolean;
  /** Reads everything again; concurrent calls share one read that starts after each of them. */
  refresh(): Promise<void>;
};

type Registered = ReadonlyMap<string, { model: Model; versions: Map<number, ModelVersion> }>;

const readerOf = (byName: Registered): DeploymentReader => ({
  model: (name) => byName.get(name) ?? null,
  all: () => [...byName.values()].map((entry) => entry.model),
});
const nothing = readerOf(new Map());

/** All models with their versions, in memory, for the gateway's hot path. */
export function createDeploymentReader(
  store: Pick<ModelStore, 'snapshot'>,
  projects: () => readonly ProjectId[],
): LiveDeployments {
  let readers = new Map<ProjectId, DeploymentReader>();
  /** Versions never change. The same object keeps what was made of it: parsed templates, compiled schemas. */
  let kept = new Map<string, ModelVersion>();
  let queue: Promise<void> = Promise.resolve();

  async function read(): Promise<void> {
    const next = new Map<ProjectId, DeploymentReader>();
    const seen = new Map<string, ModelVersion>();
    const same = (version: ModelVersion): ModelVersion => {
      const key = `${version.modelId}@${version.number}`;
      const before = kept.get(key);
      const one = before?.hash === version.hash ? before : version;
      seen.set(key, one);
      return one;
    };
    for (const project of projects()) {
      const all = await store.snapshot(project);
      const byName = all.map(
        ({ model, versions }) =>
          [model.name, { model, versions: new Map(versions.map((v) => [v.number, same(v)])) }] as const,
      );
      next.set(project, readerOf(new Map(byName)));
    }
    readers = next;
    kept = seen;
  }

  return {
    of: (project) => readers.get(project) ?? nothing,
    hasReleases: () =>
      [...readers.values()].some((reader) => reader.all().some(({ aliases }) => aliases.some((one) => one.release))),
    refresh() {
      const next = queue.then(read);
      queue = next.catch(() => {});
      return next;
    },
  };
}
