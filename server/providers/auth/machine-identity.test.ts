import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { smallRequest } from '../small-request.ts';
import { createTransport } from '../transport.ts';
import type { Outgoing } from './authenticate.ts';
import { Identity, type IdentityVariables } from './identity-steps.ts';
import { createMachineAuthenticate } from './machine-identity.ts';

type Asked = { method: string; path: string; headers: IncomingMessage['headers']; body: string };
type Answer = { status?: number; headers?: Record<string, string>; body: string | object };

let folder: string;
let base: string;
let host: string;
let asked: Asked[];
/** Answers by path, without the query. */
let answers: Record<string, Answer | (() => Answer)>;
const transport = createTransport();
const request = smallRequest(transport);
const time = { nowMs: Date.parse('2026-11-21T12:00:00Z') };
const nowMs = () => time.nowMs;

const server = createServer(async (req, res) => {
  let body = '';
  for await (const chunk of req) body += chunk;
  asked.push({ method: req.method ?? '', path: req.url ?? '', headers: req.headers, body });
  const found = answers[(req.url ?? '').split('?', 1)[0] ?? ''];
  const answer = typeof found === 'function' ? found() : (found ?? { status: 404, body: 'nothing here' });
  res.writeHead(answer.status ?? 200, answer.headers);
  res.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wheelhouse-identity-'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  base = `http://${host}`;
});
beforeEach(() => {
  asked = [];
  answers = {};
});
afterEach(() => {
  time.nowMs = Date.parse('2026-11-21T12:00:00Z');
});
afterAll(async () => {
  await transport.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});

async function fileOf(text: string | object): Promise<string> {
  const path = join(folder, `${Math.random()}`);
  await writeFile(path, typeof text === 'string' ? text : JSON.stringify(text));
  return path;
}

/** What a request looks like once the machine has let it in. */
async function letIn(identity: 'aws' | 'google' | 'azure', env: IdentityVariables): Promise<Record<string, string>> {
  const outgoing: Outgoing = { method: 'POST', host: 'vendor', path: '/model/m/converse', headers: {}, body: null };
  const settings = { region: 'eu-central-1' };
  await createMachineAuthenticate(
    identity,
    { settings, service: 'bedrock' },
    { request, env, nowMs },
  )(outgoing, 'machine');
  return outgoing.headers;
}

const ends = '2026-11-21T13:00:00Z';
const credentials = { AccessKeyId: 'ASIAEXAMPLE', SecretAccessKey: 'secret', Token: 'session', Expiration: ends };

