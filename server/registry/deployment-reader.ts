import type { DeploymentReader, ModelStore } from '@wheelhouse/core/ports';
import type { Model, ModelVersion, ProjectId } from '@wheelhouse/core/records';

export type LiveDeployments = DeploymentReader & {
  /** Reads everything again; concurrent calls share one read that starts after each of them. */
  refresh(): Promise<void>;
};

/** All models with their versions, in memory, for the gateway's hot path. */
export function createDeploymentReader(store: Pick<ModelStore, 'snapshot'>, project: ProjectId): LiveDeployments {
  let byName = new Map<string, { model: Model; versions: Map<number, ModelVersion> }>();
  let queue: Promise<void> = Promise.resolve();

  async function read(): Promise<void> {
    const all = await store.snapshot(project);
    byName = new Map(
      all.map(({ model, versions }) => [model.name, { model, versions: new Map(versions.map((v) => [v.number, v])) }]),
    );
  }

  return {
    model: (name) => byName.get(name) ?? null,
    all: () => [...byName.values()].map((entry) => entry.model),
    refresh() {
      const next = queue.then(read);
      queue = next.catch(() => {});
      return next;
    },
  };
}
