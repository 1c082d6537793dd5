import { allows, type DoorName, doorNeeds, paths, type RouteId, routeNeeds } from '@wheelhouse/core/contract';
import { type Role, roles } from '@wheelhouse/core/records';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AccessServer, adminKey, startAccessServer } from './start-server.ts';

let server: AccessServer;
/** A key of each role, and one of none. */
const keys = new Map<Role | null, string>();

beforeAll(async () => {
  server = await startAccessServer();
  for (const role of [...roles, null]) {
    const { secret } = await server.made<{ secret: string }>('/api/v1/keys', { json: { name: `as ${role}`, role } });
    keys.set(role, secret);
  }
});
afterAll(() => server?.stop());

const pathOf = (id: RouteId) => paths[id].path.replace(/\{\w+\}/g, 'none');

/** One request that goes through each door; what it says does not matter, only whether it is let in. */
const doors: Record<DoorName, { method: string; path: string }> = {
  gateway: { method: 'GET', path: '/v1/models' },
  predict: { method: 'POST', path: '/api/v1/models/none/predict' },
  otlp: { method: 'POST', path: '/v1/traces' },
  vendorHello: { method: 'GET', path: '/api/public/health' },
  vendorRead: { method: 'GET', path: '/api/public/v2/scores' },
  vendorWrite: { method: 'POST', path: '/langsmith/runs/batch' },
  vendorRemove: { method: 'DELETE', path: '/api/public/scores/none' },
  promptRead: { method: 'GET', path: '/api/public/v2/prompts' },
  promptWrite: { method: 'PATCH', path: '/api/public/v2/prompts/none/versions/1' },
  trackingRead: { method: 'POST', path: '/api/2.0/mlflow/runs/search' },
  trackingWrite: { method: 'POST', path: '/api/2.0/mlflow/runs/create' },
  live: { method: 'GET', path: '/api/v1/live' },
  exports: { method: 'GET', path: '/api/v1/traces/export' },
  datasetImport: { method: 'POST', path: '/api/v1/datasets/none/import' },
  datasetExport: { method: 'GET', path: '/api/v1/datasets/none/export' },
  attachments: { method: 'GET', path: '/api/v1/attachments/none' },
  metrics: { method: 'GET', path: '/metrics' },
  openapi: { method: 'GET', path: '/api/v1/openapi.json' },
  pages: { method: 'GET', path: '/models' },
};

describe.each([...roles, null])('a key with the role %s', (role) => {
  it.each(Object.keys(paths) as RouteId[])('at %s', async (id) => {
    const { method } = paths[id];
    const json = method === 'GET' || method === 'DELETE' ? undefined : {};
    const { status, text } = await server.ask(pathOf(id), { method, key: keys.get(role) ?? '', json });
    expect(status, text).not.toBe(401);
    // What a handler refuses by itself names something else than a role that is missing.
    const refused = status === 403 && /takes the role|and nothing else/.test(text);
    expect(refused, `${status} ${text}`).toBe(!allows(role, routeNeeds[id]));
  });

  it.each(Object.entries(doors))('at the door %s', async (name, { method, path }) => {
    const { status, text } = await server.ask(path, {
      method,
      key: keys.get(role) ?? '',
      ...(method === 'POST' && { json: {} }),
    });
    expect(status, text).not.toBe(401);
    expect(status === 403, `${status} ${text}`).toBe(!allows(role, doorNeeds[name as DoorName]));
  });
});

describe('without a key', () => {
  const all = [...(Object.keys(paths) as RouteId[]).map((id) => [paths[id].method, pathOf(id)] as const)];
  it.each([...all, ...Object.values(doors).map(({ method, path }) => [method, path] as const)])(
    '%s %s is refused',
    async (method, path) => {
      expect((await server.ask(path, { method, key: 'wh_nothing' })).status).toBe(401);
      expect((await server.ask(path, { method })).status).toBe(401);
    },
  );
});

describe('keys', () => {
  const name = (secret: string) => server.ask('/api/v1/me', { key: secret });

  it('are shown once, and stop at once when they are revoked', async () => {
    const key = await server.made<{ id: string; secret: string; last4: string }>('/api/v1/keys', {
      json: { name: 'ci' },
    });
    expect(key.secret).toMatch(/^wh_[0-9A-Za-z]{43}$/);
    expect(key.last4).toBe(key.secret.slice(-4));
    expect(JSON.parse((await name(key.secret)).text)).toMatchObject({ key: key.id, role: null, actor: 'key:ci' });
    const listed = (await server.ask('/api/v1/keys', { key: adminKey })).text;
    expect(listed).toContain(key.id);
    expect(listed).not.toContain(key.secret);
    await server.ask(`/api/v1/keys/${key.id}`, { method: 'DELETE', key: adminKey });
    expect((await name(key.secret)).status).toBe(401);
    const audit = (await server.ask('/api/v1/audit', { key: adminKey })).text;
    expect(audit).toContain('key.revoke');
    expect(audit).not.toContain(key.secret);
  });

  it('give no more than their maker has', async () => {
    const editor = keys.get('editor') ?? '';
    const admin = keys.get('admin') ?? '';
    const json = { name: 'more', role: 'owner' };
    expect((await server.ask('/api/v1/keys', { method: 'POST', key: admin, json })).status).toBe(403);
    expect((await server.ask('/api/v1/keys', { method: 'POST', key: editor, json: { name: 'x' } })).status).toBe(403);
    const invite = { email: 'boss@example.com', role: 'owner' };
    expect((await server.ask('/api/v1/invitations', { method: 'POST', key: admin, json: invite })).status).toBe(403);
  });
});

describe('projects', () => {
  it('see nothing of each other', async () => {
    await server.made('/api/v1/projects', { json: { id: 'other', name: 'Other' } });
    const elsewhere = { 'x-wheelhouse-project': 'other' };
    await server.made('/api/v1/views', { json: { name: 'mine', url: '/traces?q=x' } });
    await server.made('/api/v1/datasets', { json: { name: 'theirs' }, headers: elsewhere });
    const lists = ['/api/v1/views', '/api/v1/datasets', '/api/v1/models', '/api/v1/keys', '/api/v1/audit'];
    for (const path of lists) {
      const here = (await server.ask(path, { key: adminKey })).text;
      const there = (await server.ask(path, { key: adminKey, headers: elsewhere })).text;
      expect(here).not.toContain('theirs');
      expect(there).not.toContain('mine');
    }
    const { secret } = await server.made<{ secret: string }>('/api/v1/keys', {
      json: { name: 'k', role: 'owner' },
      headers: elsewhere,
    });
    expect(JSON.parse((await server.ask('/api/v1/datasets', { key: secret })).text).data).toMatchObject([
      { name: 'theirs' },
    ]);
    const back = { 'x-wheelhouse-project': 'default' };
    expect((await server.ask('/api/v1/datasets', { key: secret, headers: back })).status).toBe(404);
    const nowhere = { 'x-wheelhouse-project': 'nowhere' };
    expect((await server.ask('/api/v1/datasets', { key: adminKey, headers: nowhere })).status).toBe(404);
  });
});
