import type { Migration } from 'kysely';
import { records } from './0001-records.ts';
import { ledgerAndPrices } from './0002-ledger-and-prices.ts';
import { viewsAndDeletions } from './0003-views-and-deletions.ts';

/** In the order of their names; a migration that was released never changes. */
export const migrations: Record<string, Migration> = {
  '0001-records': records,
  '0002-ledger-and-prices': ledgerAndPrices,
  '0003-views-and-deletions': viewsAndDeletions,
};
