import type { CancelSignal } from './world.ts';

/** Asks a version the same beside the one that answers. It never waits, and nothing that becomes of it is told. */
export type CallCopier = {
  /**
   * @param ask begins when what is going on now is over, and is told when it has to end
   * @returns false: as many run as may at a time, so that it was let go
   */
  offer(ask: (signal: CancelSignal) => Promise<void>): boolean;
};
