/**
 * P(Z > z) of the standard normal distribution, to about 1e-14 of its value.
 * Marsaglia's series near zero (Journal of Statistical Software 11:4, 2004), the continued fraction of DLMF 7.9.3 beyond.
 */
export function normalTail(z: number): number {
  if (z < 0) return 1 - normalTail(-z);
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  if (z < 2.5) {
    let term = z;
    let sum = z;
    for (let k = 3; term > sum * 1e-17; k += 2) {
      term *= (z * z) / k;
      sum += term;
    }
    return 0.5 - density * sum;
  }
  let fraction = z;
  for (let k = 150; k >= 1; k--) fraction = z + k / fraction;
  return density / fraction;
}
