import type { Uniform } from './simulation.ts';

/** Standard normal, by Box and Muller. */
export const normal = (u: Uniform): number => Math.sqrt(-2 * Math.log(u())) * Math.cos(2 * Math.PI * u());

export const exponential = (u: Uniform): number => -Math.log(u());

/** How many of so many tosses come up. */
export function binomial(u: Uniform, tosses: number, rate: number): number {
  let count = 0;
  for (let i = 0; i < tosses; i++) if (u() < rate) count++;
  return count;
}
