import type { Evaluation } from './evaluate.ts';

/** `held` when all are; `failed` when one is; else `inconclusive`. Without gates there is nothing to fail. */
export function gatesOf({ gateResults }: Pick<Evaluation, 'gateResults'>): 'held' | 'failed' | 'inconclusive' {
  const states = gateResults.map(({ state }) => state);
  if (states.includes('failed')) return 'failed';
  return states.includes('inconclusive') ? 'inconclusive' : 'held';
}

function reportOf({ id, status, error, gateResults }: Evaluation): string {
  if (status !== 'completed') return `Evaluation ${id} is ${status}${error === null ? '' : `: ${error}`}`;
  return gateResults.map(({ text, sentence }) => `${text}\n  ${sentence}`).join('\n');
}

/**
 * Throws what the gates say unless the evaluation is complete and every gate held; for any test runner.
 * @throws Error
 */
export function assertGates(evaluation: Evaluation): void {
  if (evaluation.status !== 'completed' || gatesOf(evaluation) !== 'held') throw new Error(reportOf(evaluation));
}

/** For `expect.extend` of vitest and jest: `expect(await evaluate(…)).toHoldGates()`. */
export const evaluationMatchers = {
  toHoldGates(evaluation: Evaluation) {
    const pass = evaluation.status === 'completed' && gatesOf(evaluation) === 'held';
    return { pass, message: () => reportOf(evaluation) };
  },
};
