import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { cookieOf, sessionCookie, sessionToken, tripCookie, tripOf } from './session.ts';

function withCookie(cookie: string): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  request.headers.cookie = cookie;
  return request;
}

const token = fc.stringMatching(/^wh[as]_[0-9A-Za-z]{43}$/);

it('a session is found again among any other cookies', () => {
  const other = fc
    .stringMatching(/^[a-z_]{1,20}=[0-9A-Za-z.=%-]{0,20}$/)
    .filter((text) => !text.startsWith('wheelhouse_'));
  fc.assert(
    fc.property(token, fc.array(other), fc.array(other), (secret, before, after) => {
      const [pair = ''] = sessionCookie(withCookie(''), secret, 1_000).split(';');
      expect(sessionToken(withCookie([...before, pair, ...after].join('; ')))).toBe(secret);
    }),
  );
});

it('a cookie is kept from scripts and other sites, and from plain connections where there is TLS', () => {
  const proxied = withCookie('');
  proxied.headers['x-forwarded-proto'] = 'https';
  expect(sessionCookie(proxied, 'x', 60_000)).toBe(
    'wheelhouse_session=x; Path=/; HttpOnly; SameSite=Lax; Max-Age=60; Secure',
  );
  expect(sessionCookie(withCookie(''), '', 0)).toMatch(/Max-Age=0$/);
});

it('what a browser keeps while it is away comes back, and nonsense is nothing', () => {
  const trip = { state: 's', nonce: 'n', verifier: 'v', next: '/models?q=ü' };
  const [pair = ''] = tripCookie(withCookie(''), trip).split(';');
  expect(tripOf(withCookie(pair))).toEqual(trip);
  expect(tripOf(withCookie('wheelhouse_trip=%%%'))).toBeNull();
  expect(cookieOf(withCookie('a; =b; c=d'), 'c')).toBe('d');
});
