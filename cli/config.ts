import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';

/** What the environment says; read here and nowhere else in this workspace. */
export type Config = {
  /** The server that commands talk to. */
  url: string;
  /** Whether the environment says so; else it is where a server usually is. */
  isUrlGiven: boolean;
  /** What commands show it: a key of a project or a person, else the admin key. */
  adminKey: string | null;
  /** Where commands act; null: in the key's own project, or the default one. */
  project: string | null;
  /** The same for the server that versions are promoted to. */
  to: { apiKey: string | null; project: string | null };
  /** The whole environment, for the server that `start` runs. */
  env: NodeJS.ProcessEnv;
  cwd: string;
  /** False under NO_COLOR and on dumb terminals. */
  color: boolean;
  /** False in CI and on dumb terminals, where a line cannot be drawn again. */
  redraw: boolean;
};

/** Environment over `.env.local` over `.env`, as the server reads them. */
function environment(cwd: string, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const files = ['.env', '.env.local'].map((name) => join(cwd, name)).filter((path) => existsSync(path));
  return Object.assign({}, ...files.map((path) => parseEnv(readFileSync(path, 'utf8'))), env);
}

export function readConfig(): Config {
  const cwd = process.cwd();
  const env = environment(cwd, process.env);
  const dumb = env.TERM === 'dumb';
  return {
    isUrlGiven: Boolean(env.WHEELHOUSE_URL),
    url: (env.WHEELHOUSE_URL || 'http://127.0.0.1:4400').replace(/\/+$/, ''),
    adminKey: env.WHEELHOUSE_API_KEY || env.WHEELHOUSE_ADMIN_KEY || null,
    project: env.WHEELHOUSE_PROJECT || null,
    to: { apiKey: env.WHEELHOUSE_TO_API_KEY || null, project: env.WHEELHOUSE_TO_PROJECT || null },
    env: process.env,
    cwd,
    color: !env.NO_COLOR && !dumb,
    redraw: !env.CI && !dumb,
  };
}
