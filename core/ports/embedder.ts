import type { NanoUsd, TraceId } from '../records/index.ts';
import type { CancelSignal } from './world.ts';

export type EmbedOutcome =
  | {
      ok: true;
      /** One a text, in their order, all of one length. */
      vectors: number[][];
      traceId: TraceId;
      costNanoUsd: NanoUsd | null;
    }
  | { ok: false; error: string };

/** Turns texts into vectors by any embedding model, named as an OpenAI client would name it; every call is traced. */
export type Embedder = {
  embed(
    model: string,
    texts: readonly string[],
    options: {
      signal: CancelSignal;
      /** Of the trace. */
      tags?: string[];
      /** Written on the span: traces of runs are in lists only where a filter names `run`. */
      run?: { runId: string; exampleId: string; repetition: number };
    },
  ): Promise<EmbedOutcome>;
};
