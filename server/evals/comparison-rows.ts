import type { DatasetStore, ExampleStore } from '@wheelhouse/core/ports';
import { type Comparison, type ExampleRow, type ProjectId, WheelhouseError } from '@wheelhouse/core/records';

type RowDeps = { datasets: Pick<DatasetStore, 'members'>; examples: Pick<ExampleStore, 'get'>; project: ProjectId };
type RowSource = Pick<Comparison, 'dataset' | 'datasetVersion'>;

const rowsAtOnce = 500;

/** Rows of the frozen version that a comparison runs on, in the order they were added. */
export async function readRows(
  { datasets, examples, project }: RowDeps,
  { dataset, datasetVersion }: RowSource,
  page: { limit: number; offset: number },
): Promise<ExampleRow[]> {
  const members = await datasets.members(project, dataset, datasetVersion, page);
  const contents = await examples.get(project, [...new Set(members.map(({ hash }) => hash))]);
  return members.map(({ id, hash }) => {
    const content = contents.get(hash);
    if (!content) throw new WheelhouseError('internal', `The content of example ${id} of \`${dataset}\` is missing.`);
    return { exampleId: id, input: content.input, expected: content.expected };
  });
}

/** All rows, read as they are needed. */
export async function* allRows(deps: RowDeps, source: RowSource): AsyncGenerator<ExampleRow> {
  for (let offset = 0; ; offset += rowsAtOnce) {
    const rows = await readRows(deps, source, { limit: rowsAtOnce, offset });
    yield* rows;
    if (rows.length < rowsAtOnce) return;
  }
}
