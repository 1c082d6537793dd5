/** What one trace tells. */
export type DriftRow = {
  id: string;
  atMs: number;
  /** Rows of one group, such as a conversation, hang together: the first one speaks for it. */
  group: string;
  numbers: Readonly<Record<string, number | null>>;
  labels: Readonly<Record<string, string | null>>;
  /** How often something was in it, by its name: calls of each tool. */
  mixes?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  texts: Readonly<Record<string, string>>;
  /** Embeddings of texts, all of one name of one length. */
  vectors?: Readonly<Record<string, readonly number[]>>;
};

/** One value, topic or range of numbers, and which share of each side it is. */
export type DriftPart = {
  name: string;
  before: number;
  now: number;
  /** Some of the rows now, where its share grew. */
  ids: string[];
};

export const driftKinds = ['number', 'label', 'mix', 'text', 'vector'] as const;

export type DriftFeature = {
  name: string;
  kind: (typeof driftKinds)[number];
  /** How likely it looks at least so different by chance, corrected for how many features were looked at. */
  p: number;
  /**
   * Numbers: how far they moved on average, in standard deviations of before. Labels and mixes: Jensen–Shannon. Texts and
   * vectors: MMD².
   */
  distance: number;
  /** Population stability index; null: not of texts and vectors. */
  stability: number | null;
  drifted: boolean;
  sentence: string;
  /** When it changed, where that is clear. */
  sinceMs: number | null;
  /** Some of the rows that moved it. */
  ids: string[];
  /** What both sides are made of: those that changed most first, of numbers from low to high; none of texts. */
  parts: DriftPart[];
};

export type Side = readonly DriftRow[];

/** A feature before all p-values are corrected together. */
export type Looked = Omit<DriftFeature, 'p' | 'drifted' | 'sinceMs'> & {
  raw: number;
  /** What every row says, as a number, for when it changed. */
  order: ((row: DriftRow) => number | null) | null;
};

/** Fewer say nothing. */
export const leastRows = 20;
/** Of the corrected p-value, so many splits can tell that it is below the level. */
export const splits = 1999;
export const idsShown = 5;
const partsShown = 8;

export const percent = (share: number): string => `${Number((100 * share).toPrecision(2))} %`;

/** Those that changed most. */
export const mostChanged = (parts: readonly DriftPart[]): DriftPart[] =>
  parts
    .toSorted((one, other) => Math.abs(other.now - other.before) - Math.abs(one.now - one.before))
    .slice(0, partsShown);

/** Evenly over the time. */
export function thinned<T>(rows: readonly T[], most: number): T[] {
  if (rows.length <= most) return [...rows];
  return Array.from({ length: most }, (_, i) => rows[Math.floor((i * rows.length) / most)]).flatMap((row) => row ?? []);
}
