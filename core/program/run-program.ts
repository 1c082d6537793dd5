import { type JsonObject, type NanoUsd, WheelhouseError } from '../records/index.ts';
import { candidateOf } from './candidate.ts';
import type { Module, PredictorCall, ProgramWorld } from './module.ts';

/** What became of a run, and every call of a predictor in it, those of a run that failed too. */
export type ProgramOutcome<Output> = {
  calls: PredictorCall[];
  /** Of all calls; null: the price of some is not known. */
  costNanoUsd: NanoUsd | null;
} & ({ ok: true; output: Output } | { ok: false; error: WheelhouseError });

export function costOf(calls: readonly PredictorCall[]): NanoUsd | null {
  const asks = calls.flatMap((call) => call.asks);
  // What was not answered and has no price cost nothing; what was answered and has none cost nobody knows what.
  if (asks.some(({ text, costNanoUsd }) => text !== null && costNanoUsd === null)) return null;
  return asks.reduce((sum, { costNanoUsd }) => sum + (costNanoUsd ?? 0n), 0n);
}

/**
 * Runs a program on an input.
 * @param options rollout: which of several samples; 0 unless said
 * @returns never rejects but with the signal's reason, and with what a program's own code throws
 */
export async function runProgram<Input, Output>(
  program: Module<Input, Output>,
  input: Input,
  world: ProgramWorld,
  { rollout = 0, parameters = {} }: { rollout?: number; parameters?: JsonObject } = {},
): Promise<ProgramOutcome<Output>> {
  if (world.signal.aborted) throw world.signal.reason;
  const calls: PredictorCall[] = [];
  const candidate = candidateOf(program);
  try {
    const output = await program.forward(input, { world, path: '', candidate, calls, rollout, parameters, hints: {} });
    return { ok: true, output, calls, costNanoUsd: costOf(calls) };
  } catch (error) {
    if (world.signal.aborted) throw world.signal.reason;
    if (!(error instanceof WheelhouseError)) throw error;
    return { ok: false, error, calls, costNanoUsd: costOf(calls) };
  }
}
