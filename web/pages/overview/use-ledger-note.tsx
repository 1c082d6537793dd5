import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useData } from '../../data/data-context.tsx';
import { plural } from '../../data/format.ts';
import { ledgerQuery } from '../../data/settings-queries.ts';

/** Whether something was refused or still waits: figures without that would promise too much. */
export function useLedgerNote(): ReactNode {
  const { client } = useData();
  const ledger = useQuery(ledgerQuery(client)).data;
  if (!ledger) return null;
  const waiting = ledger.sources.reduce((sum, one) => sum + one.waiting, 0);
  const kept = ledger.deadLetters?.kept ?? 0;
  if (waiting === 0 && kept === 0) return null;
  return (
    <p className="mb-3 flex flex-wrap items-center gap-x-2 rounded-2 bg-warn-bg px-3 py-1.5">
      ▲ {waiting > 0 && `${plural(waiting, 'span')} not stored yet`}
      {waiting > 0 && kept > 0 && ', '}
      {kept > 0 && `${plural(kept, 'refused request')} can be repaired`}
      <Link to="/ledger" className="link">
        Open the ledger
      </Link>
    </p>
  );
}
