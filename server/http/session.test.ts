import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hasSession, sessionCookie } from './session.ts';

const key = 'an-admin-key-of-enough-characters';
const lifetimeMs = 30 * 24 * 3600 * 1000;

function withCookie(setCookie: string): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  request.headers.cookie = `other=1; ${setCookie.split(';')[0]}`;
  return request;
}

it('a session made at any instant holds for its lifetime, and only with its key', () => {
  const instant = fc.double({ min: 0, max: 4e12, noNaN: true });
  fc.assert(
    fc.property(instant, fc.double({ min: 0, max: lifetimeMs * 2, noNaN: true }), (nowMs, laterMs) => {
      fc.pre(Math.abs(laterMs - lifetimeMs) > 1);
      const request = withCookie(sessionCookie(key, { nowMs, secure: false }));
      expect(hasSession(request, key, nowMs + laterMs)).toBe(laterMs < lifetimeMs);
      expect(hasSession(request, `${key}x`, nowMs)).toBe(false);
    }),
  );
});

it('a cookie that was changed is no session', () => {
  const [pair = ''] = sessionCookie(key, { nowMs: 1000, secure: false }).split(';');
  const changed = pair.replace(/=\d/, (match) => `=${(Number(match[1]) + 1) % 10}`);
  expect(hasSession(withCookie(changed), key, 1000)).toBe(false);
});
