import { isJsonObject, type Json, type JsonObject, type NewRow, type ScorerResult } from '@wheelhouse/core/records';

/** What is not the same here, or has no twin at all. */
export type Remark = { of: string; said: string };

/** A record that could not be read, where it stands. */
export type Problem = { file: string; at: number; error: string };

/** A row, and what results of it are known by. */
export type DraftRow = { dataset: string; key: string | null; row: NewRow; source: JsonObject | null };

export type DraftDataset = {
  name: string;
  description: string;
  /** Says where it is from; by it a dataset is known again. */
  source: string;
  schema: { input: JsonObject | null; expected: JsonObject | null } | null;
};

/** What answered, or judges: a prompt of the registry. */
export type DraftModel = {
  name: string;
  definition: JsonObject;
  description: string;
  /** What it is filled in with: values of any type. */
  variables: string[];
};

/** One answer that was given there. */
export type DraftCell = {
  /** Of the row: its key, or the hash of its content. */
  row: { key: string } | { hash: string };
  output: string | null;
  error: string | null;
  scores: Record<string, ScorerResult>;
  /** 0: nobody measured it. */
  latencyNs: bigint;
  costNanoUsd: bigint | null;
  traceId: string | null;
};

export type DraftRun = { id: string; label: string; madeAt: string; cells: DraftCell[] };

/** Runs over one dataset, which can be compared. */
export type DraftEvaluation = { name: string; dataset: string; runs: DraftRun[] };

/** A scorer of the server's; with `model` a judge, asked at the version that it gets; or a function in the file. */
export type ScorerText = { name: string; options: JsonObject; model?: DraftModel } | { name: string; code: string };

export type DraftFile = {
  /** Of the file, without its ending. */
  name: string;
  title: string;
  dataset: string;
  runs: (string | DraftModel)[];
  scorers: ScorerText[];
  /** Sentences that stand above it. */
  notes: string[];
};

export type Draft = {
  datasets: DraftDataset[];
  models: DraftModel[];
  evaluations: DraftEvaluation[];
  files: DraftFile[];
  /** Events for Langfuse's ingestion. */
  events: JsonObject[];
  /** Prompts as Langfuse's API gives them. */
  prompts: JsonObject[];
  remarks: Remark[];
};

export const emptyDraft = (): Draft => ({
  ...{ datasets: [], models: [], evaluations: [], files: [], events: [], prompts: [], remarks: [] },
});

/** Reads the records of one tool's exports; first all of them, then those that are rows again. */
export type ExportReader = {
  /** Whether a record is known; one that is not may hold some. */
  knows(record: JsonObject): boolean;
  /** Each record once, in any order. */
  take(record: JsonObject, place: { file: string; at: number }): void;
  /** When all were taken. */
  draft(): Draft;
  /** After {@link ExportReader.draft}; text: why it cannot be taken. */
  rowsOf(record: JsonObject, place: { file: string; at: number }): (DraftRow | string)[];
};

/** A name that a dataset, a model or a file may have. */
export const nameOf = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z]+|[^a-z0-9]+$/g, '')
    .slice(0, 80) || 'imported';

export const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

/** An answer as text: the one text that it holds, text itself, anything else as JSON. */
export function answerText(value: Json | undefined): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const [only, ...others] = Object.values(value);
    if (typeof only === 'string' && others.length === 0) return only;
  }
  return JSON.stringify(value ?? null);
}

export const objects = (value: Json | undefined): JsonObject[] =>
  Array.isArray(value) ? value.filter(isJsonObject) : [];

/** What a file is called, without folders and endings. */
export const bareName = (file: string): string =>
  (file.split(/[\\/]/).at(-1) ?? file).replace(/\.(?:jsonl?|ndjson|csv)(?:\.gz)?$/i, '');

export function groupBy<T>(all: Iterable<T>, keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const group = groups.get(keyOf(one)) ?? [];
    group.push(one);
    groups.set(keyOf(one), group);
  }
  return groups;
}
