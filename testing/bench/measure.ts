/** What several rounds gave: the middle one, and the least and the most. */
export type Measured = { median: number; low: number; high: number; rounds: number[] };

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  return below + (above - below) * (at - Math.floor(at));
}

export function measured(rounds: readonly number[]): Measured {
  return {
    median: quantile(rounds, 0.5),
    low: Math.min(...rounds),
    high: Math.max(...rounds),
    rounds: rounds.map((value) => Number(value.toPrecision(5))),
  };
}

/** Round by round, so that what disturbs the machine for a while disturbs both sides of a ratio. */
export const ratio = (over: Measured, under: Measured): Measured =>
  measured(over.rounds.map((value, i) => value / (under.rounds[i] ?? Number.NaN)));

/** Three digits that count, thousands apart. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  return value.toLocaleString('en-US', { maximumFractionDigits: size >= 100 ? 0 : size >= 10 ? 1 : 2 });
}

/** `108 (101 to 125)`, one number when the rounds agree in the digits shown. */
export function spread({ median, low, high }: Measured): string {
  const [least, most] = [figure(low), figure(high)];
  return least === most ? figure(median) : `${figure(median)} (${least} to ${most})`;
}

/** Samples are taken again, as long as there is time, when other programs took more than this share of a core. */
export const quiet = 0.15;

/** @param until in milliseconds of `performance.now` */
export async function quietest<Sample extends { strangers: number }>(
  take: () => Promise<Sample>,
  until: number,
): Promise<Sample> {
  let best = await take();
  while (best.strangers > quiet && performance.now() < until) {
    const again = await take();
    if (again.strangers < best.strangers) best = again;
  }
  return best;
}
