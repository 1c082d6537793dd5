import type { ModelFilter } from '@wheelhouse/core/ports';
import {
  type Alias,
  type LineageRef,
  type Model,
  type ModelId,
  type ModelVersion,
  type ProjectId,
  type ReleaseSplit,
  type StickyKind,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { type Selectable, sql } from 'kysely';
import type { Database, Db, Tx } from './database.ts';

export const noModel = (name: string) =>
  new WheelhouseError('model_not_found', `No model is registered as \`${name}\`.`);

/** The model's row, held until the transaction ends, so that two changes of one model follow each other. */
export async function lockModel(tx: Tx, project: ProjectId, name: string) {
  const row = await tx
    .selectFrom('models')
    .select(['id', 'latest'])
    .where('project_id', '=', project)
    .where('name', '=', name)
    .forUpdate()
    .executeTakeFirst();
  if (!row) throw noModel(name);
  return row;
}

export async function touch(tx: Tx, id: string, change: { latest?: number }): Promise<void> {
  await tx
    .updateTable('models')
    .set({ ...change, changed_at: sql`now()` })
    .where('id', '=', id)
    .execute();
}

export function toVersion(row: Selectable<Database['model_versions']>): ModelVersion {
  return {
    modelId: row.model_id as ModelId,
    number: row.number,
    hash: row.hash,
    definition: row.definition,
    signature: row.signature,
    example: row.example,
    message: row.message,
    author: row.author,
    madeFrom: row.made_from as LineageRef[],
    createdAt: row.created_at.toISOString(),
  };
}

export const toAlias = (row: { alias: string; version: number; befores: number[]; moved_at: Date }): Alias => ({
  alias: row.alias,
  version: row.version,
  before: row.befores.at(-1) ?? null,
  movedAt: row.moved_at.toISOString(),
});

const columns = ['id', 'name', 'description', 'tags', 'owner', 'latest', 'created_at', 'changed_at'] as const;

/** What stands for itself in a pattern. */
const literally = (text: string) => text.replace(/[\\%_]/g, '\\$&');

type SplitRow = {
  release: string | null;
  candidate: number | null;
  share: number | null;
  sticky: StickyKind;
  is_shadow: boolean | null;
  share_before: number | null;
  share_from: Date | null;
};

function splitOf({
  release,
  candidate,
  share,
  sticky,
  is_shadow,
  share_before,
  share_from,
}: SplitRow): ReleaseSplit | null {
  if (release === null || candidate === null || share === null) return null;
  const before = share_from && { before: { share: share_before ?? 0, untilMs: share_from.getTime() } };
  return { id: release, candidate, share, sticky, ...before, ...(is_shadow && { isShadow: true as const }) };
}

/** Models by name, with their aliases by name; one query, so that they fit each other. */
export async function readModels(
  db: Db,
  project: ProjectId,
  want: Partial<ModelFilter> & { name?: string },
): Promise<Model[]> {
  const { name, limit, after, text, tag, owner } = want;
  const like = `%${literally(text ?? '')}%`;
  const rows = await db
    .with('m', (cte) =>
      cte
        .selectFrom('models')
        .select(columns)
        .where('project_id', '=', project)
        .$if(name !== undefined, (query) => query.where('name', '=', name ?? ''))
        .$if(after !== undefined, (query) => query.where(sql`name collate "C"`, '>', after ?? ''))
        .$if(text !== undefined, (query) =>
          query.where((either) => either.or([either('name', 'ilike', like), either('description', 'ilike', like)])),
        )
        .$if(tag !== undefined, (query) => query.where(sql<boolean>`${tag} = any(tags)`))
        .$if(owner !== undefined, (query) => query.where('owner', '=', owner ?? ''))
        .orderBy(sql`name collate "C"`)
        .$if(limit !== undefined, (query) => query.limit(limit ?? 0)),
    )
    .selectFrom('m')
    .leftJoin('model_aliases as a', 'a.model_id', 'm.id')
    .select(columns.map((column) => `m.${column}` as const))
    .leftJoin('releases as r', (join) =>
      join.onRef('r.model_id', '=', 'a.model_id').onRef('r.alias', '=', 'a.alias').on('r.state', '=', 'running'),
    )
    .select(['a.alias', 'a.version', 'a.befores', 'a.moved_at'])
    .select(['r.id as release', 'r.candidate', 'r.share', sql<StickyKind>`r.plan ->> 'sticky'`.as('sticky')])
    .select(sql<boolean | null>`r.plan ->> 'shadow' is not null`.as('is_shadow'))
    .select(['r.share_before', sql<Date | null>`case when r.share_from > now() then r.share_from end`.as('share_from')])
    .orderBy(sql`m.name collate "C"`)
    .orderBy('a.alias')
    .execute();
  const models = new Map<string, Model>();
  for (const row of rows) {
    const model = models.get(row.id) ?? {
      id: row.id as ModelId,
      name: row.name,
      description: row.description,
      tags: row.tags,
      owner: row.owner,
      latest: row.latest,
      aliases: [],
      createdAt: row.created_at.toISOString(),
      changedAt: row.changed_at.toISOString(),
    };
    models.set(row.id, model);
    const { alias, version, befores, moved_at } = row;
    const split = splitOf(row);
    if (alias !== null && version !== null && befores !== null && moved_at !== null)
      model.aliases.push({ ...toAlias({ alias, version, befores, moved_at }), ...(split && { release: split }) });
  }
  return [...models.values()];
}

/** Newest first. */
export async function readVersions(db: Db, modelIds: ModelId[]): Promise<ModelVersion[]> {
  const rows = await db
    .selectFrom('model_versions')
    .selectAll()
    .where('model_id', '=', sql<string>`any(${modelIds})`)
    .orderBy('number', 'desc')
    .execute();
  return rows.map(toVersion);
}
