import type { Handlers } from '@wheelhouse/core/contract';
import type { AuditStore } from '@wheelhouse/core/ports';

/** Who changed what; the rows are written by the stores, in the transaction of each change. */
export function createAuditHandlers(deps: { audit: AuditStore }): Handlers<'listAudit'> {
  return {
    async listAudit({ by, query }) {
      const { limit, cursor } = query;
      const data = await deps.audit.list(by.project, { limit, ...(cursor === undefined ? {} : { before: cursor }) });
      return { data, next: data.length === limit ? (data.at(-1)?.id ?? null) : null };
    },
  };
}
