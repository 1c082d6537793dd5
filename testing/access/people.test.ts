import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type IdentityProvider, startIdentityProvider } from './identity-provider.ts';
import { type AccessServer, adminKey, passwordOf, startAccessServer } from './start-server.ts';

let server: AccessServer;
let identities: IdentityProvider;
const client = { clientId: 'wheelhouse', clientSecret: 'a-secret-of-the-client' };

beforeAll(async () => {
  identities = await startIdentityProvider();
  server = await startAccessServer({
    WHEELHOUSE_OIDC_ISSUER: identities.issuer,
    WHEELHOUSE_OIDC_CLIENT_ID: client.clientId,
    WHEELHOUSE_OIDC_CLIENT_SECRET: client.clientSecret,
  });
  identities.serve({ ...client, redirectUri: `${server.url}/sign-in/oidc/callback` });
});
afterAll(async () => {
  await server?.stop();
  await identities?.close();
});

type Me = { actor: string; role: string; project: { id: string }; person: { id: string } | null; projects: unknown[] };
const me = async (cookie: string): Promise<Me> => JSON.parse((await server.ask('/api/v1/me', { cookie })).text) as Me;
const signIn = (email: string, password: string, headers: Record<string, string> = {}) =>
  server.ask('/sign-in', { method: 'POST', form: { email, password }, headers });

/** What a browser does: follows from page to page, with the cookies of each server. */
async function travel(start: string): Promise<{ status: number; text: string; cookie: string }> {
  const jars = new Map<string, Map<string, string>>();
  let url = new URL(start, server.url);
  for (let hop = 0; hop < 20; hop++) {
    const jar = jars.get(url.origin) ?? new Map<string, string>();
    jars.set(url.origin, jar);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await server.ask(url.href, { ...(cookie !== '' && { cookie }), origin: null });
    for (const pair of answer.cookies) jar.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
    const location = answer.headers.get('location');
    const own = jars.get(new URL(server.url).origin);
    const session = own?.get('wheelhouse_session');
    if (session !== undefined || location === null) return { ...answer, cookie: `wheelhouse_session=${session ?? ''}` };
    url = new URL(location, url);
  }
  throw new Error('It goes round in circles.');
}

describe('an invitation', () => {
  it('lets one person in, once, with the role it names', async () => {
    const cookie = await server.joined('ada@example.com', 'editor');
    expect(await me(cookie)).toMatchObject({ actor: 'ada@example.com', role: 'editor', project: { id: 'default' } });
    const { path } = await server.made<{ path: string }>('/api/v1/invitations', {
      json: { email: 'once@example.com' },
    });
    const token = path.split('token=')[1] ?? '';
    const form = { token, name: 'Once', password: passwordOf('once@example.com') };
    const short = await server.ask('/join', { method: 'POST', form: { ...form, password: 'short' } });
    expect([short.status, short.text.includes('12 characters')]).toEqual([400, true]);
    expect((await server.ask('/join', { method: 'POST', form })).status).toBe(303);
    expect((await server.ask('/join', { method: 'POST', form })).status).toBe(404);
    expect((await server.ask('/join?token=guessed')).status).toBe(404);
    const audit = (await server.ask('/api/v1/audit', { key: adminKey })).text;
    expect(audit).toContain('person.join');
    expect(audit).not.toContain(token);
  });

  it('to another project takes the password of the account that is there', async () => {
    await server.made('/api/v1/projects', { json: { id: 'second' } });
    const second = { 'x-wheelhouse-project': 'second' };
    const { path } = await server.made<{ path: string }>('/api/v1/invitations', {
      json: { email: 'ada@example.com', role: 'viewer' },
      headers: second,
    });
    const token = path.split('token=')[1] ?? '';
    const join = (password: string) => server.ask('/join', { method: 'POST', form: { token, name: 'Eve', password } });
    expect((await join('a password that is not hers')).status).toBe(401);
    const { status, cookies } = await join(passwordOf('ada@example.com'));
    expect(status).toBe(303);
    const cookie = cookies[0] ?? '';
    expect((await me(cookie)).projects).toMatchObject([
      { id: 'default', role: 'editor' },
      { id: 'second', role: 'viewer' },
    ]);
    expect(await me(`${cookie}; wheelhouse_project=second`)).toMatchObject({
      role: 'viewer',
      project: { id: 'second' },
    });
    expect(await me(`${cookie}; wheelhouse_project=gone`)).toMatchObject({ project: { id: 'default' } });
  });
});

