import { incompleteBeta } from './incomplete-beta.ts';
import type { Proportion } from './two-proportions.ts';

/** How likely so many or more of so many are when each is one with this rate (DLMF 8.17.5). */
export const binomialTail = ({ count, of }: Proportion, rate: number): number =>
  count <= 0 ? 1 : incompleteBeta(rate, count, of - count + 1);
