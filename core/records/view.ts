import type { ViewId } from './ids.ts';

/** A name for an address of the web app: its filter, time and tab are all in it. */
export type View = {
  id: ViewId;
  name: string;
  /** Path and query. */
  url: string;
  createdBy: string;
  /** ISO 8601, UTC. */
  createdAt: string;
};
