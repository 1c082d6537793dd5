import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { WheelhouseError } from '@wheelhouse/core/records';
import type { Logger } from 'pino';
import { type ClickHouse, openClickHouse } from './clickhouse/index.ts';
import { lockDirectory, startEmbedded } from './embedded/index.ts';
import { openPostgres, type Postgres } from './postgres/index.ts';

export type StoresOptions = { dir: string; databaseUrl: string | null; clickhouseUrl: string | null };

export type Stores = {
  records: Postgres;
  telemetry: ClickHouse;
  /** No other server can be on these records. */
  exclusive: boolean;
  /** Rejects with `store_unavailable` while one of them is away. */
  ping(): Promise<void>;
  close(): Promise<void>;
};

/** Made by the build, so that a first start restores instead of running initdb. Compiled files stand in `dist`. */
function templateFile(): string {
  const file = [
    join(import.meta.dirname, '..', 'postgres-template.tar.gz'),
    join(import.meta.dirname, '..', 'dist', 'postgres-template.tar.gz'),
  ].find((path) => existsSync(path));
  if (file) return file;
  throw new WheelhouseError('config_invalid', 'The Postgres template is not built.', { hint: 'Run npm run build.' });
}

/** Opens and migrates both stores: servers where URLs are configured, else the embedded child process. */
export async function openStores(options: StoresOptions, log: Logger): Promise<Stores> {
  const needsChild = options.databaseUrl === null || options.clickhouseUrl === null;
  const embedded = needsChild ? await startEmbedded({ dataDir: options.dir, template: templateFile(), log }) : null;
  // What the gateway could not store yet stands in the directory, also when both databases are servers.
  const lock = embedded === null ? await lockDirectory(join(options.dir, 'lock')) : null;
  const databaseUrl = options.databaseUrl ?? embedded?.databaseUrl ?? '';
  const clickhouseUrl = options.clickhouseUrl ?? embedded?.clickhouseUrl ?? '';
  const records = openPostgres({ url: databaseUrl, log });
  const telemetry = openClickHouse({ url: clickhouseUrl, log });
  const close = async () => {
    await Promise.allSettled([records.close(), telemetry.close()]);
    await embedded?.stop();
    await lock?.release();
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
    exclusive: options.databaseUrl === null,
    ping: async () => void (await Promise.all([records.ping(), telemetry.ping()])),
    close,
  };
}
