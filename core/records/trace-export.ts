import type { RepricingStatus } from './price.ts';
import type { Nanos } from './time.ts';

/** How far it is. Its file is made of parts, each a blob of whole lines. */
export type TraceExportProgress = {
  parts: number;
  traces: number;
  bytes: number;
  /** The place after the last trace that is written; null: none yet. */
  after: string | null;
};

/** Traces that fitted when it was asked for, written to a file on the server's disk or in its bucket. */
export type TraceExport = {
  id: string;
  q: string;
  /** What `q` says of time counts from here. */
  nowNs: Nanos;
  status: RepricingStatus;
  error: string | null;
  /** Traces that fitted. */
  total: number;
  progress: TraceExportProgress;
  requestedBy: string;
  requestedAt: string;
  finishedAt: string | null;
};
