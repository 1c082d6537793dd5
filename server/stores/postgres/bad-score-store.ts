import type { IssueStore } from '@wheelhouse/core/ports';
import type { JsonObject } from '@wheelhouse/core/records';
import type { Db } from './database.ts';
import { inTransaction } from './in-transaction.ts';
import { recordChange } from './record-change.ts';

/** What projects say of their scores, for issues. */
export const createBadScores = (db: Db): Pick<IssueStore, 'badScores' | 'setBadScore'> => ({
  async badScores(project) {
    const rows = await db
      .selectFrom('bad_scores')
      .selectAll()
      .where('project_id', '=', project)
      .orderBy('name')
      .execute();
    return rows.map(({ name, rule, set_by, set_at }) => ({ name, rule, setBy: set_by, setAt: set_at.toISOString() }));
  },

  setBadScore: (by, name, rule) =>
    inTransaction(db, async (tx) => {
      const own = tx.deleteFrom('bad_scores').where('project_id', '=', by.project).where('name', '=', name);
      const [was] = await own.returning('rule').execute();
      if (rule !== null)
        await tx
          .insertInto('bad_scores')
          .values({ project_id: by.project, name, rule: JSON.stringify(rule), set_by: by.actor })
          .execute();
      const detail = { before: was?.rule ?? null, after: rule } as JsonObject;
      await recordChange(tx, by, { action: 'issue.score', subject: name, detail });
    }),
});
