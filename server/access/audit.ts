import type { Handlers } from '@wheelhouse/core/contract';
import type { AuditFilter, AuditStore } from '@wheelhouse/core/ports';

/** Who changed what; the rows are written by the stores, in the transaction of each change. */
export function createAuditHandlers(deps: { audit: AuditStore }): Handlers<'listAudit'> {
  return {
    async listAudit({ by, query }) {
      const { limit, cursor, ...asked } = query;
      const said = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined)) as AuditFilter;
      const place = cursor === undefined ? {} : { before: cursor };
      const data = await deps.audit.list(by.project, { limit, ...place, ...said });
      return { data, next: data.length === limit ? (data.at(-1)?.id ?? null) : null };
    },
  };
}