describe('signing in', () => {
  it('says the same of an address that is unknown and of a password that is wrong', async () => {
    const visible = ({ text }: { text: string }) => text.replace(/value="[^"]*"/g, '');
    const wrong = await signIn('ada@example.com', 'not her password');
    const unknown = await signIn('nobody@example.com', 'not her password');
    expect([wrong.status, unknown.status]).toEqual([401, 401]);
    expect(visible(wrong)).toBe(visible(unknown));
    expect((await signIn(' ADA@example.com', passwordOf('ada@example.com'))).status).toBe(303);
  });

  it('is slowed down after ten failures, alike whether there is such an account, and no other one is', async () => {
    await server.joined('slow@example.com', 'viewer');
    for (const email of ['slow@example.com', 'ghost@example.com']) {
      const statuses: number[] = [];
      // Each from its own address, as those who guess with many machines do.
      for (let i = 0; i < 11; i++)
        statuses.push((await signIn(email, 'guess', { 'x-forwarded-for': `203.0.113.${i}` })).status);
      expect(statuses).toEqual([...Array(10).fill(401), 429]);
    }
    expect((await signIn('slow@example.com', passwordOf('slow@example.com'))).status).toBe(429);
    expect((await signIn('ada@example.com', passwordOf('ada@example.com'))).status).toBe(303);
  });

  it('with the admin key makes an owner of all projects', async () => {
    const { cookies } = await server.ask('/sign-in', { method: 'POST', form: { key: adminKey } });
    const owner = await me(cookies[0] ?? '');
    expect(owner).toMatchObject({ actor: 'admin', role: 'owner', person: null });
    expect(cookies[0]).not.toContain(adminKey);
  });
});

describe('a session', () => {
  it('is ended by signing out, also where somebody kept its cookie', async () => {
    const { cookies, headers } = await signIn('ada@example.com', passwordOf('ada@example.com'));
    const cookie = cookies[0] ?? '';
    expect(headers.getSetCookie()[0]).toMatch(/HttpOnly; SameSite=Lax/);
    expect((await me(cookie)).actor).toBe('ada@example.com');
    expect((await server.ask('/sign-out', { method: 'POST', cookie })).status).toBe(303);
    expect((await server.ask('/api/v1/me', { cookie })).status).toBe(401);
  });

  it('changes nothing at the wish of another page, or of none', async () => {
    const cookie = await server.joined('carl@example.com', 'editor');
    const json = { name: 'a view', url: '/traces' };
    const post = (origin: string | null) => server.ask('/api/v1/views', { method: 'POST', cookie, json, origin });
    expect((await post('https://evil.example')).status).toBe(403);
    expect((await post('null')).status).toBe(403);
    expect((await post(null)).status).toBe(403);
    expect((await post(server.url)).status).toBe(201);
  });

  it('ends where its person ends, and follows a new role at once', async () => {
    const cookie = await server.joined('dora@example.com', 'viewer');
    const { person } = await me(cookie);
    const view = (name: string) =>
      server.ask('/api/v1/views', { method: 'POST', cookie, json: { name, url: '/traces' } });
    expect((await view('one')).status).toBe(403);
    const change = { method: 'PUT', key: adminKey, json: { role: 'editor' } };
    expect((await server.ask(`/api/v1/people/${person?.id}`, change)).status).toBe(200);
    expect((await view('two')).status).toBe(201);
    const made = await server.ask('/api/v1/keys', { method: 'POST', cookie, json: { name: 'hers', mine: true } });
    const { secret } = JSON.parse(made.text) as { secret: string };
    expect((await server.ask('/v1/models', { key: secret })).status).toBe(200);
    await server.ask(`/api/v1/people/${person?.id}`, { method: 'DELETE', key: adminKey });
    expect((await server.ask('/api/v1/me', { cookie })).status).toBe(403);
    expect((await server.ask('/v1/models', { key: secret })).status).toBe(401);
  });

  it('ends with a new password, except for the one it was changed in', async () => {
    const first = await server.joined('fay@example.com', 'viewer');
    const other = (await signIn('fay@example.com', passwordOf('fay@example.com'))).cookies[0] ?? '';
    const change = (current: string) =>
      server.ask('/api/v1/me/password', { method: 'PUT', cookie: first, json: { current, next: 'another long one' } });
    expect((await change('not it')).status).toBe(400);
    expect((await change(passwordOf('fay@example.com'))).status).toBe(200);
    expect((await server.ask('/api/v1/me', { cookie: first })).status).toBe(200);
    expect((await server.ask('/api/v1/me', { cookie: other })).status).toBe(401);
    expect((await signIn('fay@example.com', 'another long one')).status).toBe(303);
  });
});

