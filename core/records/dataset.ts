import type { DatasetId, ExampleId, ProjectId, SpanId, TraceId } from './ids.ts';
import { canonicalJson, type Json, type JsonObject } from './json.ts';

/** What rows must be, as JSON Schema (2020-12); null: anything. */
export type DatasetSchema = { input: JsonObject | null; expected: JsonObject | null; metadata: JsonObject | null };

/**
 * Which split a row belongs to, decided by the hash of its group alone, so that it stays there however many rows come.
 * Rows of one group are never in two splits.
 */
export type SplitRule = {
  /** Names and their shares, in any unit: `{train: 80, test: 20}`. */
  parts: Record<string, number>;
  /** What is equal within a group: `input`, or a path such as `metadata.customer`. */
  by: string;
  /** Another seed, another division. */
  seed: string;
};

/** Where the data is from, and what may be done with it. */
export type DatasetOrigin = {
  source: string;
  /** For example an SPDX identifier; empty: not said. */
  licence: string;
  /** What the people whose data it is agreed to; empty: not said. */
  consent: string;
};

export type Dataset = DatasetOrigin & {
  id: DatasetId;
  name: string;
  description: string;
  schema: DatasetSchema;
  /** null: a row has the split that it came with. */
  splits: SplitRule | null;
  recipe: Recipe | null;
  /** Names of versions, for example `{golden: 3}`. */
  aliases: Record<string, number>;
  /** Newest frozen version; 0 before the first. */
  head: number;
  /** Examples in the draft, which the next freeze makes version `head + 1`. */
  draftCount: number;
  /** Whether the draft differs from the head. */
  changed: boolean;
  createdAt: string;
};

export type DatasetVersion = {
  number: number;
  /** Covers ids, contents, tags, splits and weights of the examples, in order. */
  hash: string;
  count: number;
  /** What the version was made from, as lineage references, for example `dataset:raw@3`. */
  madeFrom: string[];
  createdAt: string;
};

/** The content of an example; stored once per content hash. */
export type ExampleContent = { input: Json; expected: Json; metadata: JsonObject };

/** What is said of an example beside its content. */
export type ExampleLabels = {
  /** Sorted, each once. */
  tags: string[];
  split: string | null;
  /** How much it counts; 1 unless said otherwise. */
  weight: number;
};

export type Example = ExampleContent &
  ExampleLabels & {
    id: ExampleId;
    /** Hash of input, expected and metadata. */
    hash: string;
    source: { traceId: TraceId; spanId: SpanId } | null;
    /** When the trace that it was made of was deleted, and its content with it; ISO 8601, UTC. */
    erasedAt: string | null;
    /** Grows from row to row; a row that is changed keeps it. */
    place: number;
  };

/** An example without its content. The hash of one that was erased stays, so that its version's hash holds. */
export type ExampleMember = Omit<Example, keyof ExampleContent>;

export const noLabels: ExampleLabels = { tags: [], split: null, weight: 1 };

/** Of a member what its version's hash covers: the hash is SHA-256 of these texts as a JSON list. */
export const memberText = ({ id, hash, split, tags, weight }: Omit<ExampleMember, 'source' | 'erasedAt' | 'place'>) =>
  canonicalJson([id, hash, split, tags, weight]);

/** What one example is in two versions, or in a version and the draft. */
export type MemberDifference = {
  id: ExampleId;
  kind: 'added' | 'removed' | 'changed';
  before: ExampleMember | null;
  after: ExampleMember | null;
};

/** A row as it comes from outside, before it is an example. */
export type NewRow = ExampleContent & ExampleLabels;

/** Which rows: all that fit everything that is said. */
export type RowCondition = {
  split?: string | undefined;
  tag?: string | undefined;
  /** Stands in the input or the expected value, in any case. */
  text?: string | undefined;
  /** By path into the metadata; values as text. */
  metadata?: Record<string, string> | undefined;
};

/** One step of a recipe. */
export type RecipeStep =
  | ({ do: 'filter'; not?: boolean | undefined } & RowCondition)
  /** Moves values, named by paths such as `input.question`, to other places; `drop` forgets some. */
  | { do: 'map'; move: Record<string, string>; drop: string[] }
  /** As many rows of each value of a field: of the others as many as of the rarest, or `most`. */
  | { do: 'balance'; by: string; most?: number | undefined }
  /** Keeps the first of equal rows; with `near`, of rows whose texts are as alike as that (0 to 1), too. */
  | { do: 'deduplicate'; near?: number | undefined }
  /** Adds variants of each row that no model is needed for. */
  | { do: 'augment'; with: ('lowercase' | 'typos' | 'no_punctuation')[]; copies: number }
  /** Puts marks such as `<EMAIL>` in the place of what tells people apart. */
  | { do: 'mask' }
  /** So many rows by chance, the same ones each time. */
  | { do: 'sample'; rows: number; seed: string }
  | ({ do: 'split' } & SplitRule)
  | { do: 'tag'; add: string[] };

/** How a dataset is made from another one. */
export type Recipe = {
  from: string;
  /** null: the newest at each run. */
  version: number | null;
  steps: RecipeStep[];
};

/** A filter over new traces that feeds the draft. */
export type DatasetRule = {
  id: string;
  q: string;
  /** Share of the traces that fit; decided by the trace's id, so that all servers agree. */
  sample: number;
  /** Whether the output becomes what is expected. */
  expected: boolean;
  tags: string[];
  /** Makes none for now; what it made stays. */
  paused: boolean;
  /** Examples that it made. */
  added: number;
  createdBy: string;
  createdAt: string;
};

export const datasetJobKinds = ['import', 'traces', 'synthesis', 'split', 'health', 'recipe'] as const;
export type DatasetJobKind = (typeof datasetJobKinds)[number];

/** A row that was not taken, and why; `at` counts rows from 1, or names the line of a text file. */
export type RowProblem = { at: number; error: string };

export type DatasetJobProgress = {
  /** Rows or traces that were looked at. */
  read: number;
  /** null: not known before the end. */
  total: number | null;
  added: number;
  /** Rows that were there already. */
  skipped: number;
  refused: number;
  /** The first of the refused ones. */
  problems: RowProblem[];
  /** Where it goes on after a stop; what it is, its kind knows. */
  place: Json;
};

/** Long work on a dataset, which goes on where it was when a server ends. */
export type DatasetJob = {
  id: string;
  dataset: string;
  kind: DatasetJobKind;
  params: JsonObject;
  status: 'queued' | 'running' | 'completed' | 'failed' | 'cancelled';
  error: string | null;
  progress: DatasetJobProgress;
  /** What came of it, beside rows; a report's own form. */
  result: JsonObject | null;
  requestedBy: string;
  requestedAt: string;
  finishedAt: string | null;
};

/** What a worker finds in its queue. */
export type DatasetJobRef = { project: ProjectId; id: string };
