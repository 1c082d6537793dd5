import { bitsFrom } from './uniform.ts';

/** Up to here every one of the 2ⁿ assignments is looked at. */
const exactUpTo = 16;
const draws = 9999;

/** Sums that differ by rounding only are equal. */
const isAsFar = (sum: number, seen: number) => Math.abs(sum) >= seen * (1 - 1e-12);

function exact(differences: readonly number[], seen: number): number {
  // By symmetry the first sign may stay; each step of a Gray code flips one other.
  const n = differences.length;
  const signs = new Int8Array(n).fill(1);
  let sum = differences.reduce((total, d) => total + d, 0);
  let [asFar, all] = [isAsFar(sum, seen) ? 1 : 0, 1];
  for (let step = 1; step < 2 ** (n - 1); step++) {
    const flip = 1 + Math.log2(step & -step);
    const sign = signs[flip] as number;
    signs[flip] = -sign;
    sum -= 2 * sign * (differences[flip] as number);
    if (isAsFar(sum, seen)) asFar++;
    all++;
  }
  return asFar / all;
}

/**
 * Two-sided permutation test that nothing differs: were the sides alike, each difference were as likely turned round. Exact
 * up to 16 differences; above, 9,999 drawn assignments and the one seen, which keeps the level.
 * Fisher, The Design of Experiments (1935), §21; Phipson & Smyth, Stat. Appl. Genet. Mol. Biol. 9:39 (2010).
 */
export function signFlipTest(differences: readonly number[], { seed }: { seed: number }): number {
  // Differences of zero never change a sum.
  const values = differences.filter((d) => d !== 0).sort((x, y) => x - y);
  const seen = Math.abs(values.reduce((sum, d) => sum + d, 0));
  if (values.length === 0) return 1;
  if (values.length <= exactUpTo) return exact(values, seen);
  const random = bitsFrom(seed);
  let asFar = 1;
  for (let draw = 0; draw < draws; draw++) {
    let sum = 0;
    let bits = 0;
    for (const [i, value] of values.entries()) {
      if (i % 32 === 0) bits = random();
      sum += (bits >>> (i % 32)) & 1 ? value : -value;
    }
    if (isAsFar(sum, seen)) asFar++;
  }
  return asFar / (draws + 1);
}
