import type {
  Actor,
  Dataset,
  DatasetId,
  DatasetJob,
  DatasetJobProgress,
  DatasetOrigin,
  DatasetRule,
  DatasetSchema,
  DatasetVersion,
  DeletionId,
  Example,
  ExampleContent,
  ExampleId,
  ExampleLabels,
  ExampleMember,
  MemberDifference,
  NewRow,
  ProjectId,
  Recipe,
  RowProblem,
  SplitRule,
  TraceId,
} from '../records/index.ts';

/** A content that nothing refers to, as it was found; it may be expected again meanwhile. */
export type DoomedContent = { hash: string; number: bigint };

/**
 * How contents of examples go for good when the traces go that they were made of. A kill between any two steps loses
 * nothing: what was noted or doomed stays so until it is done, and each step may be repeated.
 */
export type ExampleErasing = {
  /** Grows whenever contents may go. Read it before the spans and contents that a change stands on, and hand it over. */
  erasures(project: ProjectId): Promise<bigint>;
  /** Contents that are about to be stored: doomed unless a change comes to refer to them. */
  expectContents(project: ProjectId, hashes: string[]): Promise<void>;
  /** Traces that a deletion is about to erase. */
  noteErasing(project: ProjectId, deletion: DeletionId, traces: TraceId[]): Promise<void>;
  /**
   * Turns the examples of the traces that it noted, in drafts and in frozen versions, into tombstones, and dooms their contents.
   * Resolves with how many examples there were.
   */
  eraseNoted(by: Actor, deletion: DeletionId): Promise<number>;
  /** Doomed contents, oldest first; what a living example refers to by now is doomed no more. */
  doomed(project: ProjectId, limit: number): Promise<DoomedContent[]>;
  /** These are gone. What was expected again since stays doomed. */
  forgetDoomed(project: ProjectId, gone: DoomedContent[]): Promise<void>;
};

export type NewMember = Pick<Example, 'id' | 'hash' | 'source'> & Partial<ExampleLabels>;
/** An example of the draft as it is to be; its place, and where it came from, stay. */
export type MemberChange = Pick<Example, 'id' | 'hash'> & ExampleLabels;

/** null, or left out: any. */
export type MemberFilter = { split?: string | null; tag?: string | null; ids?: ExampleId[] };
export type MemberPage = {
  limit: number;
  /** Rows to pass over; slow where there are many. */
  offset?: number;
  /** Only what stands behind this place. */
  after?: number;
  where?: MemberFilter;
};

export type ChangeOptions = {
  /** The number of {@link ExampleErasing.erasures} that contents were read under; `conflict` when it moved since. */
  seen?: bigint;
  /**
   * The job that makes the change, and how far it is with it, written in the same transaction; `conflict` when it has
   * ended, or somebody else went on with it.
   */
  job?: { id: string; from: DatasetJobProgress['read']; progress: DatasetJobProgress };
};

export type DatasetChange = Partial<
  DatasetOrigin & { description: string; schema: DatasetSchema; splits: SplitRule | null; recipe: Recipe | null }
>;

