import type { ScoringStore } from '@wheelhouse/core/ports';
import type { Scoring, ScoringProgress } from '@wheelhouse/core/records';
import type { Selectable } from 'kysely';
import type { Database, Db } from './database.ts';
import { inTransaction } from './in-transaction.ts';
import { recordChange } from './record-change.ts';
import { createTaskRows, found } from './task-rows.ts';

const nothingDone: ScoringProgress = {
  ...{ done: 0, scored: 0, kept: 0, failed: 0, costNanoUsd: '0', problems: [], after: null },
};

const toScoring = (row: Selectable<Database['scorings']>): Scoring => ({
  id: row.id,
  of: row.target as Scoring['of'],
  span: row.span ?? { kind: null, name: null },
  q: row.q,
  nowNs: BigInt(row.now_ns),
  scorers: row.scorers,
  sample: row.sample,
  most: row.most,
  capNanoUsd: row.cap_nano_usd,
  status: row.status,
  error: row.error,
  total: row.total,
  progress: row.progress,
  requestedBy: row.requested_by,
  requestedAt: row.requested_at.toISOString(),
  finishedAt: row.finished_at?.toISOString() ?? null,
});

export function createScoringStore(db: Db): ScoringStore {
  const rows = createTaskRows(db, {
    ...{ table: 'scorings', noun: 'scoring', toTask: toScoring, printProgress: JSON.stringify },
  });
  return {
    ...rows,

    create: (by, { id, of, span, q, nowNs, scorers, sample, most, capNanoUsd, total }) =>
      inTransaction(db, async (tx) => {
        const row = await tx
          .insertInto('scorings')
          .values({
            ...{ id, project_id: by.project, target: of, q, now_ns: nowNs.toString(), sample, most, total },
            ...{ scorers: JSON.stringify(scorers), cap_nano_usd: capNanoUsd, requested_by: by.actor },
            span: JSON.stringify(span),
            progress: JSON.stringify(nothingDone),
          })
          .returningAll()
          .executeTakeFirstOrThrow();
        const detail = { of, q, scorers: scorers.map(({ name }) => name), total };
        await recordChange(tx, by, { action: 'scoring.create', subject: id, detail });
        return toScoring(row);
      }),

    cancel: async (by, id) => found(await rows.cancel(by, id), `There is no scoring \`${id}\`.`),
  };
}
