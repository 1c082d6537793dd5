import { execFile } from 'node:child_process';
import { chownSync, existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { testConfig } from '../config.ts';
import type { TestDatabase } from './engines.ts';

const run = promisify(execFile);
/** Postgres refuses to run as root; this user owns nothing. */
const nobody = 65_534;

/** The folder of `initdb` and `pg_ctl`: on the path, or where Debian keeps the newest version's. */
function findPrograms(): string | null {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [...testConfig.path.split(delimiter), ...versions.map((version) => join(debian, version, 'bin'))];
  return folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'pg_ctl'))) ?? null;
}

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
  const { databaseUrl } = testConfig;
  if (databaseUrl !== null) return () => createDatabase(databaseUrl);
  const programs = findPrograms();
  return programs === null ? null : () => startCluster(programs);
}
