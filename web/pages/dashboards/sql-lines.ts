export type SqlData = { columns: { name: string; type: string }[]; rows: unknown[][] };
type SqlLines = {
  times: { fromMs: number; stepMs: number; size: number };
  lines: { name: string; values: (number | null)[] }[];
};

const mostSteps = 2000;

/** Times as ClickHouse writes them are UTC. */
function timeOf(value: unknown): number | null {
  if (typeof value !== 'string') return null;
  const ms = Date.parse(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?$/.test(value) ? `${value.replace(' ', 'T')}Z` : value);
  return Number.isNaN(ms) ? null : ms;
}

function numberOf(value: unknown): number | null {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
}

/** Whether a type of ClickHouse is one of numbers, which come as text where they may be large. */
export const isNumeric = (type: string): boolean => /^(?:Nullable\()?(?:U?Int|Float|Decimal)/.test(type);

/** Lines over the times of the first column, each in its step; null when it has none, or no numbers. */
export function sqlLines({ columns, rows }: SqlData): SqlLines | null {
  const [, ...others] = columns.map(({ name, type }, at) => ({ name, at, isNumber: isNumeric(type) }));
  const measured = others.filter(({ isNumber }) => isNumber);
  const timed = rows.flatMap((row) => {
    const ms = timeOf(row[0]);
    return ms === null ? [] : [{ ms, row }];
  });
  const sorted = [...new Set(timed.map(({ ms }) => ms))].sort((a, b) => a - b);
  const [from, until] = [sorted[0], sorted.at(-1)];
  if (from === undefined || until === undefined || measured.length === 0 || timed.length < rows.length) return null;
  const gaps = sorted.slice(1).map((ms, i) => ms - (sorted[i] ?? ms));
  const stepMs = Math.max(Math.min(...gaps, until - from || 60_000), (until - from) / mostSteps);
  const size = Math.round((until - from) / stepMs) + 1;
  const lines = measured.map(({ name, at }) => {
    const values: (number | null)[] = new Array<null>(size).fill(null);
    for (const { ms, row } of timed) values[Math.round((ms - from) / stepMs)] = numberOf(row[at]);
    return { name, values };
  });
  return { times: { fromMs: from, stepMs, size }, lines };
}
