import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openDatabase } from '@wheelhouse/server/stores/clickhouse/database';
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

export type TelemetryEngine = { name: string; open(): Promise<{ url: string; close(): Promise<void> }> };

/** A database of its own on a server that is already there. */
async function ownDatabase(serverUrl: string) {
  const name = `wheelhouse_test_${randomBytes(6).toString('hex')}`;
  const url = new URL(`/${name}`, serverUrl).href;
  const database = openDatabase(url);
  await database.create();
  return {
    url,
    close: async () => {
      await database.command(`DROP DATABASE ${name}`);
      await database.close();
    },
  };
}

/** What the suites of the telemetry stores run over: the embedded engine, and a server where one is named. */
export function telemetryEngines(): TelemetryEngine[] {
  const embedded = {
    name: 'chDB',
    open: async () => {
      const opened = await openTestEmbedded();
      return { url: opened.clickhouseUrl, close: opened.close };
    },
  };
  const serverUrl = process.env.TEST_CLICKHOUSE_URL || process.env.CLICKHOUSE_URL;
  return serverUrl ? [embedded, { name: 'ClickHouse server', open: () => ownDatabase(serverUrl) }] : [embedded];
}
