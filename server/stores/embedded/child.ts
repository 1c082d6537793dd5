import { randomBytes } from 'node:crypto';
import { fsyncSync } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { PGlite } from '@electric-sql/pglite';
import { serveClickHouse } from './clickhouse-http.ts';
import { lockDirectory } from './directory-lock.ts';
import { killAfter } from './kill-after.ts';
import type { FromChild, ToChild } from './messages.ts';
import { servePostgres } from './postgres-wire.ts';
import { restoreTemplate } from './restore-template.ts';

type Start = Extract<ToChild, { type: 'start' }>;

/** A predecessor whose server was killed may still be closing its engines. */
const predecessorMs = 20_000;
/** The engine cannot interrupt a query; after this time a shutdown leaves it, which costs no acknowledged row. */
const closeMs = 8_000;

/**
 * How much of its own code, in bytes, a function of Postgres runs before V8 optimises it. By V8's default, 1.8 MB, each start
 * optimises hundreds of functions that it runs a few times, for a second of processor; what is busy gets there all the same.
 */
const tieringBudget = 500_000_000;

const draftPrefix = 'postgres.draft-';

/** PGlite starts Postgres without fsync unless it is told otherwise. */
const startParams = [...PGlite.defaultStartParams.filter((param) => param !== '-F'), '-c', 'wal_sync_method=fsync'];

/** PGlite's file system has no fsync of its own: what is committed must outlive a power cut, not only this process. */
function giveFsync(db: PGlite): void {
  const { filesystems } = db.Module.FS as unknown as {
    filesystems: { NODEFS: { stream_ops: { fsync?: (stream: { nfd: number }) => number } } };
  };
  filesystems.NODEFS.stream_ops.fsync = ({ nfd }) => {
    fsyncSync(nfd);
    return 0;
  };
}

/** A restore that was cut off must not look like a database: it is done beside and renamed. */
async function openPostgres(dataDir: string, template: string): Promise<PGlite> {
  const home = join(dataDir, 'postgres');
  for (const name of await readdir(dataDir))
    if (name.startsWith(draftPrefix)) await rm(join(dataDir, name), { recursive: true });
  const exists = await stat(home).catch(() => null);
  if (!exists) {
    const draft = join(dataDir, draftPrefix + randomBytes(6).toString('hex'));
    restoreTemplate(template, draft);
    await rename(draft, home);
  }
  setFlagsFromString(`--wasm-tiering-budget=${tieringBudget}`);
  const db = await PGlite.create({ dataDir: home, startParams });
  giveFsync(db);
  return db;
}

function fail(error: unknown): never {
  console.error(error);
  process.exit(1);
}

/** Opens both engines and serves them; resolves with what closes them again. */
async function open(start: Start): Promise<{ port: number; close(): Promise<void> }> {
  const { dataDir, socketDir, port, password } = start;
  await mkdir(join(dataDir, 'clickhouse'), { recursive: true, mode: 0o700 });
  const lock = await lockDirectory(join(dataDir, 'engines.lock'), predecessorMs);
  const db = await openPostgres(dataDir, start.template);
  const postgres = await servePostgres({ db, path: join(socketDir, '.s.PGSQL.5432'), onFatal: fail });
  const clickhouse = await serveClickHouse({ path: join(dataDir, 'clickhouse'), port, password });
  return {
    port: clickhouse.port,
    close: async () => {
      await Promise.all([postgres.close().then(() => db.close()), clickhouse.close()]);
      await lock.release();
    },
  };
}

function main(): void {
  let opened: ReturnType<typeof open> | null = null;
  let socketDir: string | null = null;
  let leaving = false;

  async function leave(): Promise<void> {
    if (leaving) return;
    leaving = true;
    killAfter(closeMs);
    const engines = await opened?.catch(() => null);
    await engines?.close();
    process.exit(0);
  }

  // A Ctrl-C or a service manager signals the whole group; the parent says when it has drained.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => {});
  process.on('disconnect', () => {
    // The parent is gone without a word: nobody else clears its directory away.
    const left = socketDir ? rm(socketDir, { recursive: true, force: true }) : Promise.resolve();
    left.then(leave).catch(fail);
  });
  process.on('message', (message: ToChild) => {
    if (message.type === 'stop') {
      leave().catch(fail);
      return;
    }
    socketDir = message.socketDir;
    opened = open(message);
    opened.then(
      ({ port }) => process.send?.({ type: 'ready', port } satisfies FromChild),
      (error: unknown) => {
        const message = error instanceof Error ? error.message : String(error);
        process.send?.({ type: 'failed', message } satisfies FromChild, () => fail(error));
      },
    );
  });
}

main();
