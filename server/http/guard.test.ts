import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { authorize, type GuardOptions } from './guard.ts';
import { sessionCookie } from './session.ts';

const adminKey = 'a-key-of-more-than-24-characters';
const open: GuardOptions = {
  adminKey: null,
  hosts: ['box.local'],
  origins: ['https://app.example'],
  nowMs: () => 1_000,
};
const closed: GuardOptions = { ...open, adminKey };
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
  const cookie = sessionCookie(adminKey, { nowMs: 1_000, secure: false }).split(';')[0] ?? '';
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
    [
      'a session made with another key',
      { cookie: sessionCookie('other-key-of-24-characters', { nowMs: 1_000, secure: false }) },
      'unauthorized',
    ],
    ['a session over', { cookie: sessionCookie(adminKey, { nowMs: -1e11, secure: false }) }, 'unauthorized'],
    ['a wrong key beside a session', { cookie, authorization: 'Bearer nope' }, 'unauthorized'],
    ['a public host name and the key', { host: 'llm.example', authorization: `Bearer ${adminKey}` }, 'admin'],
    ['a foreign page with a session', { cookie, origin: 'https://evil.example' }, 'forbidden_origin'],
  ])('%s: %s', (_, headers, expected) => expect(outcome(headers, closed)).toBe(expected));
});
