import { formatDuration } from '@wheelhouse/core/records';
import type { TrackedRunBody } from '@wheelhouse/sdk';

/** Short, and exact enough to tell two runs apart. */
export function metricText(value: number | null): string {
  if (value === null) return 'NaN';
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1.797e308) return value > 0 ? '∞' : '−∞';
  const text = size >= 1e6 || size < 1e-4 ? value.toExponential(3) : String(Number(value.toPrecision(5)));
  return text.replace('-', '−').replace('e−', 'e-');
}

/** How long it took, or has been going for. */
export function timeTaken({ startMs, endMs }: Pick<TrackedRunBody, 'startMs' | 'endMs'>, nowMs: number): string {
  if (startMs === null) return '–';
  return formatDuration(BigInt(Math.max(0, Math.round((endMs ?? nowMs) - startMs))) * 1_000_000n);
}

type Named = { key: string };

/** Names by how many runs have them, the most common first; then by name. */
export function commonKeys(lists: readonly (readonly Named[])[]): string[] {
  const counts = new Map<string, number>();
  for (const list of lists) for (const { key } of list) counts.set(key, (counts.get(key) ?? 0) + 1);
  return [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).map(([key]) => key);
}

/** Keys whose values are not the same in all runs; a key that one lacks is one. */
export function differingKeys(lists: readonly (readonly { key: string; value: string }[])[]): string[] {
  const maps = lists.map((list) => new Map(list.map(({ key, value }) => [key, value])));
  const keys = [...new Set(maps.flatMap((map) => [...map.keys()]))].sort();
  return keys.filter((key) => new Set(maps.map((map) => map.get(key))).size > 1);
}

/** Round numbers from the lowest to the highest, about as many as wanted and rather more than fewer. */
export function ticksBetween(low: number, high: number, wanted = 4): number[] {
  if (!(high > low)) return [low];
  const rough = (0.75 * (high - low)) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((one) => one * power).find((one) => one >= rough) ?? rough;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}
