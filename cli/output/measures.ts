import { formatUsd } from '@wheelhouse/core/records';

/** How the numbers of one measure read: a mean, a change with its sign, and an interval of changes, in the unit of the change. */
export type MeasureFormat = {
  mean(value: number | null): string;
  change(value: number | null): string;
  interval(low: number | null, high: number | null): string;
};

type Unit = { number(magnitude: number): string; mean: string; change: string };

const none = '–';

function format({ number, mean, change }: Unit): MeasureFormat {
  const signed = (value: number) => `${value > 0 ? '+' : value < 0 ? '−' : '±'}${number(Math.abs(value))}`;
  return {
    mean: (value) => (value === null ? none : `${value < 0 ? '−' : ''}${number(Math.abs(value))}${mean}`),
    change: (value) => (value === null ? none : `${signed(value)}${change}`),
    interval: (low, high) => (low === null || high === null ? none : `${signed(low)} … ${signed(high)}`),
  };
}

/** `latency` is in seconds and `cost` in dollars; every other measure is a score from 0 to 1, shown in percent. */
export function measureFormat(measure: string, means: (number | null)[]): MeasureFormat {
  if (measure === 'cost')
    return format({ number: (value) => formatUsd(BigInt(Math.round(value * 1e9))), mean: '', change: '' });
  if (measure !== 'latency') return format({ number: (value) => (value * 100).toFixed(1), mean: ' %', change: ' pp' });
  const fast = Math.max(...means.map((mean) => mean ?? 0)) < 1;
  const number = fast
    ? (value: number) => (value * 1000).toFixed(value < 0.01 ? 1 : 0)
    : (value: number) => value.toFixed(2);
  return format({ number, mean: fast ? ' ms' : ' s', change: fast ? ' ms' : ' s' });
}
