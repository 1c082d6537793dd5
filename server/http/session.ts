import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const cookieName = 'wheelhouse_session';
const lifetimeMs = 30 * 24 * 3600 * 1000;

const digest = (text: string) => createHash('sha256').update(text).digest();
/** Compares in constant time, whatever the lengths. */
export const sameSecret = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b));

const sign = (expires: number, adminKey: string) =>
  createHmac('sha256', adminKey).update(`session:${expires}`).digest('base64url');

/** A cookie that only this server and key can have made. */
export function sessionCookie(adminKey: string, options: { nowMs: number; secure: boolean }): string {
  // Whole milliseconds: the point stands between the time and its signature.
  const expires = Math.floor(options.nowMs) + lifetimeMs;
  const attributes = `Path=/; HttpOnly; SameSite=Strict; Max-Age=${lifetimeMs / 1000}${options.secure ? '; Secure' : ''}`;
  return `${cookieName}=${expires}.${sign(expires, adminKey)}; ${attributes}`;
}

export function hasSession(req: IncomingMessage, adminKey: string, nowMs: number): boolean {
  const cookie = (req.headers.cookie ?? '')
    .split(';')
    .map((part) => part.trim())
    .find((part) => part.startsWith(`${cookieName}=`));
  const [expires, signature] = (cookie ?? '').slice(cookieName.length + 1).split('.');
  const until = Number(expires);
  return (
    Number.isFinite(until) && until > nowMs && signature !== undefined && sameSecret(signature, sign(until, adminKey))
  );
}
