import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { restoreTemplate } from './restore-template.ts';

describe('restoring the Postgres template', () => {
  let folder: string;
  let template: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wheelhouse-'));
    template = join(folder, 'template.tar.gz');
    const engine = await PGlite.create();
    await engine.exec('CREATE TABLE kept (id int); INSERT INTO kept VALUES (42); CREATE ROLE somebody;');
    const dump = await engine.dumpDataDir('gzip');
    await writeFile(template, new Uint8Array(await dump.arrayBuffer()));
    await engine.close();
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('gives a database that the engine opens with all that was dumped', async () => {
    const home = join(folder, 'home');
    restoreTemplate(template, home);
    const engine = await PGlite.create({ dataDir: home });
    expect((await engine.query('SELECT id FROM kept')).rows).toEqual([{ id: 42 }]);
    expect((await engine.query("SELECT 1 FROM pg_roles WHERE rolname = 'somebody'")).rows).toHaveLength(1);
    await engine.close();
  });

  it('refuses a template that is cut off or holds something else than files', async () => {
    const tar = gunzipSync(await readFile(template));
    const broken = join(folder, 'broken.tar.gz');
    await writeFile(broken, gzipSync(tar, { level: 1 }).subarray(0, 10_000));
    expect(() => restoreTemplate(broken, join(folder, 'cut'))).toThrow();
    const link = Buffer.from(tar);
    link.write('2', 156);
    await writeFile(broken, gzipSync(link, { level: 1 }));
    expect(() => restoreTemplate(broken, join(folder, 'odd'))).toThrow('type 2');
  });
});
