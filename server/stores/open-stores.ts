import type { Breathe } from '@wheelhouse/core/ports';
import type { Logger } from 'pino';
import { type ClickHouse, openClickHouse } from './clickhouse/index.ts';
import type { Engines } from './open-engines.ts';
import { openPostgres, type Postgres } from './postgres/index.ts';

export type Stores = {
  records: Postgres;
  telemetry: ClickHouse;
  /** No other server can be on these records. */
  exclusive: boolean;
  /** Rejects with `store_unavailable` while one of them is away. */
  ping(): Promise<void>;
  close(): Promise<void>;
};

/** Opens and migrates the stores of both databases. */
export async function openStores(engines: Engines, log: Logger, breathe: Breathe): Promise<Stores> {
  const records = openPostgres({ url: engines.databaseUrl, shared: !engines.exclusive, log });
  const telemetry = openClickHouse({ url: engines.clickhouseUrl, log, breathe });
  const close = async () => {
    await Promise.allSettled([records.close(), telemetry.close()]);
  };
  try {
    await Promise.all([records.migrate(), telemetry.migrate()]);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    records,
    telemetry,
    exclusive: engines.exclusive,
    ping: async () => void (await Promise.all([records.ping(), telemetry.ping()])),
    close,
  };
}
