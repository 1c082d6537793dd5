import type { Migration } from 'kysely';
import { records } from './0001-records.ts';

/** In the order of their names; a migration that was released never changes. */
export const migrations: Record<string, Migration> = {
  '0001-records': records,
};
