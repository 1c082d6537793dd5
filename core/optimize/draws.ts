/** What is drawn of lists; `draw` gives numbers in (0, 1). */
export type Draw = () => number;

export const pick = <T>(items: readonly T[], draw: Draw): T => items[Math.floor(draw() * items.length)] as T;

/** In an order that is drawn, each as likely as any (Fisher and Yates). */
export function shuffled<T>(items: readonly T[], draw: Draw): T[] {
  const all = [...items];
  for (let i = all.length - 1; i > 0; i--) {
    const j = Math.floor(draw() * (i + 1));
    [all[i], all[j]] = [all[j] as T, all[i] as T];
  }
  return all;
}

/** The place of one that is drawn, each as likely as its weight says; the weights are at least 0 and not all 0. */
export function drawWeighted(weights: readonly number[], draw: Draw): number {
  let rest = draw() * weights.reduce((sum, weight) => sum + weight, 0);
  for (const [i, weight] of weights.entries()) {
    rest -= weight;
    if (rest < 0) return i;
  }
  return weights.findLastIndex((weight) => weight > 0);
}
