import type { Actor, ProjectContents, ProjectId, ProjectRemoval } from '../records/index.ts';
import type { CancelSignal } from './world.ts';

/** Which projects go, and which are gone. An id is never another project's again. */
export type ProjectRemovalStore = {
  /**
   * Closes the project of `by`: no snapshot of access has it any more, and nobody joins it. Asked again, it is given as it
   * is. Audited in the default project, because the own audit goes as well.
   */
  close(by: Actor, contents: ProjectContents): Promise<ProjectRemoval>;
  /** Newest first. */
  list(): Promise<ProjectRemoval[]>;
  /** All of it is gone; the first time this is audited. */
  complete(by: Actor): Promise<void>;
  fail(project: ProjectId, error: string): Promise<void>;
};

/** One of the stores in which projects have things. */
export type ProjectEraser<Counted extends keyof ProjectContents = keyof ProjectContents> = {
  count(project: ProjectId): Promise<Pick<ProjectContents, Counted>>;
  /** Removes for good whatever the project has here. May be repeated, and goes on where it was cut off. */
  erase(project: ProjectId, signal: CancelSignal): Promise<void>;
};

export type ProjectRecordsEraser = ProjectEraser<
  'models' | 'datasets' | 'examples' | 'evaluations' | 'files' | 'keys' | 'people'
>;
export type ProjectTelemetryEraser = ProjectEraser<'traces' | 'scores'>;
