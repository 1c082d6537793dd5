import { isDeepStrictEqual } from 'node:util';
import type { AliasRuleStore } from '@wheelhouse/core/ports';
import {
  type AliasRequest,
  type AliasRequestId,
  type AliasRule,
  type ProjectId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { type Selectable, sql } from 'kysely';
import { moveAliasIn, readAlias } from './alias-moves.ts';
import type { Database, Db } from './database.ts';
import { inTransaction } from './in-transaction.ts';
import { lockModel } from './model-rows.ts';
import { placeIn } from './place-in.ts';
import { recordChange } from './record-change.ts';

const toRule = (row: Selectable<Database['alias_rules']>): AliasRule => ({
  alias: row.alias,
  role: row.role,
  review: row.review,
  gates: row.gates,
  changedBy: row.changed_by,
  changedAt: row.changed_at.toISOString(),
});

type RequestRow = Selectable<Database['alias_requests']> & { model: string };

const toRequest = (row: RequestRow): AliasRequest => ({
  id: row.id as AliasRequestId,
  model: row.model,
  alias: row.alias,
  from: row.from_version,
  to: row.to_version,
  message: row.message,
  status: row.status,
  askedBy: row.asked_by,
  askedAt: row.asked_at.toISOString(),
  decidedBy: row.decided_by,
  decidedAt: row.decided_at?.toISOString() ?? null,
  comment: row.comment,
});

const said = ({ role, review, gates }: Pick<AliasRule, 'role' | 'review' | 'gates'>) => ({ role, review, gates });

function createRules(db: Db): Pick<AliasRuleStore, 'rules' | 'rule' | 'setRule' | 'removeRule'> {
  const one = (from: Db, project: ProjectId, alias: string) =>
    from
      .selectFrom('alias_rules')
      .selectAll()
      .where('project_id', '=', project)
      .where('alias', '=', alias)
      .executeTakeFirst();
  return {
    async rules(project) {
      const rows = await db
        .selectFrom('alias_rules')
        .selectAll()
        .where('project_id', '=', project)
        .orderBy(sql`alias collate "C"`)
        .execute();
      return rows.map(toRule);
    },

    async rule(project, alias) {
      const row = await one(db, project, alias);
      return row ? toRule(row) : null;
    },

    setRule: (by, { alias, role, review, gates }) =>
      inTransaction(db, async (tx) => {
        const was = await one(tx, by.project, alias);
        if (was && isDeepStrictEqual(said(was), { role, review, gates })) return toRule(was);
        const row = await tx
          .insertInto('alias_rules')
          .values({ project_id: by.project, alias, role, review, gates, changed_by: by.actor })
          .onConflict((conflict) =>
            conflict
              .columns(['project_id', 'alias'])
              .doUpdateSet({ role, review, gates, changed_by: by.actor, changed_at: sql`now()` }),
          )
          .returningAll()
          .executeTakeFirstOrThrow();
        await recordChange(tx, by, {
          action: 'alias_rule.set',
          subject: alias,
          detail: { before: was ? said(was) : null, after: said(row) },
        });
        return toRule(row);
      }),

    removeRule: (by, alias) =>
      inTransaction(db, async (tx) => {
        const row = await tx
          .deleteFrom('alias_rules')
          .where('project_id', '=', by.project)
          .where('alias', '=', alias)
          .returning(['role', 'review', 'gates'])
          .executeTakeFirst();
        if (!row) return false;
        await recordChange(tx, by, {
          action: 'alias_rule.remove',
          subject: alias,
          detail: { before: said(row), after: null },
        });
        return true;
      }),
  };
}

/** Rules of aliases and requests to move them. */
export function createAliasRuleStore(db: Db): AliasRuleStore {
  const select = (from: Db, project: ProjectId) =>
    from
      .selectFrom('alias_requests as r')
      .innerJoin('models as m', 'm.id', 'r.model_id')
      .selectAll('r')
      .select('m.name as model')
      .where('r.project_id', '=', project);

  return {
    ...createRules(db),

    ask: (by, { id, model: name, alias, to, message }) =>
      inTransaction(db, async (tx) => {
        const model = await lockModel(tx, by.project, name);
        if (to < 1 || to > model.latest)
          throw new WheelhouseError('not_found', `\`${name}\` has no version ${to}.`, { param: 'version' });
        const from = (await readAlias(tx, model.id, alias))?.version ?? null;
        if (from === to)
          throw new WheelhouseError('conflict', `\`${name}@${alias}\` is at version ${to} already.`, {
            param: 'version',
          });
        const row = await tx
          .insertInto('alias_requests')
          .values({
            ...{ id, project_id: by.project, model_id: model.id, alias, message, asked_by: by.actor },
            ...{ from_version: from, to_version: to },
          })
          .onConflict((conflict) => conflict.doNothing())
          .returningAll()
          .executeTakeFirst();
        if (!row)
          throw new WheelhouseError('conflict', `Somebody asks already for \`${name}@${alias}\` to go to ${to}.`, {
            hint: 'GET /api/v1/alias-requests?status=open lists what is asked for.',
          });
        await recordChange(tx, by, {
          action: 'alias.ask',
          subject: `${name}@${alias}`,
          detail: { request: id, before: from === null ? null : { version: from }, after: { version: to }, message },
        });
        return toRequest({ ...row, model: name });
      }),

    async request(project, id) {
      const row = await select(db, project).where('r.id', '=', id).executeTakeFirst();
      return row ? toRequest(row) : null;
    },

    async requests(project, { limit, cursor, status, model }) {
      const place =
        cursor === undefined ? null : await placeIn(db, 'alias_requests', { project, id: cursor, param: 'cursor' });
      const rows = await select(db, project)
        .$if(place !== null, (query) => query.where('r.seq', '<', place ?? ''))
        .$if(status !== undefined, (query) => query.where('r.status', '=', status ?? 'open'))
        .$if(model !== undefined, (query) => query.where('m.name', '=', model ?? ''))
        .orderBy('r.seq', 'desc')
        .limit(limit + 1)
        .execute();
      const data = rows.slice(0, limit).map(toRequest);
      return { data, next: rows.length > limit ? (data.at(-1)?.id ?? null) : null };
    },

    decide: (by, id, { status, comment }) =>
      inTransaction(db, async (tx) => {
        const row = await select(tx, by.project).where('r.id', '=', id).forUpdate('r').executeTakeFirst();
        if (!row) throw new WheelhouseError('not_found', `There is no request \`${id}\`.`);
        if (row.status !== 'open')
          throw new WheelhouseError('conflict', `This request is ${row.status} already, by ${row.decided_by}.`);
        if (status === 'approved') {
          const now = (await readAlias(tx, row.model_id, row.alias))?.version ?? null;
          if (now !== row.from_version)
            throw new WheelhouseError('conflict', `\`${row.model}@${row.alias}\` has moved since this was asked for.`, {
              hint: 'Ask for the move again, so that it is seen what it changes now.',
            });
          const move = { name: row.model, alias: row.alias, version: row.to_version, why: { request: id } };
          await moveAliasIn(tx, by, move);
        }
        const ended = await tx
          .updateTable('alias_requests')
          .set({ status, comment, decided_by: by.actor, decided_at: sql`now()` })
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirstOrThrow();
        await recordChange(tx, by, {
          action: `alias.${status}`,
          subject: `${row.model}@${row.alias}`,
          detail: { request: id, before: { status: 'open' }, after: { status, comment } },
        });
        return toRequest({ ...ended, model: row.model });
      }),
  };
}
