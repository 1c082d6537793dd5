import { canonicalJson, type Json } from '../records/index.ts';
import type { CalledTool } from './steps/read-tool-calls.ts';

/** Calls of one answer, in their order. */
export type ToolCalls = readonly CalledTool[];
/** Of two versions asked the same, as often as each was. */
type ToolRow = { before: readonly ToolCalls[]; after: readonly ToolCalls[] };

/**
 * `arguments`: the same tools in the same order, called otherwise; `order`: the same calls in another order; `tools`: others, or
 * more or fewer of them.
 */
type ToolChange = 'same' | 'arguments' | 'order' | 'tools';

/** How often a tool is called, as a mean over answers. */
type ToolUse = { name: string; before: number; after: number };

export type ToolBehaviour = {
  /** By row; null: no tool is called on either side, or one of them did not answer. */
  rows: (ToolChange | null)[];
  counts: Record<ToolChange, number>;
  /** Those whose use changed most, first. */
  tools: ToolUse[];
};

/** A place in two lists of calls: `null` where one of them has no call of that name there. */
type AlignedCall = { name: string; before: Json | null; after: Json | null };

const namesOf = (calls: ToolCalls) => canonicalJson(calls.map(({ name }) => name));
const textsOf = (calls: ToolCalls) => calls.map((call) => canonicalJson([call.name, call.arguments]));
const inOrder = (calls: ToolCalls) => canonicalJson(textsOf(calls));
const asSet = (calls: ToolCalls) => canonicalJson(textsOf(calls).sort());

function rowOf({ before, after }: ToolRow): ToolChange | null {
  if (before.length === 0 || after.length === 0) return null;
  if ([...before, ...after].every(({ length }) => length === 0)) return null;
  const shared = (of: (calls: ToolCalls) => string) => {
    const known = new Set(before.map(of));
    return after.some((calls) => known.has(of(calls)));
  };
  if (shared(inOrder)) return 'same';
  if (shared(asSet)) return 'order';
  return shared(namesOf) ? 'arguments' : 'tools';
}

function meansOf(all: readonly ToolCalls[]): Map<string, number> {
  const means = new Map<string, number>();
  for (const { name } of all.flat()) means.set(name, (means.get(name) ?? 0) + 1 / all.length);
  return means;
}

/** Which tools two versions call, input by input: the same when some answer of the new one calls what some answer of the old one called. */
export function compareTools(rows: readonly ToolRow[]): ToolBehaviour {
  const found = rows.map(rowOf);
  const counts = { same: 0, arguments: 0, order: 0, tools: 0 };
  for (const kind of found) if (kind !== null) counts[kind]++;
  const [before, after] = [
    meansOf(rows.flatMap((row) => [...row.before])),
    meansOf(rows.flatMap((row) => [...row.after])),
  ];
  const tools = [...new Set([...before.keys(), ...after.keys()])]
    .map((name) => ({ name, before: before.get(name) ?? 0, after: after.get(name) ?? 0 }))
    .sort((a, b) => Math.abs(b.after - b.before) - Math.abs(a.after - a.before) || (a.name < b.name ? -1 : 1));
  return { rows: found, counts, tools };
}

/** Two lists of calls beside each other: the longest sequence of names that both have stands in both, in its order. */
export function alignCalls(before: ToolCalls, after: ToolCalls): AlignedCall[] {
  const lengths = Array.from({ length: before.length + 1 }, () => new Array<number>(after.length + 1).fill(0));
  const at = (i: number, j: number) => lengths[i]?.[j] ?? 0;
  const fits = (i: number, j: number) => before[i]?.name === after[j]?.name;
  for (let i = before.length - 1; i >= 0; i--)
    for (let j = after.length - 1; j >= 0; j--) {
      const row = lengths[i];
      if (row) row[j] = fits(i, j) ? 1 + at(i + 1, j + 1) : Math.max(at(i + 1, j), at(i, j + 1));
    }
  const aligned: AlignedCall[] = [];
  for (let i = 0, j = 0; i < before.length || j < after.length; ) {
    const [old, now] = [before[i], after[j]];
    if (old && now && fits(i, j)) {
      aligned.push({ name: old.name, before: old.arguments, after: now.arguments });
      i++;
      j++;
    } else if (old && (!now || at(i + 1, j) >= at(i, j + 1))) {
      aligned.push({ name: old.name, before: old.arguments, after: null });
      i++;
    } else if (now) {
      aligned.push({ name: now.name, before: null, after: now.arguments });
      j++;
    }
  }
  return aligned;
}
