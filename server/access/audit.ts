import { type Handlers, pageBelow } from '@wheelhouse/core/contract';
import type { AuditFilter, AuditStore } from '@wheelhouse/core/ports';

/** Who changed what; the rows are written by the stores, in the transaction of each change. */
export function createAuditHandlers(deps: { audit: AuditStore }): Handlers<'listAudit'> {
  return {
    async listAudit({ by, query }) {
      const { limit, cursor, ...asked } = query;
      const said = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined)) as AuditFilter;
      const list = (page: { limit: number; before?: string }) => deps.audit.list(by.project, { ...page, ...said });
      return pageBelow({ limit, cursor }, list, (entry) => entry);
    },
  };
}
