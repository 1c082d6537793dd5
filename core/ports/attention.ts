import type { Nanos, ProjectId } from '../records/index.ts';

/** Traces that began in a time, and those of them that failed. */
export type FailureCount = { count: number; errors: number };

/** What traces are held against each other by. */
export const failureFields = ['model', 'tool', 'name'] as const;
export type FailureField = (typeof failureFields)[number];

export type FailureGroup = { field: FailureField; value: string; now: FailureCount; before: FailureCount };

/** Nanoseconds, estimated within 1 %, of calls that were measured. */
export type CallLatency = {
  calls: number;
  p95: Nanos;
  /** Quantiles from 0.80 to 0.99, in steps of 0.01. */
  tail: Nanos[];
};

export type ModelCalls = {
  model: string;
  /** In the time. */
  calls: number;
  /** Of these, those without a known price. */
  unpriced: number;
  /** null: none was measured. */
  now: CallLatency | null;
  /** Of the seven days before the time. */
  usual: CallLatency | null;
};

/** Reads for what needs somebody's attention: few rows out of what is summed already, evaluations left out. */
export type AttentionReads = {
  /**
   * By model, tool and name, those with `least` traces or more both in the time and in the one as long before it; the
   * most frequent hundred of each.
   */
  failures(
    project: ProjectId,
    ask: { fromNs: Nanos; untilNs: Nanos; least: number },
  ): Promise<{ traces: number; groups: FailureGroup[] }>;
  /** The hundred models that were called most. Both ends are whole minutes. */
  calls(project: ProjectId, ask: { fromNs: Nanos; untilNs: Nanos }): Promise<ModelCalls[]>;
};
