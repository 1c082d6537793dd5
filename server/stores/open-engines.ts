import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { WheelhouseError } from '@wheelhouse/core/records';
import { type EmbeddedLog, lockDirectory, startEmbedded } from './embedded/index.ts';

export type EnginesOptions = { dir: string; databaseUrl: string | null; clickhouseUrl: string | null };

/** Where both databases answer. */
export type Engines = {
  databaseUrl: string;
  clickhouseUrl: string;
  /** No other server can be on these records. */
  exclusive: boolean;
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

/** Starts the embedded child process for what no server is configured for. */
export async function openEngines(options: EnginesOptions, log: EmbeddedLog): Promise<Engines> {
  const needsChild = options.databaseUrl === null || options.clickhouseUrl === null;
  const embedded = needsChild ? await startEmbedded({ dataDir: options.dir, template: templateFile(), log }) : null;
  // What the gateway could not store yet stands in the directory, also when both databases are servers.
  const lock = embedded === null ? await lockDirectory(join(options.dir, 'lock')) : null;
  return {
    databaseUrl: options.databaseUrl ?? embedded?.databaseUrl ?? '',
    clickhouseUrl: options.clickhouseUrl ?? embedded?.clickhouseUrl ?? '',
    exclusive: options.databaseUrl === null,
    close: async () => {
      await embedded?.stop();
      await lock?.release();
    },
  };
}
