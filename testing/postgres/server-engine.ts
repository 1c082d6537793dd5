import { execFile } from 'node:child_process';
import { chownSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { findPostgres } from '../../scripts/postgres.mjs';
import type { TestDatabase } from './engines.ts';

const run = promisify(execFile);
/** Postgres refuses to run as root; this user owns nothing. */
const nobody = 65_534;

/** A cluster in a temporary folder, reached by its socket only. */
async function startCluster(programs: string): Promise<TestDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'wheelhouse-'));
  const user = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};
  if (user.uid !== undefined) chownSync(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  const start = (program: string, ...args: string[]) => run(join(programs, program), args, { cwd: folder, ...user });
  await start('initdb', '-D', data, '-U', 'postgres', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync');
  const settings = `-c listen_addresses= -c unix_socket_directories=${folder} -c fsync=off`;
  await start('pg_ctl', 'start', '-w', '-D', data, '-l', join(folder, 'log'), '-o', settings);
  return {
    url: `postgres://postgres@localhost/postgres?host=${folder}`,
    async close() {
      await start('pg_ctl', 'stop', '-w', '-D', data, '-m', 'immediate');
      await rm(folder, { recursive: true });
    },
  };
}

/** A database of its own on a server that is already there. */
async function createDatabase(serverUrl: string): Promise<TestDatabase> {
  const name = `wheelhouse_test_${process.pid}_${Date.now()}`;
  const onServer = async (statement: string) => {
    const client = new pg.Client(serverUrl);
    await client.connect();
    await client.query(statement).finally(() => client.end());
  };
  await onServer(`create database ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return { url: url.href, close: () => onServer(`drop database ${name} with (force)`) };
}

/** How to open a database on a real server, or null on a machine that has none. */
export function findServer(): (() => Promise<TestDatabase>) | null {
  const found = findPostgres(process.env);
  if (found === null) return null;
  return 'url' in found ? () => createDatabase(found.url) : () => startCluster(found.programs);
}