describe('AWS', () => {
  const signedBy = (key: string) => expect.stringContaining(`Credential=${key}/20261121/eu-central-1/bedrock/`);

  it('takes keys of the environment first', async () => {
    const headers = await letIn('aws', { AWS_ACCESS_KEY_ID: 'AKIA1', AWS_SECRET_ACCESS_KEY: 's' });
    expect(headers.authorization).toEqual(signedBy('AKIA1'));
    expect(asked).toEqual([]);
  });

  it('trades the token of a pod for a role, at STS', async () => {
    const xml = Object.entries({ ...credentials, SessionToken: 'session' }).map(([k, v]) => `<${k}>${v}</${k}>`);
    answers['/'] = { body: `<R xmlns="https://sts"><Result><Credentials>${xml.join('')}</Credentials></Result></R>` };
    const file = await fileOf('a.pod.token\n');
    const env = {
      AWS_WEB_IDENTITY_TOKEN_FILE: file,
      AWS_ROLE_ARN: 'arn:aws:iam::1:role/r',
      AWS_ENDPOINT_URL_STS: base,
    };
    const headers = await letIn('aws', env);
    expect(headers).toMatchObject({ authorization: signedBy('ASIAEXAMPLE'), 'x-amz-security-token': 'session' });
    expect(Object.fromEntries(new URLSearchParams(asked[0]?.body))).toMatchObject({
      ...{ Action: 'AssumeRoleWithWebIdentity', RoleArn: 'arn:aws:iam::1:role/r', WebIdentityToken: 'a.pod.token' },
    });
  });

  it('asks the agent of a container, with its token', async () => {
    answers['/v1/credentials'] = { body: credentials };
    const env = {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${base}/v1/credentials`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: await fileOf('agent-token'),
    };
    expect((await letIn('aws', env)).authorization).toEqual(signedBy('ASIAEXAMPLE'));
    expect(asked[0]?.headers.authorization).toBe('agent-token');
  });

  it('asks the metadata of an instance, in version 2 alone', async () => {
    answers['/latest/api/token'] = { body: 'imds-token' };
    answers['/latest/meta-data/iam/security-credentials/'] = { body: 'my-role\n' };
    answers['/latest/meta-data/iam/security-credentials/my-role'] = { body: { Code: 'Success', ...credentials } };
    const env = { AWS_EC2_METADATA_SERVICE_ENDPOINT: base };
    expect((await letIn('aws', env)).authorization).toEqual(signedBy('ASIAEXAMPLE'));
    expect(asked.map(({ method }) => method)).toEqual(['PUT', 'GET', 'GET']);
    for (const { headers } of asked.slice(1)) expect(headers['x-aws-ec2-metadata-token']).toBe('imds-token');
  });

  it('says which steps were tried, and asks nobody else where one that is set fails', async () => {
    const off = { AWS_EC2_METADATA_DISABLED: 'true' };
    await expect(letIn('aws', off)).rejects.toMatchObject({
      code: 'upstream_key_missing',
      message:
        'This machine has no identity for AWS. Tried: environment (not set), web identity (not set), container (not set), instance metadata (not set).',
    });
    answers['/'] = { status: 403, body: '<Error><Code>AccessDenied</Code><Message>secret words</Message></Error>' };
    const file = await fileOf('t');
    const env = { AWS_WEB_IDENTITY_TOKEN_FILE: file, AWS_ROLE_ARN: 'r', AWS_ENDPOINT_URL_STS: base };
    const failing = letIn('aws', { ...env, AWS_EC2_METADATA_SERVICE_ENDPOINT: base });
    await expect(failing).rejects.toThrow(/web identity \(STS answered 403 AccessDenied\)\.$/);
    expect(asked).toHaveLength(1);
    const gone = letIn('aws', { ...env, AWS_WEB_IDENTITY_TOKEN_FILE: '/nowhere' });
    await expect(gone).rejects.toThrow('/nowhere cannot be read: ENOENT');
  });

  it.each(['http://10.0.0.1/x', 'http://169.254.169.254/x', 'http://127.0.0.1.evil.example/', 'ftp://127.0.0.1/'])(
    'sends nothing to %s for the agent of a container',
    async (uri) => {
      const env = { AWS_CONTAINER_CREDENTIALS_FULL_URI: uri, AWS_CONTAINER_AUTHORIZATION_TOKEN: 't' };
      await expect(letIn('aws', env)).rejects.toThrow(/AWS_CONTAINER_CREDENTIALS_FULL_URI is n/);
    },
  );

  it.each<[string, Answer]>([
    ['a header inside of a token', { body: { ...credentials, Token: 'a\r\nx-evil: 1' } }],
    ['no time', { body: { ...credentials, Expiration: 'soon' } }],
    ['no JSON', { body: '<html>' }],
    ['a list', { body: [] }],
    ['too much', { body: 'x'.repeat(100_000) }],
    ['another place', { status: 302, headers: { location: '/elsewhere' }, body: '' }],
    ['an error', { status: 500, body: { error: 'it is all\nbroken <b>' } }],
  ])('takes no identity from an agent that answers %s', async (_, answer) => {
    answers['/v1/credentials'] = answer;
    answers['/elsewhere'] = { body: credentials };
    const failing = letIn('aws', { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${base}/v1/credentials` });
    await expect(failing).rejects.toMatchObject({
      code: 'upstream_key_missing',
      message: expect.stringMatching(/^[^\n<]*container \([^\n<]+\)\.$/),
    });
    expect(asked).toHaveLength(1);
  });

  it('follows no role whose name leads elsewhere', async () => {
    answers['/latest/api/token'] = { body: 't' };
    answers['/latest/meta-data/iam/security-credentials/'] = { body: '../../user-data' };
    const env = { AWS_EC2_METADATA_SERVICE_ENDPOINT: base };
    await expect(letIn('aws', env)).rejects.toThrow('names no role');
    expect(asked).toHaveLength(2);
  });
});

