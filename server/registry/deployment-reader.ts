import type { DeploymentReader, ModelStore } from '@wheelhouse/core/ports';
import type { Model, ModelVersion, ProjectId } from '@wheelhouse/core/records';

export type LiveDeployments = DeploymentReader & {
  /** Reads everything again; concurrent calls share one read that starts after each of them. */
  refresh(): Promise<void>;
  /** Notices what other replicas change. */
  startPolling(everyMs: number, onError: (error: unknown) => void): void;
  stop(): void;
};

/** All models with their versions, in memory, for the gateway's hot path. */
export function createDeploymentReader(store: ModelStore, project: ProjectId): LiveDeployments {
  let byName = new Map<string, { model: Model; versions: Map<number, ModelVersion> }>();
  let seen = -1n;
  let timer: NodeJS.Timeout | null = null;
  let queue: Promise<void> = Promise.resolve();

  async function read(): Promise<void> {
    const counter = await store.changeCounter();
    const all = await store.snapshot(project);
    byName = new Map(
      all.map(({ model, versions }) => [model.name, { model, versions: new Map(versions.map((v) => [v.number, v])) }]),
    );
    seen = counter;
  }
  const refresh = () => {
    const next = queue.then(read);
    queue = next.catch(() => {});
    return next;
  };

  return {
    model: (name) => byName.get(name) ?? null,
    all: () => [...byName.values()].map((entry) => entry.model),
    refresh,
    startPolling(everyMs, onError) {
      const poll = async () => {
        try {
          if ((await store.changeCounter()) !== seen) await refresh();
        } catch (error) {
          onError(error);
        }
        if (timer !== null) timer = setTimeout(poll, everyMs).unref();
      };
      timer = setTimeout(poll, everyMs).unref();
    },
    stop() {
      if (timer !== null) clearTimeout(timer);
      timer = null;
    },
  };
}
