/** Money is integer nano-dollars (1e-9 USD), so that sums are exact. */
export type NanoUsd = bigint;

/** Of dollars in decimal digits: `2`, `0.5`; at most nine after the point. */
export function parseUsd(dollars: string): NanoUsd {
  const [whole = '', fraction = ''] = dollars.split('.');
  return BigInt(whole || '0') * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'));
}

/** `$0.00124`: at least four significant digits for small amounts, cents for large ones; `?` when the price is unknown. */
export function formatUsd(nano: NanoUsd | null): string {
  if (nano === null) return '?';
  if (nano === 0n) return '$0';
  const negative = nano < 0n;
  const abs = negative ? -nano : nano;
  const dollars = Number(abs) / 1e9;
  const digits = dollars >= 1 ? 2 : Math.min(9, Math.max(3, 2 - Math.floor(Math.log10(dollars))));
  return `${negative ? '−' : ''}$${dollars.toFixed(digits)}`;
}
