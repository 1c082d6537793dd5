import { fitsCondition, needsContent } from '@wheelhouse/core/dataset';
import type { DatasetStore, ExampleStore, MemberPage } from '@wheelhouse/core/ports';
import {
  type Dataset,
  type Example,
  type ExampleContent,
  type ExampleMember,
  type ProjectId,
  type RowCondition,
  WheelhouseError,
} from '@wheelhouse/core/records';

export type ReadDeps = { datasets: Pick<DatasetStore, 'members'>; examples: Pick<ExampleStore, 'get'> };

const nothing: ExampleContent = { input: null, expected: null, metadata: {} };

/** Members with their contents, where these were not erased. */
export async function withContents(
  { examples }: Pick<ReadDeps, 'examples'>,
  project: ProjectId,
  read: () => Promise<ExampleMember[]>,
): Promise<Example[]> {
  const contentsOf = (members: ExampleMember[]) => {
    const living = members.filter(({ erasedAt }) => erasedAt === null);
    return examples.get(project, [...new Set(living.map(({ hash }) => hash))]);
  };
  let members = await read();
  const contents = await contentsOf(members);
  // Between the two, some may have been erased.
  if (members.some(({ hash, erasedAt }) => erasedAt === null && !contents.has(hash))) members = await read();
  return members.map((member) => {
    const content = member.erasedAt === null ? contents.get(member.hash) : nothing;
    if (!content) throw new WheelhouseError('internal', `The content of example ${member.id} is missing.`);
    return { ...member, ...content };
  });
}

/** The number of a version by its number or name; null: the draft. */
export function versionOf(dataset: Dataset, given: number | string | undefined): number | null {
  if (given === undefined) return null;
  const number = typeof given === 'number' ? given : dataset.aliases[given];
  if (number !== undefined && number <= dataset.head) return number;
  throw new WheelhouseError('not_found', `\`${dataset.name}\` has no version ${given}.`, {
    param: 'version',
    hint:
      dataset.head === 0
        ? 'It was never frozen; leave `version` out to read the draft.'
        : `Its newest is ${dataset.head}.`,
  });
}

export type Rows = { project: ProjectId; name: string; version: number | null; where?: MemberPage['where'] };

/** All rows of a version or of the draft, in order, a page at a time. */
export async function* pagesOf(
  deps: ReadDeps,
  { project, name, version, where }: Rows,
  { after = -1, limit = 1_000 }: { after?: number; limit?: number } = {},
): AsyncGenerator<Example[]> {
  for (let place = after; ; ) {
    const page = { limit, after: place, ...(where && { where }) };
    const rows = await withContents(deps, project, () => deps.datasets.members(project, name, version, page));
    if (rows.length > 0) yield rows;
    if (rows.length < limit) return;
    place = rows.at(-1)?.place ?? place;
  }
}

/** Rows that a request looks through at most, when it asks for what is in them. */
const mostLookedAt = 5_000;

/**
 * A page of rows that fit. Where the condition asks for what is in a row, a page may have less than was asked for, and
 * still a next one.
 */
export async function pageOfRows(
  deps: ReadDeps,
  rows: Rows,
  { condition, after, limit }: { condition: RowCondition; after: number; limit: number },
): Promise<{ data: Example[]; next: number | null }> {
  const where = { split: condition.split ?? null, tag: condition.tag ?? null };
  const deep = needsContent(condition);
  const data: Example[] = [];
  let looked = 0;
  const size = deep ? 500 : limit + 1;
  for await (const page of pagesOf(deps, { ...rows, where }, { after, limit: size })) {
    for (const row of page) {
      if (!fitsCondition(row, condition)) continue;
      if (data.length === limit) return { data, next: data.at(-1)?.place ?? null };
      data.push(row);
    }
    looked += page.length;
    if (looked >= mostLookedAt && deep && page.length === size) return { data, next: page.at(-1)?.place ?? null };
  }
  return { data, next: null };
}
