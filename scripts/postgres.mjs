import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { canInstall, installFromDebian } from './install-packages.mjs';

const debian = '/usr/lib/postgresql';

function findPrograms(env) {
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [...(env.PATH ?? '').split(delimiter), ...versions.map((version) => join(debian, version, 'bin'))];
  return (
    folders.find((folder) => folder && ['initdb', 'pg_ctl'].every((name) => existsSync(join(folder, name)))) ?? null
  );
}

/** The server that `TEST_DATABASE_URL` names, or the programs that start one; null when there is neither. */
export function findPostgres(env) {
  if (env.TEST_DATABASE_URL) return { url: env.TEST_DATABASE_URL };
  const programs = findPrograms(env);
  return programs === null ? null : { programs };
}

/** Finds a Postgres server, or installs one and says so; throws a sentence that says what to do when it cannot. */
export function ensurePostgres(env) {
  const found = findPostgres(env);
  if (found) return found;
  if (canInstall()) installFromDebian('postgresql', { because: 'No Postgres server here', env });
  const installed = findPostgres(env);
  if (installed) return installed;
  throw new Error(
    `The stores are tested on a Postgres server too, and ${canInstall() ? 'installing one failed' : 'there is none here'}. Install PostgreSQL so that initdb and pg_ctl are on the PATH, or set TEST_DATABASE_URL to a server on which tests may create databases.`,
  );
}
