import type { Clock } from '@wheelhouse/core/ports';
import { defaultProjectId, type LedgerAccount } from '@wheelhouse/core/records';
import { createLedger, type Ledger } from '../../server/ingest/ledger.ts';

const countsOf = ({ received, stored, rejected, waiting, spilled }: LedgerAccount) => {
  return { received, stored, rejected, waiting, spilled };
};

/** The ledger itself, which throws when an account does not balance after an event. */
export function watchedLedger(clock: Clock) {
  const ledger = createLedger({ clock });
  const find = (source: string, project = defaultProjectId) =>
    ledger.read(project).find((one) => one.source === source);
  const add: Ledger['add'] = (event) => {
    ledger.add(event);
    for (const project of ledger.changes().keys())
      for (const account of ledger.read(project)) {
        const { received, stored, rejected, waiting, spilled } = account;
        const isSound = stored + rejected + waiting === received && waiting >= spilled;
        if (!isSound || Math.min(stored, rejected, spilled) < 0)
          throw new Error(`${account.source} of ${project} does not balance: ${JSON.stringify(countsOf(account))}`);
      }
  };
  return {
    add,
    beforeRead: ledger.beforeRead,
    /** Zeros where nothing has happened. */
    read: (source: string, project = defaultProjectId) => {
      const account = find(source, project);
      return account ? countsOf(account) : { received: 0, stored: 0, rejected: 0, waiting: 0, spilled: 0 };
    },
    reasons: (source: string, project = defaultProjectId) =>
      find(source, project)?.rejections.map(({ reason }) => reason) ?? [],
  };
}
