import type { ModelHostStore, SealedHost } from '@wheelhouse/core/ports';
import type { ProjectId } from '@wheelhouse/core/records';

/** What was read so recently is taken from memory; a host that comes meanwhile is read when nobody else is there. */
const freshMs = 1_000;
/** A host that could not be reached is passed over so long, where there is another. */
const shyMs = 5_000;

type Read = { hosts: SealedHost[]; atMs: number };

/** Who serves which code, from memory where that is recent enough. */
export function createHostReader(store: Pick<ModelHostStore, 'live'>, nowMs: () => number) {
  let known = new Map<ProjectId, Read>();
  const shy = new Map<string, number>();
  let turn = 0;

  async function read(project: ProjectId, notBefore: number): Promise<SealedHost[]> {
    const before = known.get(project);
    if (before !== undefined && before.atMs >= notBefore) return before.hosts;
    try {
      const atMs = nowMs();
      const hosts = await store.live(project);
      known.set(project, { hosts, atMs });
      return hosts;
    } catch (error) {
      // Leases outlast a store that is away for a moment.
      if (before === undefined) throw error;
      return before.hosts;
    }
  }

  const isShy = ({ id }: SealedHost) => (shy.get(id) ?? 0) > nowMs();

  return {
    /** Those that serve a version, in the order to try them: in turns, and who failed a moment ago last. */
    async find(project: ProjectId, model: string, version: number): Promise<SealedHost[]> {
      const serves = (host: SealedHost) => host.model === model && host.version === version;
      let found = (await read(project, nowMs() - freshMs)).filter(serves);
      if (found.length === 0) found = (await read(project, nowMs())).filter(serves);
      const first = found.length === 0 ? 0 : turn++ % found.length;
      const inTurn = [...found.slice(first), ...found.slice(0, first)];
      return [...inTurn.filter((host) => !isShy(host)), ...inTurn.filter(isShy)];
    },
    failed({ id }: SealedHost): void {
      shy.set(id, nowMs() + shyMs);
      if (shy.size > 1_000) for (const [old, untilMs] of shy) if (untilMs <= nowMs()) shy.delete(old);
    },
    /** Somebody came or left here. */
    changed(): void {
      known = new Map();
    },
  };
}

export type HostReader = ReturnType<typeof createHostReader>;