describe('an admin who is no owner', () => {
  it('decides nothing about owners', async () => {
    const admin = await server.joined('admin@example.com', 'admin');
    const owner = await me(await server.joined('owner@example.com', 'owner'));
    const at = `/api/v1/people/${owner.person?.id}`;
    expect((await server.ask(at, { method: 'PUT', cookie: admin, json: { role: 'viewer' } })).status).toBe(403);
    expect((await server.ask(at, { method: 'DELETE', cookie: admin })).status).toBe(403);
  });
});

describe('a provider of identities', () => {
  it('lets those in who were invited, without the link, and knows them again by who they are', async () => {
    await server.made('/api/v1/invitations', { json: { email: 'grace@example.com', role: 'editor' } });
    identities.as({ id: 'grace-1', email: 'Grace@example.com', verified: true, name: 'Grace' });
    const { cookie } = await travel('/sign-in/oidc?next=/models');
    const first = await me(cookie);
    expect(first).toMatchObject({ actor: 'grace@example.com', role: 'editor', person: { name: 'Grace' } });
    identities.as({ id: 'grace-1', email: 'new@example.com', verified: true, name: 'Grace' });
    expect((await me((await travel('/sign-in/oidc')).cookie)).person?.id).toBe(first.person?.id);
  });

  it('lets nobody in who was not invited, nor by an address that it does not vouch for', async () => {
    identities.as({ id: 'mallory', email: 'mallory@example.com', verified: true, name: 'M' });
    expect(await travel('/sign-in/oidc')).toMatchObject({ status: 403, cookie: 'wheelhouse_session=' });
    identities.as({ id: 'mallory-2', email: 'ada@example.com', verified: false, name: 'M' });
    expect(await travel('/sign-in/oidc')).toMatchObject({ status: 403, cookie: 'wheelhouse_session=' });
  });

  it('takes no answer that this browser did not ask for', async () => {
    const trip = { state: 'a', nonce: 'b', verifier: 'c'.repeat(43), next: '/' };
    const cookie = `wheelhouse_trip=${Buffer.from(JSON.stringify(trip)).toString('base64url')}`;
    const forged = await server.ask('/sign-in/oidc/callback?code=x&state=other', { cookie, origin: null });
    expect([forged.status, forged.cookies]).toEqual([401, []]);
    const none = await server.ask('/sign-in/oidc/callback?code=x&state=a');
    expect([none.status, none.headers.get('location')]).toEqual([303, '/sign-in']);
  });
});
