import type { IncomingMessage } from 'node:http';
import { allows, type Need } from '@wheelhouse/core/contract';
import { type Caller, WheelhouseError } from '@wheelhouse/core/records';
import { type AskedProject, type Gate, sameSecret } from '../access/index.ts';
import { projectOfCookie, sessionToken } from './session.ts';

export type GuardOptions = {
  /** null: no key is needed, because only this machine can connect. */
  adminKey: string | null;
  /** Host names besides loopback that a request may name. */
  hosts: string[];
  /** Origins of web pages, besides our own, that may call. */
  origins: string[];
  gate: Gate;
};

const hostName = (hostHeader: string) =>
  hostHeader
    .replace(/:\d+$/, '')
    .replace(/^\[|\]$/g, '')
    .toLowerCase();
const isLoopbackName = (name: string) =>
  name === 'localhost' || name === '::1' || /^127\.\d+\.\d+\.\d+$/.test(name) || name.endsWith('.localhost');
/** What nearly every call on one machine says. */
const usualHost = /^(?:127\.0\.0\.1|localhost)(?::\d+)?$/;

/** Without a key, the Host header is what keeps a page of a rebound DNS name out. */
function checkHost(req: IncomingMessage, options: GuardOptions): void {
  const host = req.headers.host ?? '';
  if (options.adminKey !== null || usualHost.test(host)) return;
  const name = hostName(host);
  if (!isLoopbackName(name) && !options.hosts.includes(name))
    throw new WheelhouseError('forbidden_host', `This server does not answer to the host name \`${name}\`.`);
}

/** A browser names the page's origin in every request that could spend or change something. */
export function allowedOrigin(req: IncomingMessage, options: Pick<GuardOptions, 'origins'>): string | null {
  const origin = req.headers.origin;
  if (origin === undefined) return null;
  const own = [`http://${req.headers.host}`, `https://${req.headers.host}`];
  if (own.includes(origin) || options.origins.includes(origin)) return origin;
  throw new WheelhouseError('forbidden_origin', `A page of \`${origin}\` may not call this server.`);
}

/**
 * The key in each way that clients send one: `Bearer key`, `Basic public:key` (Langfuse), `x-api-key: key` (Anthropic,
 * LangSmith), `x-goog-api-key: key` (Google).
 */
function givenKey({ headers }: IncomingMessage): string | null {
  const { authorization } = headers;
  if (authorization !== undefined) {
    const [, scheme, credentials] = /^(Bearer|Basic)\s+(.+)$/i.exec(authorization) ?? [];
    if (credentials !== undefined) {
      if (scheme?.toLowerCase() === 'bearer') return credentials.trim();
      const pair = Buffer.from(credentials, 'base64').toString('utf8');
      return pair.slice(pair.indexOf(':') + 1);
    }
  }
  const key = headers['x-api-key'] ?? headers['x-goog-api-key'];
  return typeof key === 'string' ? key.trim() : null;
}

function askedProject(req: IncomingMessage): AskedProject {
  const named = req.headers['x-wheelhouse-project'];
  if (typeof named === 'string') return { id: named, firm: true };
  const habit = req.headers.cookie === undefined ? null : projectOfCookie(req);
  return habit === null ? null : { id: habit, firm: false };
}

const reads = new Set(['GET', 'HEAD', 'OPTIONS']);

/** A browser sends its cookie by itself, and its page's origin with whatever is no mere reading. */
function checkForgery(req: IncomingMessage): void {
  if (reads.has(req.method ?? 'GET') || req.headers.origin !== undefined) return;
  throw new WheelhouseError('forbidden_origin', 'A request with a session that changes something names its origin.', {
    hint: 'Programs send a key instead: Authorization: Bearer wh_….',
  });
}

function refusal(key: string | null, isOurs: boolean): WheelhouseError {
  if (key === null) return new WheelhouseError('unauthorized', 'This server needs a key.');
  return new WheelhouseError(
    'unauthorized',
    isOurs ? 'This key is not known, was revoked, or is over.' : 'This is no key of this server.',
  );
}

/**
 * The one place that decides whether a request may go on, and in whose name.
 * @throws WheelhouseError `forbidden_host`, `forbidden_origin`, `unauthorized`, `not_found`
 */
export function authorize(req: IncomingMessage, options: GuardOptions): Caller {
  const { gate, adminKey } = options;
  checkHost(req, options);
  allowedOrigin(req, options);
  const asked = askedProject(req);
  const key = givenKey(req);
  const isOurs = key !== null && gate.isKey(key);
  const byKey = isOurs ? gate.ofKey(key, asked) : null;
  if (byKey !== null) return byKey;
  if (isOurs) throw refusal(key, true);
  if (adminKey === null) return gate.ofOwner('local', asked);
  if (key !== null && sameSecret(key, adminKey)) return gate.ofOwner('admin', asked);
  // A proxy in front may add Basic credentials of its own to what a browser with a session sends.
  const isForUs = key !== null && !/^Basic\s/i.test(req.headers.authorization ?? '');
  const token = isForUs ? null : sessionToken(req);
  const bySession = token === null ? null : gate.ofSession(token, asked);
  if (bySession === null) throw refusal(key, false);
  checkForgery(req);
  return bySession;
}

/** @throws WheelhouseError `forbidden` */
export function permit(by: Caller, need: Need): void {
  if (allows(by.role, need)) return;
  const needed = need === 'call' ? 'editor' : need;
  throw new WheelhouseError(
    'forbidden',
    by.role === null
      ? 'This key may call models and send traces, and nothing else.'
      : `This takes the role ${needed} in the project \`${by.project}\`; you are ${by.role} there.`,
  );
}
