import type { ProjectId } from './ids.ts';

/** In whose name something is done. */
export type Actor = { project: ProjectId; actor: string };