export type DatasetStore = ExampleErasing & {
  create(
    by: Actor,
    dataset: { id: DatasetId; name: string; description: string } & Partial<DatasetOrigin>,
  ): Promise<Dataset>;
  change(by: Actor, name: string, change: DatasetChange): Promise<Dataset>;
  list(project: ProjectId): Promise<Dataset[]>;
  get(project: ProjectId, name: string): Promise<Dataset | null>;
  /** Adds to the draft. The contents must be in {@link ExampleStore} before. */
  addExamples(by: Actor, name: string, examples: NewMember[], options?: ChangeOptions): Promise<Dataset>;
  /** Gives examples of the draft other contents or labels; `conflict` for one that was erased. */
  changeExamples(by: Actor, name: string, changes: MemberChange[], options?: ChangeOptions): Promise<Dataset>;
  removeExamples(by: Actor, name: string, ids: ExampleId[]): Promise<Dataset>;
  /** Which of these contents the draft has. */
  hasContents(project: ProjectId, name: string, hashes: string[]): Promise<Set<string>>;
  /**
   * Makes the draft version `head + 1`, tombstones included; an unchanged draft returns the head. `dataset_empty` when
   * nothing is in it; `conflict` when it keeps changing meanwhile.
   */
  freeze(by: Actor, name: string, madeFrom?: string[]): Promise<DatasetVersion>;
  /** Makes the draft what the version is. */
  revert(by: Actor, name: string, version: number): Promise<Dataset>;
  /** Newest first. */
  versions(project: ProjectId, name: string): Promise<DatasetVersion[]>;
  /** Points the name at the version. */
  setAlias(by: Actor, name: string, alias: string, version: number): Promise<Dataset>;
  removeAlias(by: Actor, name: string, alias: string): Promise<Dataset>;
  /** Members in the order they were added; `version` null reads the draft. */
  members(project: ProjectId, name: string, version: number | null, page: MemberPage): Promise<ExampleMember[]>;
  /** Of the draft, in no promised order; those that are not there are left out. */
  draftMembers(project: ProjectId, name: string, ids: ExampleId[]): Promise<ExampleMember[]>;
  /** How many members of a version, or of the draft, there are, and have lost their content. */
  countMembers(
    project: ProjectId,
    name: string,
    version: number | null,
    where?: MemberFilter,
  ): Promise<{ members: number; erased: number }>;
  /** How many members there are by split and by tag. */
  countLabels(
    project: ProjectId,
    name: string,
    version: number | null,
  ): Promise<{ splits: { split: string | null; count: number }[]; tags: { tag: string; count: number }[] }>;
  /** What is different, by place; null stands for the draft. */
  differences(
    project: ProjectId,
    name: string,
    between: { from: number | null; to: number | null; limit: number; after?: number },
  ): Promise<(MemberDifference & { place: number })[]>;
  countDifferences(
    project: ProjectId,
    name: string,
    between: { from: number | null; to: number | null },
  ): Promise<{ added: number; removed: number; changed: number }>;
  /** The dataset, with its versions, rules and jobs, for good; its contents are doomed. `false`: there was none. */
  remove(by: Actor, name: string): Promise<boolean>;
};

export type DatasetRuleStore = {
  create(
    by: Actor,
    dataset: string,
    rule: Omit<DatasetRule, 'paused' | 'added' | 'createdBy' | 'createdAt'>,
  ): Promise<DatasetRule>;
  list(project: ProjectId, dataset: string): Promise<DatasetRule[]>;
  /** Rules of all datasets of all projects. */
  all(): Promise<{ project: ProjectId; dataset: string; rule: DatasetRule }[]>;
  count(project: ProjectId, id: string, added: number): Promise<void>;
  /** null: there is none. */
  pause(by: Actor, dataset: string, rule: { id: string; paused: boolean }): Promise<DatasetRule | null>;
  remove(by: Actor, dataset: string, id: string): Promise<boolean>;
};

export type DatasetJobStore = {
  create(by: Actor, job: Pick<DatasetJob, 'id' | 'dataset' | 'kind' | 'params'>): Promise<DatasetJob>;
  get(project: ProjectId, id: string): Promise<DatasetJob | null>;
  /** Newest first, below `before` (an id) when given. */
  list(
    project: ProjectId,
    dataset: string,
    page: { limit: number; before?: string; kind?: DatasetJob['kind'] },
  ): Promise<DatasetJob[]>;
  /** Says how far it is, and that it runs; false when it has ended. */
  advance(id: string, progress: DatasetJobProgress): Promise<boolean>;
  /** Leaves one that has ended before as it is. */
  finish(
    id: string,
    end: { status: 'completed'; result: DatasetJob['result'] } | { status: 'failed'; error: string },
  ): Promise<void>;
  /** Leaves one that has ended as it is; null: there is none. */
  cancel(by: Actor, id: string): Promise<DatasetJob | null>;
};

/** Adds rows to a draft as their schema asks: those that do not fit are told, those that are there are not added again. */
export type RowAdder = {
  /** @throws WheelhouseError `not_found` without such a dataset */
  addRows(
    by: Actor,
    dataset: string,
    rows: (Pick<NewRow, 'input' | 'expected' | 'metadata'> & Partial<ExampleLabels> & { source?: Example['source'] })[],
  ): Promise<{ ids: ExampleId[]; refused: RowProblem[] }>;
};

/** Contents of examples, by content hash. */
export type ExampleStore = {
  /** The store's own time: what is put from now on is later. */
  moment(): Promise<string>;
  /** Removes for good what was put before that moment. */
  remove(project: ProjectId, hashes: string[], before: string): Promise<void>;
  put(project: ProjectId, contents: { hash: string; content: ExampleContent }[]): Promise<void>;
  get(project: ProjectId, hashes: string[]): Promise<Map<string, ExampleContent>>;
};
