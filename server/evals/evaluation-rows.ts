import type { DatasetStore, ExampleStore, MemberFilter } from '@wheelhouse/core/ports';
import {
  type Evaluation,
  type ExampleMember,
  type ExampleRow,
  type ProjectId,
  WheelhouseError,
} from '@wheelhouse/core/records';

export type RowDeps = {
  datasets: Pick<DatasetStore, 'members'>;
  examples: Pick<ExampleStore, 'get'>;
  project: ProjectId;
};
/** `erasedAt`: its content is gone, and nothing is asked about it. */
export type ReadRow = ExampleRow & Pick<ExampleMember, 'erasedAt' | 'place'>;

/** In the place of a version's number: the draft, which an estimate may look at. */
export const draft = 0;
export const versionOrDraft = (version: number): number | null => (version === draft ? null : version);

export const filterOf = ({ rows: { split, tag } }: Pick<Evaluation, 'rows'>): MemberFilter => ({ split, tag });

/** The members with their contents; `again` reads them anew, because some may be erased between the two. */
export async function withContents(
  { examples, project }: Pick<RowDeps, 'examples' | 'project'>,
  dataset: string,
  read: () => Promise<ExampleMember[]>,
): Promise<ReadRow[]> {
  let members = await read();
  const contents = await examples.get(project, [...new Set(members.map(({ hash }) => hash))]);
  if (members.some(({ hash, erasedAt }) => erasedAt === null && !contents.has(hash))) members = await read();
  return members.map(({ id, hash, erasedAt, place }) => {
    if (erasedAt !== null) return { exampleId: id, input: null, expected: null, metadata: {}, erasedAt, place };
    const content = contents.get(hash);
    if (!content) throw new WheelhouseError('internal', `The content of example ${id} of \`${dataset}\` is missing.`);
    const { input, expected, metadata } = content;
    return { exampleId: id, input, expected, metadata, erasedAt, place };
  });
}

/** Rows of the frozen version that an evaluation runs on, behind a place, in the order they were added. */
export const readRows = (
  deps: RowDeps,
  evaluation: Pick<Evaluation, 'dataset' | 'datasetVersion' | 'rows'>,
  { after, limit }: { after: number; limit: number },
): Promise<ReadRow[]> => {
  const { dataset, datasetVersion } = evaluation;
  const page = { after, limit, where: filterOf(evaluation) };
  return withContents(deps, dataset, () =>
    deps.datasets.members(deps.project, dataset, versionOrDraft(datasetVersion), page),
  );
};
