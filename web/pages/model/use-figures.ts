import type { ResponseBody } from '@wheelhouse/sdk';
import { count } from '../../data/format.ts';

export type VersionUse = ResponseBody<'listModelUse'>['data'][number];
type Score = VersionUse['scores'][number];

/** Nano-dollars, of the calls whose price is known; null: of none. */
export function perCall({ costNanoUsd, calls, unpriced }: VersionUse): string | null {
  const priced = calls - unpriced;
  return costNanoUsd === null || priced <= 0 ? null : String(BigInt(costNanoUsd) / BigInt(priced));
}

/** The mean with how many it is of, or the newest where there is none. */
export const scoreText = (score: Score): string =>
  score.mean === null ? String(score.newest) : `${score.mean.toFixed(2)} (n=${count(score.count)})`;
