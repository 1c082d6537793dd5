import type { PairedResultBody } from '@wheelhouse/sdk';
import { UsageError } from './output/exit-codes.ts';

/** B may be worse than A on this scorer by no more than the margin (on the scale of the score, 0 to 1). */
export type Gate = { text: string; scorer: string; margin: number };
export type GateState = 'held' | 'failed' | 'inconclusive';

const pattern = /^([a-z][\w-]*)\s*(?:>=|≥)\s*A(?:\s*[-−]\s*(\d+(?:\.\d+)?)\s*(pp)?)?$/;

/** By its name, whatever options follow. */
const isNamed = (label: string, name: string) => label === name || label.startsWith(`${name} `);

/** Reads `exact >= A` or `exact >= A - 1pp`; throws {@link UsageError} for anything else. */
export function parseGate(text: string, scorers: string[]): Gate {
  const [, scorer = '', amount = '0', points] = pattern.exec(text.trim()) ?? [];
  const margin = Number(amount) / (points ? 100 : 1);
  if (!scorer || margin > 1)
    throw new UsageError(`--gate does not understand "${text}".`, 'Write it like "exact >= A" or "exact >= A - 1pp".');
  if (!scorers.some((label) => isNamed(label, scorer))) {
    throw new UsageError(
      `--gate names ${scorer}, which this comparison does not measure.`,
      `It measures ${scorers.join(', ')}.`,
    );
  }
  return { text: text.trim(), scorer, margin };
}

/** Held when the whole interval is at or above the margin, failed when it is all below, inconclusive when the margin is inside it. */
export function decideGate(gate: Gate, results: PairedResultBody[]): GateState {
  const result =
    results.find(({ measure }) => measure === gate.scorer) ??
    results.find(({ measure }) => isNamed(measure, gate.scorer));
  if (!result || result.low === null || result.high === null) return 'inconclusive';
  if (result.low >= -gate.margin) return 'held';
  return result.high < -gate.margin ? 'failed' : 'inconclusive';
}
