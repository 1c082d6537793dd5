import type { AuditStore } from '@wheelhouse/core/ports';
import { WheelhouseError } from '@wheelhouse/core/records';
import { sql } from 'kysely';
import type { Db } from './database.ts';

/** The largest id is 19 digits, so that a longer one is no place in the list. */
const entryId = /^\d{1,18}$/;

export function createAuditStore(db: Db): AuditStore {
  return {
    async list(project, { limit, before, subject, actor, action, from, until }) {
      if (before !== undefined && !entryId.test(before))
        throw new WheelhouseError('invalid_request', `\`${before}\` is no place in the audit log.`, {
          param: 'cursor',
        });
      const rows = await db
        .selectFrom('audit')
        .selectAll()
        .where('project_id', '=', project)
        .$if(before !== undefined, (query) => query.where('id', '<', before ?? ''))
        .$if(subject !== undefined, (query) =>
          query.where((either) =>
            either.or([
              either('subject', '=', subject ?? ''),
              either(sql`starts_with(subject, ${`${subject}@`})`, 'is', true),
            ]),
          ),
        )
        .$if(actor !== undefined, (query) => query.where('actor', '=', actor ?? ''))
        .$if(action !== undefined, (query) =>
          query.where((either) =>
            either.or([
              either('action', '=', action ?? ''),
              either(sql`starts_with(action, ${`${action}.`})`, 'is', true),
            ]),
          ),
        )
        .$if(from !== undefined, (query) => query.where('at', '>=', sql<Date>`${from}::timestamptz`))
        .$if(until !== undefined, (query) => query.where('at', '<', sql<Date>`${until}::timestamptz`))
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
