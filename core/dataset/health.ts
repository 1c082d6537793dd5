import type { Breathe } from '../ports/index.ts';
import { canonicalJson, type Example } from '../records/index.ts';
import { createLanguageDetector, findPii } from '../text/index.ts';
import { findFar, type Histogram, histogramOf, quantileOf } from './distribution.ts';
import { findNearDuplicates, normalText } from './near-duplicates.ts';
import { textOfValue } from './row-text.ts';
import { clusterVectors, nearestSimilarity, projectToPlane, wordsOfClusters } from './vectors.ts';

/** What is listed of each finding; the others are counted. */
const listed = 50;
const shown = 200;
/** Points of the map, and rows that others are compared with by meaning. */
const mapped = 1_500;
const mostClusters = 8;
const leastPromptText = 20;

/** What health looks at of a row. */
export type HealthRow = Pick<Example, 'id' | 'split' | 'tags'> & {
  input: string;
  normal: string;
  expected: string;
};

export const toHealthRow = (row: Example): HealthRow => {
  const input = textOfValue(row.input);
  return {
    ...{ id: row.id, split: row.split, tags: row.tags, input, normal: normalText(input) },
    expected: row.expected === null ? '' : canonicalJson(row.expected),
  };
};

export type HealthWorld = {
  /** A unit vector of a text. */
  embed(text: string): number[];
  breathe: Breathe;
};

type Found = { rows: number; ids: string[] };

export type HealthReport = {
  rows: number;
  /** Rows of the sample that everything else is about; all of them where they are few. */
  looked: number;
  duplicates: {
    near: number;
    exactRows: number;
    nearRows: number;
    clusters: { ids: string[]; size: number; similarity: number; text: string }[];
  };
  leakage: {
    splits: { splits: [string, string]; rows: number; pairs: [string, string][] }[];
    prompts: { prompt: string; rows: number; ids: string[] }[];
  };
  conflicts: { inputs: number; list: { text: string; ids: string[]; expected: string[] }[] };
  outliers: { short: Found; long: Found; unlike: Found };
  personal: { rows: number; kinds: Record<string, number>; ids: string[] };
  languages: { language: string; rows: number }[];
  /** null: nothing came from production lately. */
  coverage: {
    traces: number;
    /** Share of recent inputs that are as near to some row as rows are to each other. */
    covered: number;
    gaps: { words: string[]; size: number; traceIds: string[]; text: string }[];
  } | null;
  lengths: { input: Histogram | null; expected: Histogram | null };
  /** How often each expected value comes, where there are few. */
  expected: { value: string; rows: number }[];
  map: {
    explained: [number, number];
    clusters: { words: string[]; size: number }[];
    points: { id: string; x: number; y: number; cluster: number }[];
  };
};

const found = (rows: readonly HealthRow[]): Found => ({
  rows: rows.length,
  ids: rows.slice(0, listed).map(({ id }) => id),
});
const cut = (text: string) => text.slice(0, shown);

function duplicatesOf(
  rows: readonly HealthRow[],
  clusters: Awaited<ReturnType<typeof findNearDuplicates>>,
  near: number,
) {
  const surplus = (some: typeof clusters) => some.reduce((sum, { members }) => sum + members.length - 1, 0);
  return {
    near,
    exactRows: rows.length - new Set(rows.map(({ normal }) => normal)).size,
    nearRows: surplus(clusters),
    clusters: clusters.slice(0, listed).map(({ members, similarity }) => ({
      ids: members.slice(0, listed).map((i) => rows[i]?.id ?? ''),
      size: members.length,
      similarity,
      text: cut(rows[members[0] ?? 0]?.input ?? ''),
    })),
  };
}

