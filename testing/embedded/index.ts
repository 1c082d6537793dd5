import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Embedded, type EmbeddedLog, startEmbedded } from '@wheelhouse/server/stores/embedded/index';

const template = fileURLToPath(new URL('../../server/dist/postgres-template.tar.gz', import.meta.url));

export type TestEmbedded = Embedded & {
  dataDir: string;
  /** Starts another on the same directory. */
  startAgain(log?: EmbeddedLog): Promise<Embedded>;
  /** Stops it and removes the directory. */
  close(): Promise<void>;
};

/** Both databases in a child process of their own, on a directory of their own. The child is the compiled one. */
export async function openTestEmbedded(): Promise<TestEmbedded> {
  if (!existsSync(template)) throw new Error('The server is not built: run npm run build first.');
  const dataDir = await mkdtemp(join(tmpdir(), 'wheelhouse-data-'));
  const start = (log?: EmbeddedLog) => startEmbedded({ dataDir, template, ...(log && { log }) });
  const embedded = await start();
  return {
    ...embedded,
    dataDir,
    startAgain: start,
    close: async () => {
      await embedded.stop();
      await rm(dataDir, { recursive: true });
    },
  };
}