describe('Google', () => {
  const path = '/computeMetadata/v1/instance/service-accounts/default/token';
  const token = { access_token: 'ya29.token', expires_in: 3_600, token_type: 'Bearer' };

  it('asks the metadata server, and believes only one that says whose it is', async () => {
    answers[path] = { headers: { 'metadata-flavor': 'Google' }, body: token };
    expect(await letIn('google', { GCE_METADATA_HOST: host })).toEqual({ authorization: 'Bearer ya29.token' });
    expect(asked[0]?.headers['metadata-flavor']).toBe('Google');
    answers[path] = { body: token };
    await expect(letIn('google', { GCE_METADATA_HOST: host })).rejects.toThrow('is no metadata server of Google');
    await expect(letIn('google', { GCE_METADATA_HOST: 'x/y@z' })).rejects.toThrow('GCE_METADATA_HOST is no host');
  });

  it('trades a token of elsewhere for one of its own, and that for one of a service account', async () => {
    answers['/sts'] = { body: { ...token, access_token: 'federated' } };
    answers['/impersonate'] = { body: { accessToken: 'of.the.account', expireTime: ends } };
    const federation = {
      type: 'external_account',
      audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/x',
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      token_url: `${base}/sts`,
      credential_source: { file: await fileOf('a.jwt\n') },
    };
    const direct = await letIn('google', { GOOGLE_APPLICATION_CREDENTIALS: await fileOf(federation) });
    expect(direct.authorization).toBe('Bearer federated');
    expect(Object.fromEntries(new URLSearchParams(asked[0]?.body))).toMatchObject({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      audience: federation.audience,
      subject_token: 'a.jwt',
    });
    answers['/subject'] = { body: { id_token: 'b.jwt' } };
    const asAccount = {
      ...federation,
      service_account_impersonation_url: `${base}/impersonate`,
      credential_source: {
        url: `${base}/subject`,
        headers: { metadata: 'True' },
        format: { type: 'json', subject_token_field_name: 'id_token' },
      },
    };
    const acting = await letIn('google', { GOOGLE_APPLICATION_CREDENTIALS: await fileOf(asAccount) });
    expect(acting.authorization).toBe('Bearer of.the.account');
    const [source, exchange, impersonation] = asked.slice(1);
    expect(source?.headers.metadata).toBe('True');
    expect(new URLSearchParams(exchange?.body).get('subject_token')).toBe('b.jwt');
    expect(impersonation?.headers.authorization).toBe('Bearer federated');
  });

  it.each([
    ['another type', { type: 'service_account' }, 'no file of the type external_account'],
    ['a program to run', { credential_source: { executable: { command: 'rm' } } }, 'only a file or an address'],
    ['an address without TLS', { token_url: 'http://sts.example.com/' }, 'no https `token_url`'],
  ])('refuses a federation file with %s', async (_, more, said) => {
    const file = {
      ...{ type: 'external_account', audience: 'a', subject_token_type: 't', token_url: `${base}/sts` },
      ...{ credential_source: { file: await fileOf('a.jwt') } },
      ...more,
    };
    await expect(letIn('google', { GOOGLE_APPLICATION_CREDENTIALS: await fileOf(file) })).rejects.toThrow(said);
    expect(asked).toEqual([]);
  });
});