/** Rows of different splits that are the same or nearly so: what was learnt by heart is no test. */
function splitLeakage(rows: readonly HealthRow[], clusters: readonly { members: number[] }[]) {
  const found = new Map<string, { splits: [string, string]; rows: number; pairs: [string, string][] }>();
  for (const { members } of clusters) {
    const bySplit = new Map<string, HealthRow[]>();
    for (const row of members.flatMap((i) => rows[i] ?? []))
      if (row.split !== null) bySplit.set(row.split, [...(bySplit.get(row.split) ?? []), row]);
    const splits = [...bySplit.keys()].sort();
    for (const [at, a] of splits.entries())
      for (const b of splits.slice(at + 1)) {
        const [ofA, ofB] = [bySplit.get(a) ?? [], bySplit.get(b) ?? []];
        const known = found.get(`${a}\u0000${b}`) ?? { splits: [a, b] as [string, string], rows: 0, pairs: [] };
        known.rows += Math.min(ofA.length, ofB.length);
        if (known.pairs.length < listed) known.pairs.push([ofA[0]?.id ?? '', ofB[0]?.id ?? '']);
        found.set(`${a}\u0000${b}`, known);
      }
  }
  return [...found.values()].sort((a, b) => b.rows - a.rows);
}

async function promptLeakage(rows: readonly HealthRow[], prompts: readonly Prompt[], { breathe }: HealthWorld) {
  const leaks: HealthReport['leakage']['prompts'] = [];
  for (const { prompt, text } of prompts) {
    const normal = normalText(text);
    const inside = rows.filter((row) => row.normal.length >= leastPromptText && normal.includes(row.normal));
    if (inside.length > 0) leaks.push({ prompt, ...found(inside) });
    await breathe();
  }
  return leaks;
}

function conflictsOf(rows: readonly HealthRow[]): HealthReport['conflicts'] {
  const byInput = new Map<string, HealthRow[]>();
  for (const row of rows) {
    if (row.expected === '') continue;
    const known = byInput.get(row.normal);
    if (known) known.push(row);
    else byInput.set(row.normal, [row]);
  }
  const list = [...byInput.values()]
    .map((some) => ({ some, expected: [...new Set(some.map(({ expected }) => expected))] }))
    .filter(({ expected }) => expected.length > 1);
  return {
    inputs: list.length,
    list: list.slice(0, listed).map(({ some, expected }) => ({
      text: cut(some[0]?.input ?? ''),
      ids: some.slice(0, listed).map(({ id }) => id),
      expected: expected.slice(0, 10).map(cut),
    })),
  };
}

function lengthOutliers(rows: readonly HealthRow[]): { short: Found; long: Found } {
  const lengths = rows.map(({ input }) => input.length);
  const far = findFar(lengths).flatMap((i) => rows[i] ?? []);
  const middle = quantileOf(
    [...lengths].sort((a, b) => a - b),
    0.5,
  );
  return {
    short: found(far.filter(({ input }) => input.length < middle)),
    long: found(far.filter(({ input }) => input.length >= middle)),
  };
}

async function textProfile(rows: readonly HealthRow[], { breathe }: HealthWorld) {
  const detect = createLanguageDetector();
  const kinds: Record<string, number> = {};
  const languages = new Map<string, number>();
  const personal: HealthRow[] = [];
  for (const row of rows) {
    const findings = new Set(findPii(`${row.input}\n${row.expected}`).map(({ kind }) => kind));
    for (const kind of findings) kinds[kind] = (kinds[kind] ?? 0) + 1;
    if (findings.size > 0) personal.push(row);
    const language = detect(row.input.slice(0, 500))?.code ?? 'unknown';
    languages.set(language, (languages.get(language) ?? 0) + 1);
    await breathe();
  }
  return {
    personal: { ...found(personal), kinds },
    languages: [...languages].map(([language, count]) => ({ language, rows: count })).sort((a, b) => b.rows - a.rows),
  };
}

const clusterCount = (size: number) => Math.max(1, Math.min(mostClusters, Math.round(Math.sqrt(size / 2))));

/** Recent inputs that are farther from every row than nearly all rows are from each other, in groups. */
async function coverageOf(
  recent: readonly Recent[],
  { vectors, least, world }: { vectors: readonly number[][]; least: number; world: HealthWorld },
): Promise<HealthReport['coverage']> {
  if (recent.length === 0) return null;
  const inputs = recent.map(({ text }) => world.embed(text));
  const nearest = await nearestSimilarity(inputs, vectors, world.breathe);
  const outside = recent.flatMap((one, i) => ((nearest[i] ?? 0) < least ? [{ ...one, vector: inputs[i] ?? [] }] : []));
  const of = outside.map(({ vector }) => vector);
  const clusters = await clusterVectors(of, clusterCount(outside.length), world.breathe);
  const words = wordsOfClusters(
    outside.map(({ text }) => text),
    clusters,
  );
  const gaps = words.map((told, cluster) => {
    const own = outside.filter((_, i) => clusters[i] === cluster);
    const traceIds = own.slice(0, listed).map(({ traceId }) => traceId);
    return { words: told, size: own.length, traceIds, text: cut(own[0]?.text ?? '') };
  });
  return {
    traces: recent.length,
    covered: 1 - outside.length / recent.length,
    gaps: gaps.sort((a, b) => b.size - a.size),
  };
}

