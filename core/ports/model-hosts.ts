import type { Actor, HostId, ModelHost, ProjectId } from '../records/index.ts';

/** With the sealed token that its host knows the server by. */
export type SealedHost = ModelHost & { sealed: Uint8Array };

/** Leases, by the time of the store. One that is over is as if it had never been. */
export type ModelHostStore = {
  register(
    by: Actor,
    host: Pick<ModelHost, 'id' | 'model' | 'version' | 'url'> & { sealed: Uint8Array; leaseMs: number },
  ): Promise<ModelHost>;
  /** null: it is over, or there is none. */
  renew(project: ProjectId, id: HostId, leaseMs: number): Promise<ModelHost | null>;
  /** Whether it was there. */
  leave(by: Actor, id: HostId): Promise<boolean>;
  /** Oldest first. */
  live(project: ProjectId): Promise<SealedHost[]>;
};
