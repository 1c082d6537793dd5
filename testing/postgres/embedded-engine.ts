import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { servePostgres } from '@wheelhouse/server/stores/embedded/index';
import { makeTemplate } from '@wheelhouse/server/stores/postgres/make-template';
import type { TestDatabase } from './engines.ts';

/** The engine of a laptop in this process: restored from a template into memory, behind its real socket. */
export async function openEmbedded(): Promise<TestDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'wheelhouse-'));
  const template = join(folder, 'template.tar.gz');
  await makeTemplate(template);
  const engine = await PGlite.create({ loadDataDir: new Blob([await readFile(template)]) });
  const served = await servePostgres({
    db: engine,
    path: join(folder, '.s.PGSQL.5432'),
    onFatal(error) {
      throw error;
    },
  });
  return {
    url: `postgres://postgres@localhost/postgres?host=${folder}`,
    async close() {
      await served.close();
      await engine.close();
      await rm(folder, { recursive: true });
    },
  };
}
