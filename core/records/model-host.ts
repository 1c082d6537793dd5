import type { HostId } from './ids.ts';

/** Where the code of a version is served, for as long as it says so. */
export type ModelHost = {
  id: HostId;
  /** The model's name. */
  model: string;
  version: number;
  /** Takes the calls. */
  url: string;
  createdBy: string;
  createdAt: string;
  /** Its lease; ISO 8601, UTC. */
  expiresAt: string;
};
