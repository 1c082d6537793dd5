import type { ScoringTarget, ScoringWorld } from '@wheelhouse/core/eval';
import { newTraceId } from '@wheelhouse/core/records';
import { simEmbedding } from '@wheelhouse/core/sim';

const unasked = (what: string) => () => Promise.reject(new Error(`${what} was not to be asked here`));

/** What scorers ask of the world: the simulated embedder, and a refusal of whatever a test does not give. */
export function fakeScoringWorld(given: Partial<ScoringWorld> = {}): ScoringWorld {
  return {
    runner: { run: unasked('a model') },
    embedder: {
      embed: async (_, texts) => ({
        ok: true,
        vectors: texts.map((text) => simEmbedding(text, 256)),
        traceId: newTraceId(new Uint8Array(16).fill(1)),
        costNanoUsd: 3n,
      }),
    },
    sandbox: { run: unasked('code') },
    signal: new AbortController().signal,
    ...given,
  };
}

/** An answer to score; what is left out is nothing. */
export const scoringTarget = (given: Partial<ScoringTarget> = {}): ScoringTarget => ({
  input: null,
  output: '',
  expected: null,
  metadata: {},
  latencyNs: null,
  costNanoUsd: null,
  spans: null,
  ...given,
});
