import type { IncomingMessage } from 'node:http';
import type { KeyId, ProjectId, SessionId } from '@wheelhouse/core/records';
import { describe, expect, it } from 'vitest';
import { createAccessReader } from '../access/access-reader.ts';
import { createGate, hashSession } from '../access/gate.ts';
import { hashSecret } from '../access/secrets.ts';
import { authorize, type GuardOptions } from './guard.ts';

const adminKey = 'a-key-of-more-than-24-characters';
const project = { id: 'default' as ProjectId, name: 'Default', createdAt: '2026-01-01T00:00:00.000Z' };
const nowMs = () => Date.parse('2026-06-01T00:00:00.000Z');
const session = (id: string, hash: string, expiresAt: string) => ({
  ...{ id: id as SessionId, person: null, agent: '', createdAt: project.createdAt, expiresAt, hash },
});
const reader = createAccessReader(
  {
    snapshot: async () => ({
      projects: [project],
      people: [],
      memberships: [],
      keys: ['2026-07-01', '2026-05-01', null].map((expiresAt, i) => ({
        ...{ id: `key_${i}` as KeyId, name: `k${i}`, last4: '', role: null, person: null, team: null, createdBy: '' },
        ...{ createdAt: '', expiresAt, revokedAt: null, lastUsedAt: null, project: project.id },
        hash: hashSecret(`wh_${i}`),
      })),
      sessions: [
        session('a', hashSession('wha_token', adminKey), '2026-07-01'),
        session('b', hashSession('wha_other', 'an-admin-key-of-long-ago'), '2026-07-01'),
        session('c', hashSession('wha_over', adminKey), '2026-05-01'),
      ],
    }),
  },
  nowMs,
);
await reader.refresh();
const open: GuardOptions = {
  adminKey: null,
  hosts: ['box.local'],
  origins: ['https://app.example'],
  gate: createGate({ reader, adminKey: null, shared: false, nowMs }),
};
const closed: GuardOptions = { ...open, adminKey, gate: createGate({ reader, adminKey, shared: false, nowMs }) };
const request = (headers: Record<string, string>) =>
  ({ headers: { host: '127.0.0.1:4400', ...headers } }) as unknown as IncomingMessage;
const outcome = (headers: Record<string, string>, options: GuardOptions) => {
  try {
    return authorize(request(headers), options).actor;
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('the guard on loopback', () => {
  it.each<[Record<string, string>, string]>([
    [{}, 'local'],
    [{ authorization: 'Bearer anything' }, 'local'],
    [{ authorization: 'Bearer wh_0' }, 'key:k0'],
    [{ authorization: 'Bearer wh_9' }, 'unauthorized'],
    [{ 'x-wheelhouse-project': 'nowhere' }, 'not_found'],
    [{ cookie: 'wheelhouse_project=nowhere' }, 'local'],
    [{ host: 'localhost:4400', origin: 'http://localhost:4400' }, 'local'],
    [{ host: '[::1]:4400' }, 'local'],
    [{ host: 'box.local:4400' }, 'local'],
    [{ origin: 'https://app.example' }, 'local'],
    [{ host: 'evil.example' }, 'forbidden_host'],
    [{ host: '127.0.0.1.evil.example' }, 'forbidden_host'],
    [{ host: 'evil.example', origin: 'http://evil.example' }, 'forbidden_host'],
    [{ origin: 'https://evil.example' }, 'forbidden_origin'],
    [{ origin: 'null' }, 'forbidden_origin'],
    [{ origin: 'http://127.0.0.1:3000' }, 'forbidden_origin'],
  ])('with %j: %s', (headers, expected) => expect(outcome(headers, open)).toBe(expected));
});

describe('the guard with an admin key', () => {
  const cookie = 'wheelhouse_session=wha_token';
  it.each<[string, Record<string, string>, string]>([
    ['nothing', {}, 'unauthorized'],
    ['the key', { authorization: `Bearer ${adminKey}` }, 'admin'],
    ['another key', { authorization: `Bearer ${adminKey}x` }, 'unauthorized'],
    ['the key as a Langfuse secret', { authorization: `Basic ${btoa(`pk-lf-1:${adminKey}`)}` }, 'admin'],
    ['the key as a Langfuse public key', { authorization: `Basic ${btoa(`${adminKey}:sk-lf-1`)}` }, 'unauthorized'],
    ['Basic credentials without a colon', { authorization: 'Basic !' }, 'unauthorized'],
    ['the key as LangSmith sends it', { 'x-api-key': adminKey }, 'admin'],
    ['another x-api-key beside a session', { cookie, 'x-api-key': 'lsv2_pt_1' }, 'unauthorized'],
    ['a session behind a proxy that adds Basic', { cookie, authorization: `Basic ${btoa('me:pass')}` }, 'admin'],
    ['a session', { cookie }, 'admin'],
    ['a session among other cookies', { cookie: `a=b; ${cookie}; c=d` }, 'admin'],
    ['a forged session', { cookie: `${cookie.slice(0, -2)}xx` }, 'unauthorized'],
    ['a session made with another admin key', { cookie: 'wheelhouse_session=wha_other' }, 'unauthorized'],
    ['a session over', { cookie: 'wheelhouse_session=wha_over' }, 'unauthorized'],
    ['a key of ours', { authorization: 'Bearer wh_0' }, 'key:k0'],
    ['a key of ours as Anthropic sends it', { 'x-api-key': 'wh_2' }, 'key:k2'],
    ['a key of ours as Google sends it', { 'x-goog-api-key': 'wh_2' }, 'key:k2'],
    ['a key that is over', { authorization: 'Bearer wh_1' }, 'unauthorized'],
    ['a key that there is not', { authorization: 'Bearer wh_9' }, 'unauthorized'],
    [
      'a key in a project that is not its own',
      { authorization: 'Bearer wh_0', 'x-wheelhouse-project': 'x' },
      'not_found',
    ],
    ['a wrong key beside a session', { cookie, authorization: 'Bearer nope' }, 'unauthorized'],
    ['a public host name and the key', { host: 'llm.example', authorization: `Bearer ${adminKey}` }, 'admin'],
    ['a foreign page with a session', { cookie, origin: 'https://evil.example' }, 'forbidden_origin'],
  ])('%s: %s', (_, headers, expected) => expect(outcome(headers, closed)).toBe(expected));
});

describe('a session', () => {
  const change = (method: string, headers: Record<string, string>) => {
    const given = { method, headers: { host: 'h.example', cookie: 'wheelhouse_session=wha_token', ...headers } };
    try {
      return authorize(given as unknown as IncomingMessage, closed).actor;
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  it('changes something only from a page of ours', () => {
    expect(change('GET', {})).toBe('admin');
    expect(change('POST', {})).toBe('forbidden_origin');
    expect(change('DELETE', { origin: 'null' })).toBe('forbidden_origin');
    expect(change('PUT', { origin: 'https://h.example' })).toBe('admin');
  });
});