function expectedValues(rows: readonly HealthRow[]): HealthReport['expected'] {
  const counts = new Map<string, number>();
  for (const { expected } of rows) if (expected !== '') counts.set(expected, (counts.get(expected) ?? 0) + 1);
  if (counts.size > listed) return [];
  return [...counts].map(([value, count]) => ({ value: cut(value), rows: count })).sort((a, b) => b.rows - a.rows);
}

async function mapOf(rows: readonly HealthRow[], vectors: readonly number[][], { breathe }: HealthWorld) {
  const { points, explained } = await projectToPlane(vectors, breathe);
  const clusters = await clusterVectors(vectors, clusterCount(rows.length), breathe);
  const words = wordsOfClusters(
    rows.map(({ input }) => input),
    clusters,
  );
  const round = (value: number) => Math.round(value * 10_000) / 10_000;
  return {
    explained,
    clusters: words.map((told, cluster) => ({ words: told, size: clusters.filter((one) => one === cluster).length })),
    points: rows.map(({ id }, i) => ({
      ...{ id, x: round(points[i]?.[0] ?? 0), y: round(points[i]?.[1] ?? 0), cluster: clusters[i] ?? 0 },
    })),
  };
}

export type Prompt = { prompt: string; text: string };
export type Recent = { traceId: string; text: string };

export type HealthAsk = {
  /** Rows of the dataset; `rows` may be a sample of them. */
  total: number;
  rows: readonly HealthRow[];
  /** How alike two inputs are that count as nearly the same, from 0 to 1. */
  near: number;
  /** What models say that are registered, to find rows that stand in it. */
  prompts: readonly Prompt[];
  /** What production was asked lately. */
  recent: readonly Recent[];
};

/**
 * What is wrong with a dataset, and what is in it. Distances are by the vectors of the given embedder. Rows are unlike the
 * others when their nearest row is farther than the lower quartile by three times the distance of the quartiles.
 */
export async function examineRows(ask: HealthAsk, world: HealthWorld): Promise<HealthReport> {
  const { rows, near } = ask;
  const clusters = await findNearDuplicates(
    rows.map(({ normal }) => normal),
    { least: near, breathe: world.breathe },
  );
  const step = Math.max(1, Math.ceil(rows.length / mapped));
  const some = rows.filter((_, i) => i % step === 0);
  const vectors: number[][] = [];
  for (const row of some) {
    vectors.push(world.embed(row.input));
    await world.breathe();
  }
  const alike = await nearestSimilarity(vectors, vectors, world.breathe);
  const sorted = [...alike].sort((a, b) => a - b);
  const [lower, upper] = [quantileOf(sorted, 0.25), quantileOf(sorted, 0.75)];
  const unlike = some.length < 20 ? [] : some.filter((_, i) => (alike[i] ?? 0) < lower - 3 * (upper - lower));
  const { personal, languages } = await textProfile(rows, world);
  const expected = rows.filter((row) => row.expected !== '').map((row) => row.expected.length);
  return {
    rows: ask.total,
    looked: rows.length,
    duplicates: duplicatesOf(rows, clusters, near),
    leakage: { splits: splitLeakage(rows, clusters), prompts: await promptLeakage(rows, ask.prompts, world) },
    conflicts: conflictsOf(rows),
    outliers: { ...lengthOutliers(rows), unlike: found(unlike) },
    ...{ personal, languages },
    coverage: await coverageOf(ask.recent, { vectors, least: quantileOf(sorted, 0.05), world }),
    lengths: { input: histogramOf(rows.map(({ input }) => input.length)), expected: histogramOf(expected) },
    expected: expectedValues(rows),
    map: await mapOf(some, vectors, world),
  };
}
