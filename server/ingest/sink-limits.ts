import type { Waiting } from './commit-lane.ts';

export type SinkLimits = {
  /** What may wait in memory, on each side: from the gateway and from exporters. */
  bufferSpans: number;
  bufferBytes: number;
  /** How long the gateway's spans gather. */
  gatherMs: number;
  /** First pause when the store is away; doubles up to 2 s. */
  retryMs: number;
  /** After so long without an answer of the store the gateway's spans go to disk. */
  patienceMs: number;
};

export const defaultLimits: SinkLimits = {
  bufferSpans: 50_000,
  bufferBytes: 64 * 1024 * 1024,
  gatherMs: 50,
  retryMs: 100,
  patienceMs: 3_000,
};

/** A bounded count of what waits. */
export function createBuffer(limits: Pick<SinkLimits, 'bufferSpans' | 'bufferBytes'>) {
  let spans = 0;
  let bytes = 0;
  return {
    /** Whether there is room; a single entry always fits into an empty buffer. */
    fits: (entry: Waiting): boolean =>
      spans === 0 || (spans + entry.count <= limits.bufferSpans && bytes + entry.bytes <= limits.bufferBytes),
    enter(entry: Waiting): void {
      spans += entry.count;
      bytes += entry.bytes;
    },
    /** So much waits that whoever adds comes faster than the store takes. */
    behind: () => spans > limits.bufferSpans / 2 || bytes > limits.bufferBytes / 2,
    leave(entry: Waiting): void {
      spans -= entry.count;
      bytes -= entry.bytes;
    },
  };
}
