import type { DatasetStore, ExampleStore } from '@wheelhouse/core/ports';
import {
  type Comparison,
  type ExampleMember,
  type ExampleRow,
  type ProjectId,
  WheelhouseError,
} from '@wheelhouse/core/records';

type RowDeps = { datasets: Pick<DatasetStore, 'members'>; examples: Pick<ExampleStore, 'get'>; project: ProjectId };
type RowSource = Pick<Comparison, 'dataset' | 'datasetVersion'>;
/** `erasedAt`: its content is gone, and nothing is asked about it. */
export type ReadRow = ExampleRow & Pick<ExampleMember, 'erasedAt'>;

const rowsAtOnce = 500;

/** Rows of the frozen version that a comparison runs on, in the order they were added. */
export async function readRows(
  { datasets, examples, project }: RowDeps,
  { dataset, datasetVersion }: RowSource,
  page: { limit: number; offset: number },
): Promise<ReadRow[]> {
  const read = () => datasets.members(project, dataset, datasetVersion, page);
  let members = await read();
  const contents = await examples.get(project, [...new Set(members.map(({ hash }) => hash))]);
  // Between the two, some may have been erased.
  if (members.some(({ hash, erasedAt }) => erasedAt === null && !contents.has(hash))) members = await read();
  return members.map(({ id, hash, erasedAt }) => {
    if (erasedAt !== null) return { exampleId: id, input: null, expected: null, erasedAt };
    const content = contents.get(hash);
    if (!content) throw new WheelhouseError('internal', `The content of example ${id} of \`${dataset}\` is missing.`);
    return { exampleId: id, input: content.input, expected: content.expected, erasedAt };
  });
}

/** Rows that can be asked about, read as they are needed; of the others `onErased` hears. */
export async function* livingRows(
  deps: RowDeps,
  source: RowSource,
  onErased: (row: ReadRow) => void,
): AsyncGenerator<ExampleRow> {
  for (let offset = 0; ; offset += rowsAtOnce) {
    const rows = await readRows(deps, source, { limit: rowsAtOnce, offset });
    for (const row of rows) {
      if (row.erasedAt === null) yield row;
      else onErased(row);
    }
    if (rows.length < rowsAtOnce) return;
  }
}
