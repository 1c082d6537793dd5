import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer } from '@wheelhouse/server/main';

export const adminKey = 'an-admin-key-of-more-than-24-characters';

export type Answer = { status: number; text: string; headers: Headers; cookies: string[] };
export type Asked = {
  method?: string;
  key?: string;
  cookie?: string;
  origin?: string | null;
  json?: unknown;
  form?: Record<string, string>;
  headers?: Record<string, string>;
};

/** A whole server in this process, with real databases, on a free port. */
export async function startAccessServer(env: Record<string, string> = {}) {
  const cwd = await mkdtemp(join(tmpdir(), 'wheelhouse-access-'));
  const server = await startServer({
    cwd,
    env: { WHEELHOUSE_ADMIN_KEY: adminKey, ...env },
    flags: { port: 0 },
    webRoot: null,
    log: 'silent',
  });

  async function ask(path: string, asked: Asked = {}): Promise<Answer> {
    const { key, cookie, json, form } = asked;
    const origin = asked.origin === undefined ? (cookie === undefined ? null : server.url) : asked.origin;
    const response = await fetch(path.startsWith('http') ? path : `${server.url}${path}`, {
      method: asked.method ?? 'GET',
      redirect: 'manual',
      signal: AbortSignal.timeout(20_000),
      headers: {
        ...(key !== undefined && { authorization: `Bearer ${key}` }),
        ...(cookie !== undefined && { cookie }),
        ...(origin !== null && { origin }),
        ...(json !== undefined && { 'content-type': 'application/json' }),
        ...(form !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
        ...asked.headers,
      },
      ...(json !== undefined && { body: JSON.stringify(json) }),
      ...(form !== undefined && { body: new URLSearchParams(form).toString() }),
    });
    const cookies = response.headers.getSetCookie().map((text) => text.split(';', 1)[0] ?? '');
    // A stream would not end by itself.
    const isStream = response.headers.get('content-type') === 'text/event-stream';
    if (isStream) await response.body?.cancel();
    return { status: response.status, text: isStream ? '' : await response.text(), headers: response.headers, cookies };
  }

  async function made<T>(path: string, asked: Asked): Promise<T> {
    const { status, text } = await ask(path, { method: 'POST', key: adminKey, ...asked });
    if (status >= 300) throw new Error(`${path}: ${status} ${text}`);
    return JSON.parse(text) as T;
  }

  /** Invites somebody with the admin key and has them join; their session's cookie. */
  async function joined(email: string, role: string, headers: Record<string, string> = {}): Promise<string> {
    const { path } = await made<{ path: string }>('/api/v1/invitations', { json: { email, role }, headers });
    const token = path.split('token=')[1] ?? '';
    const form = { token, name: email.split('@')[0] ?? '', password: passwordOf(email) };
    const { status, cookies, text } = await ask('/join', { method: 'POST', form });
    if (status !== 303) throw new Error(`/join: ${status} ${text}`);
    return cookies[0] ?? '';
  }

  return {
    url: server.url,
    ask,
    made,
    joined,
    async stop() {
      await server.stop();
      await rm(cwd, { recursive: true, force: true });
    },
  };
}

export type AccessServer = Awaited<ReturnType<typeof startAccessServer>>;

export const passwordOf = (email: string) => `the password of ${email}`;