describe('Azure', () => {
  const token = { access_token: 'entra.token', expires_in: 3_599, token_type: 'Bearer' };
  const app = { AZURE_TENANT_ID: 'tenant', AZURE_CLIENT_ID: 'client' };

  it.each([
    ['a client secret', async () => ({ AZURE_CLIENT_SECRET: 's' }), { client_secret: 's' }],
    [
      'the token of a pod',
      async () => ({ AZURE_FEDERATED_TOKEN_FILE: await fileOf('a.jwt\n') }),
      { client_assertion: 'a.jwt', client_assertion_type: expect.stringContaining('jwt-bearer') },
    ],
  ])('trades %s for a token, at Entra', async (_, env, form) => {
    answers['/tenant/oauth2/v2.0/token'] = { body: token };
    const headers = await letIn('azure', { ...app, AZURE_AUTHORITY_HOST: `${base}/`, ...(await env()) });
    expect(headers).toEqual({ authorization: 'Bearer entra.token' });
    expect(Object.fromEntries(new URLSearchParams(asked[0]?.body))).toEqual({
      grant_type: 'client_credentials',
      client_id: 'client',
      scope: 'https://cognitiveservices.azure.com/.default',
      ...form,
    });
  });

  it('asks the endpoint of App Service, or of the machine', async () => {
    answers['/msi/token'] = { body: { access_token: 'service', expires_on: String(time.nowMs / 1_000 + 3_600) } };
    answers['/metadata/identity/oauth2/token'] = { body: { access_token: 'machine', expires_in: '3599' } };
    const service = { IDENTITY_ENDPOINT: `${base}/msi/token`, IDENTITY_HEADER: 'proof' };
    expect((await letIn('azure', service)).authorization).toBe('Bearer service');
    const machine = { AZURE_POD_IDENTITY_AUTHORITY_HOST: base, AZURE_CLIENT_ID: 'client' };
    expect((await letIn('azure', machine)).authorization).toBe('Bearer machine');
    expect(asked.map(({ headers }) => [headers['x-identity-header'], headers.metadata])).toEqual([
      ['proof', undefined],
      [undefined, 'true'],
    ]);
    const query = new URL(asked[1]?.path ?? '', base).searchParams;
    expect(Object.fromEntries(query)).toEqual({
      'api-version': '2018-02-01',
      resource: 'https://cognitiveservices.azure.com',
      client_id: 'client',
    });
  });
});

describe('an identity', () => {
  /** Issues `1`, `2` … for an hour each, or fails. */
  function issuing() {
    const state = { count: 0, fails: false };
    const step = {
      name: 'test',
      async issue() {
        state.count++;
        if (state.fails) throw new Error('away');
        return { value: String(state.count), endsMs: time.nowMs + 3_600_000 };
      },
    };
    return { state, identity: new Identity('a vendor', [step], { request, env: {}, nowMs }) };
  }

  it('is asked for once by all who wait, kept, and refreshed before it ends while the old one serves', async () => {
    const { state, identity } = issuing();
    expect(identity.ready()).toBeNull();
    expect(await Promise.all([identity.fetch(), identity.fetch()])).toEqual(['1', '1']);
    time.nowMs += 54 * 60_000;
    expect(identity.ready()).toBe('1');
    expect(state.count).toBe(1);
    time.nowMs += 2 * 60_000;
    expect([identity.ready(), identity.ready()]).toEqual(['1', '1']);
    expect(await identity.fetch()).toBe('2');
    expect([state.count, identity.ready()]).toEqual([2, '2']);
  });

  it('serves until its end when it cannot be refreshed, and does not ask again at once', async () => {
    const { state, identity } = issuing();
    await identity.fetch();
    state.fails = true;
    time.nowMs += 56 * 60_000;
    expect(identity.ready()).toBe('1');
    await expect(identity.fetch()).rejects.toThrow('test (away)');
    expect(identity.ready()).toBe('1');
    expect(state.count).toBe(2);
    time.nowMs += 4 * 60_000;
    expect(identity.ready()).toBeNull();
    await expect(identity.fetch()).rejects.toThrow('test (away)');
    state.fails = false;
    time.nowMs += 2_000;
    expect(await identity.fetch()).toBe('4');
  });
});
