import type { IncomingMessage } from 'node:http';
import { type Actor, defaultProjectId, WheelhouseError } from '@wheelhouse/core/records';
import { hasSession, sameSecret } from './session.ts';

export type GuardOptions = {
  /** null: no key is needed, because only this machine can connect. */
  adminKey: string | null;
  /** Host names besides loopback that a request may name. */
  hosts: string[];
  /** Origins of web pages, besides our own, that may call. */
  origins: string[];
  nowMs(): number;
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
export function allowedOrigin(req: IncomingMessage, options: GuardOptions): string | null {
  const origin = req.headers.origin;
  if (origin === undefined) return null;
  const own = [`http://${req.headers.host}`, `https://${req.headers.host}`];
  if (own.includes(origin) || options.origins.includes(origin)) return origin;
  throw new WheelhouseError('forbidden_origin', `A page of \`${origin}\` may not call this server.`);
}

/** The key in each way that clients send one: `Bearer key`, `Basic public:key` (Langfuse), `x-api-key: key` (LangSmith). */
function givenKey({ headers }: IncomingMessage): string | null {
  const [, scheme, credentials] = /^(Bearer|Basic)\s+(.+)$/i.exec(headers.authorization ?? '') ?? [];
  if (credentials === undefined) return typeof headers['x-api-key'] === 'string' ? headers['x-api-key'].trim() : null;
  if (scheme?.toLowerCase() === 'bearer') return credentials.trim();
  const pair = Buffer.from(credentials, 'base64').toString('utf8');
  return pair.slice(pair.indexOf(':') + 1);
}

function isAuthenticated(req: IncomingMessage, options: GuardOptions): boolean {
  if (options.adminKey === null) return true;
  const key = givenKey(req);
  if (key !== null && sameSecret(key, options.adminKey)) return true;
  // A proxy in front may add Basic credentials of its own to what a browser with a session sends.
  const isForUs = key !== null && !/^Basic\s/i.test(req.headers.authorization ?? '');
  return !isForUs && hasSession(req, options.adminKey, options.nowMs());
}

/**
 * The one place that decides whether a request may go on, and in whose name.
 * @throws WheelhouseError `forbidden_host`, `forbidden_origin`, `unauthorized`
 */
export function authorize(req: IncomingMessage, options: GuardOptions): Actor {
  checkHost(req, options);
  allowedOrigin(req, options);
  if (!isAuthenticated(req, options)) {
    const given = req.headers.authorization !== undefined || req.headers['x-api-key'] !== undefined;
    throw new WheelhouseError(
      'unauthorized',
      given ? 'This key is not the admin key.' : 'This server needs its admin key.',
    );
  }
  return { project: defaultProjectId, actor: options.adminKey === null ? 'local' : 'admin' };
}
