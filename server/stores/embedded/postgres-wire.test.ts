import { once } from 'node:events';
import { openAsBlob } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { servePostgres } from './postgres-wire.ts';

const template = fileURLToPath(new URL('../../dist/postgres-template.tar.gz', import.meta.url));

describe('Postgres wire', () => {
  let folder: string;
  let db: PGlite;
  let served: { close(): Promise<void> };
  let pool: pg.Pool;
  const path = (port = 5432) => join(folder, `.s.PGSQL.${port}`);
  const url = (port = 5432) => `postgres://postgres@localhost:${port}/postgres?host=${folder}`;
  const onFatal = (error: unknown) => {
    throw error;
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wheelhouse-wire-'));
    db = await PGlite.create({ loadDataDir: await openAsBlob(template) });
    served = await servePostgres({ db, path: path(), onFatal });
    pool = new pg.Pool({ connectionString: url(), max: 8 });
    pool.on('error', () => {});
    await pool.query('CREATE TABLE notes (text text)');
  }, 60_000);
  afterAll(async () => {
    await pool.end();
    await served.close();
    await db.close();
    await rm(folder, { recursive: true });
  });

  it('gives each of many connections its own answers', async () => {
    const questions = Array.from({ length: 200 }, async (_, i) => {
      if (i % 3 === 0) return (await pool.query('SELECT $1::int AS a, $2::text AS b', [i, `x${i}`])).rows;
      if (i % 3 === 1) return (await pool.query('SELECT $1::int + 1 AS c', [i])).rows;
      const client = await pool.connect();
      try {
        await client.query('BEGIN');
        const { rows } = await client.query('SELECT $1::int8 AS d', [i]);
        await client.query('COMMIT');
        return rows;
      } finally {
        client.release();
      }
    });
    const expected = Array.from({ length: 200 }, (_, i) =>
      i % 3 === 0 ? [{ a: i, b: `x${i}` }] : i % 3 === 1 ? [{ c: i + 1 }] : [{ d: String(i) }],
    );
    expect(await Promise.all(questions)).toEqual(expected);
  });

  it('keeps a transaction to its connection and goes on after an error in it', async () => {
    const client = await pool.connect();
    await client.query('BEGIN');
    await client.query("INSERT INTO notes VALUES ('lost')");
    const other = pool.query('SELECT count(*)::int AS n FROM notes');
    await expect(client.query('SELECT nothing FROM notes')).rejects.toMatchObject({ code: '42703' });
    await client.query('ROLLBACK');
    client.release();
    expect((await other).rows).toEqual([{ n: 0 }]);
  });

  it('rolls back what a client left open', async () => {
    const client = await pool.connect();
    await client.query('BEGIN');
    await client.query("INSERT INTO notes VALUES ('lost')");
    client.release(true);
    expect((await pool.query('SELECT * FROM notes')).rows).toEqual([]);
  });

  it('cuts off a client that holds a transaction without using it while others wait', async () => {
    const strict = await servePostgres({ db, path: path(5433), stallMs: 50, onFatal });
    const client = new pg.Client({ connectionString: url(5433) });
    const other = new pg.Client({ connectionString: url(5433) });
    await other.connect();
    const cut = once(client, 'error');
    await client.connect();
    await client.query('BEGIN');
    await client.query("INSERT INTO notes VALUES ('lost')");
    expect((await other.query('SELECT * FROM notes')).rows).toEqual([]);
    await cut;
    await other.end();
    await strict.close();
  });

  it('carries megabytes', async () => {
    const long = 'y'.repeat(3_000_000);
    const { rows } = await pool.query('SELECT $1::text AS echo', [long]);
    expect(rows[0].echo === long).toBe(true);
  });

  it('reads messages that come byte by byte, while others ask', async () => {
    const socket = connect(path());
    const message = (type: string, ...parts: (string | number[])[]) => {
      const body = Buffer.concat(
        parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))),
      );
      const length = Buffer.alloc(4);
      length.writeInt32BE(body.length + 4);
      return Buffer.concat([Buffer.from(type), length, body]);
    };
    const bytes = Buffer.concat([
      message('', [0x04, 0xd2, 0x16, 0x2f]),
      message('', [0, 3, 0, 0], 'user\0postgres\0\0'),
      message('P', "\0SELECT 'mine'\0", [0, 0]),
      message('B', '\0\0', [0, 0, 0, 0, 0, 0]),
      message('E', '\0', [0, 0, 0, 0]),
      message('S'),
      message('X'),
    ]);
    let answer = '';
    socket.on('data', (data) => {
      answer += data.toString('latin1');
    });
    for (const byte of bytes) {
      socket.write(Buffer.from([byte]));
      expect((await pool.query('SELECT $1::text AS yours', [`${byte}`])).rows).toEqual([{ yours: `${byte}` }]);
    }
    await once(socket, 'close');
    expect(answer).toMatch(/^N/);
    expect(answer).toContain('mine');
  });

  it('hangs up on what is not the protocol', async () => {
    const socket = connect(path());
    socket.write('GET / HTTP/1.1\r\n\r\n');
    socket.write(Buffer.from([0, 0, 0, 1, 0, 0, 0, 0]));
    socket.end();
    await once(socket, 'close');
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  });
});
