import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import { servePostgres } from '../embedded/index.ts';
import { openPostgres } from './open-postgres.ts';

function rethrow(error: unknown): never {
  throw error;
}

/** Writes a fresh embedded database with all migrations done, as a gzipped tar, so that a first start restores it in a second. */
export async function makeTemplate(outFile: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'wheelhouse-'));
  const engine = await PGlite.create();
  try {
    const served = await servePostgres({ db: engine, path: join(folder, '.s.PGSQL.5432'), onFatal: rethrow });
    const postgres = openPostgres({ url: `postgres://postgres@localhost/postgres?host=${folder}` });
    await postgres.migrate().finally(() => postgres.close());
    await served.close();
    const dump = await engine.dumpDataDir('gzip');
    await writeFile(outFile, new Uint8Array(await dump.arrayBuffer()));
  } finally {
    await engine.close();
    await rm(folder, { recursive: true });
  }
}

const [, script = '', outFile] = process.argv;
const isMain = (await realpath(script).catch(() => null)) === fileURLToPath(import.meta.url);
if (isMain) await makeTemplate(outFile ?? fileURLToPath(new URL('../../postgres-template.tar.gz', import.meta.url)));
