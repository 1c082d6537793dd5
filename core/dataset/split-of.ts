import { canonicalJson, contentHash, type ExampleContent, type SplitRule } from '../records/index.ts';
import { valueAt } from './paths.ts';

/** What rows of one group have in common; the input, where what was named is not there. */
function groupOf(row: ExampleContent, by: string): string {
  const value =
    by === 'input' ? row.input : valueAt({ input: row.input, expected: row.expected, metadata: row.metadata }, by);
  return canonicalJson(value === undefined || value === null ? row.input : value);
}

/** From 0 to 1, as good as by chance, the same for the same text. */
export function shareOf(text: string): number {
  return Number.parseInt(contentHash(text).slice(0, 12), 16) / 2 ** 48;
}

/** The split of a row: the part in which the hash of its group falls. */
export function splitOf(row: ExampleContent, { parts, by, seed }: SplitRule): string | null {
  const names = Object.keys(parts).sort();
  const total = names.reduce((sum, name) => sum + (parts[name] ?? 0), 0);
  let at = shareOf(`${seed}\u0000${groupOf(row, by)}`) * total;
  for (const name of names) {
    at -= parts[name] ?? 0;
    if (at < 0) return name;
  }
  return names.at(-1) ?? null;
}
