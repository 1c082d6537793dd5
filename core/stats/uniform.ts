import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** The generator's state begins nearly empty; its first numbers are not yet random. */
const thrownAway = 32;

/**
 * Spreads a seed over 32 bits, since the generator's numbers for neighbouring seeds hang together.
 * The last step of MurmurHash3 (A. Appleby), which is one-to-one.
 */
function mixed(seed: number): number {
  let bits = (seed ^ 0x9e3779b9) >>> 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}

/** Whole numbers of 32 random bits that only the seed, a whole number of 32 bits, decides. */
export function bitsFrom(seed: number): () => number {
  const generator = xoroshiro128plus(mixed(seed));
  for (let i = 0; i < thrownAway; i++) generator.next();
  return () => generator.next();
}

/** Numbers in (0, 1), made of {@link bitsFrom}. */
export function uniformFrom(seed: number): () => number {
  const bits = bitsFrom(seed);
  return () => ((bits() >>> 0) + 0.5) / 4294967296;
}
