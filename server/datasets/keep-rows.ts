import { sortedTags, splitOf } from '@wheelhouse/core/dataset';
import type {
  ChangeOptions,
  Clock,
  DatasetStore,
  ExampleStore,
  Random,
  RowAdder,
  SchemaChecker,
} from '@wheelhouse/core/ports';
import {
  type Actor,
  contentHash,
  type Dataset,
  type Example,
  type ExampleContent,
  type ExampleId,
  type ExampleLabels,
  idRandomBytes,
  nanosToMs,
  newId,
  type ProjectId,
  type RowProblem,
  WheelhouseError,
} from '@wheelhouse/core/records';

export type RowDeps = {
  datasets: DatasetStore;
  examples: Pick<ExampleStore, 'put' | 'get'>;
  checker: SchemaChecker;
  clock: Clock;
  random: Random;
};

/** A row on its way into a draft; `at` is how its problems name it. */
export type IncomingRow = ExampleContent &
  Partial<ExampleLabels> & { at: number; source?: Example['source'] | undefined };

export type KeptRows = {
  dataset: Dataset;
  ids: ExampleId[];
  refused: RowProblem[];
  /** Rows whose content the draft had. */
  skipped: number;
};

export async function findDataset(
  { datasets }: Pick<RowDeps, 'datasets'>,
  project: ProjectId,
  name: string,
): Promise<Dataset> {
  const found = await datasets.get(project, name);
  if (!found)
    throw new WheelhouseError('not_found', `No dataset is called \`${name}\`.`, {
      hint: 'GET /api/v1/datasets lists them.',
    });
  return found;
}

/** What of a row does not fit the dataset's schema; null: it fits. */
export function misfit(checker: SchemaChecker, { schema }: Dataset, row: ExampleContent): string | null {
  for (const part of ['input', 'expected', 'metadata'] as const) {
    const wanted = schema[part];
    // What is expected may be left out, and said later.
    if (wanted === null || (part === 'expected' && row.expected === null)) continue;
    const problem = checker.check(wanted, row[part]);
    if (problem !== null) return `\`${part}\`: ${problem}`;
  }
  return null;
}

/** 40 random bits within one millisecond: rare enough for one id, not for ten thousand. */
function newIds({ clock, random }: Pick<RowDeps, 'clock' | 'random'>, count: number): ExampleId[] {
  const nowMs = nanosToMs(clock.now());
  const ids = new Set<ExampleId>();
  while (ids.size < count) ids.add(newId('ex', nowMs, random.bytes(idRandomBytes)));
  return [...ids];
}

/**
 * Stores contents and gives the hash of each, so that membership never points at nothing. They are announced before, so
 * that what a kill leaves behind is found and removed.
 */
export async function keepContents(
  { datasets, examples }: Pick<RowDeps, 'datasets' | 'examples'>,
  project: ProjectId,
  hashed: readonly { hash: string; content: ExampleContent }[],
): Promise<void> {
  const different = [...new Map(hashed.map((one) => [one.hash, one])).values()];
  await datasets.expectContents(
    project,
    different.map(({ hash }) => hash),
  );
  await examples.put(project, different);
}

/** A change that stands on spans and contents is made anew when contents were erased while it was being made. */
export async function besideErasing<T>(
  { datasets }: Pick<RowDeps, 'datasets'>,
  project: ProjectId,
  change: (seen: bigint) => Promise<T>,
): Promise<T> {
  for (;;) {
    const seen = await datasets.erasures(project);
    try {
      return await change(seen);
    } catch (error) {
      const refused = error instanceof WheelhouseError && error.code === 'conflict';
      if (!refused || (await datasets.erasures(project)) === seen) throw error;
    }
  }
}

export const contentOf = ({ input, expected, metadata }: ExampleContent): ExampleContent => ({
  input,
  expected,
  metadata,
});

function labelsOf(dataset: Dataset, row: IncomingRow): ExampleLabels {
  const ruled = dataset.splits === null ? null : splitOf(row, dataset.splits);
  return { tags: sortedTags(row.tags ?? []), split: row.split ?? ruled, weight: row.weight ?? 1 };
}

type Hashed = { row: IncomingRow; content: ExampleContent; hash: string };

/** Without those that the draft has, and those that come twice. */
async function onlyNew(
  { datasets }: RowDeps,
  { project }: Actor,
  { name, rows }: { name: string; rows: Hashed[] },
): Promise<Hashed[]> {
  const first = [...new Map([...rows].reverse().map((row) => [row.hash, row])).values()].reverse();
  const known = await datasets.hasContents(
    project,
    name,
    first.map(({ hash }) => hash),
  );
  return first.filter(({ hash }) => !known.has(hash));
}

type Asked = {
  name: string;
  /** Read when it is known that nothing is erased meanwhile; read again when something was. */
  rows(): Promise<readonly IncomingRow[]>;
  /** Leaves out what the draft has. */
  unique?: boolean;
  job?: (kept: Omit<KeptRows, 'dataset' | 'ids'> & { added: number }) => NonNullable<ChangeOptions['job']>;
};

/**
 * Adds rows to the draft of a dataset: those that fit its schema, split by its rule where they say no split themselves.
 * Nothing is lost: what does not fit is told.
 */
export function keepRows(deps: RowDeps, by: Actor, asked: Asked): Promise<KeptRows> {
  return besideErasing(deps, by.project, async (seen) => {
    const dataset = await findDataset(deps, by.project, asked.name);
    const refused: RowProblem[] = [];
    const fitting: Hashed[] = [];
    for (const row of await asked.rows()) {
      const problem = misfit(deps.checker, dataset, row);
      if (problem !== null) refused.push({ at: row.at, error: problem });
      else {
        const content = contentOf(row);
        fitting.push({ row, content, hash: contentHash(content) });
      }
    }
    const kept = asked.unique === true ? await onlyNew(deps, by, { name: asked.name, rows: fitting }) : fitting;
    await keepContents(deps, by.project, kept);
    const ids = newIds(deps, kept.length);
    const members = kept.map(({ row, hash }, i) => ({
      ...{ id: ids[i] as ExampleId, hash, source: row.source ?? null },
      ...labelsOf(dataset, row),
    }));
    const skipped = fitting.length - kept.length;
    const job = asked.job?.({ refused, skipped, added: members.length });
    const changed = await deps.datasets.addExamples(by, asked.name, members, { seen, ...(job && { job }) });
    return { dataset: changed, ids, refused, skipped };
  });
}

/** For others who put rows into drafts, such as review; a row that is there already is not added again. */
export function createRowAdder(deps: RowDeps, changed: (project: ProjectId, name: string) => void): RowAdder {
  return {
    async addRows(by, name, rows) {
      const numbered = rows.map((row, i) => ({ ...row, at: i + 1 }));
      const { ids, refused } = await keepRows(deps, by, { name, rows: async () => numbered, unique: true });
      changed(by.project, name);
      return { ids, refused };
    },
  };
}
