import type { AuditStore } from '@wheelhouse/core/ports';
import { WheelhouseError } from '@wheelhouse/core/records';
import type { Db } from './database.ts';

/** The largest id is 19 digits, so that a longer one is no place in the list. */
const entryId = /^\d{1,18}$/;

export function createAuditStore(db: Db): AuditStore {
  return {
    async list(project, { limit, before }) {
      if (before !== undefined && !entryId.test(before))
        throw new WheelhouseError('invalid_request', `\`${before}\` is no place in the audit log.`, {
          param: 'cursor',
        });
      const rows = await db
        .selectFrom('audit')
        .selectAll()
        .where('project_id', '=', project)
        .$if(before !== undefined, (query) => query.where('id', '<', before ?? ''))
        .orderBy('id', 'desc')
        .limit(limit)
        .execute();
      return rows.map((row) => ({
        id: row.id,
        at: row.at.toISOString(),
        actor: row.actor,
        action: row.action,
        subject: row.subject,
        detail: row.detail,
      }));
    },
  };
}
