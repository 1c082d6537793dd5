import type { IncomingMessage, ServerResponse } from 'node:http';
import { WheelhouseError } from '@wheelhouse/core/records';
import type { OidcTrip, SignedIn, SignInDoor, Visitor } from '../access/index.ts';
import { addressOf } from './address-of.ts';
import { readBody } from './read-body.ts';
import { isSecure, sessionCookie, sessionToken, tripCookie, tripOf } from './session.ts';
import { joinPage, messagePage, type SignInPage, signInPage } from './sign-in-pages.ts';

/** Only a path of this server, so that signing in never leads elsewhere. */
const safeNext = (next: string | null) => (next !== null && /^\/(?![/\\])[^\r\n]*$/.test(next) ? next : '/');

const formBytes = 10_000;
const visitorOf = (req: IncomingMessage): Visitor => ({
  address: addressOf(req),
  agent: req.headers['user-agent'] ?? '',
});

function sendPage(res: ServerResponse, status: number, html: string): void {
  res.writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
  res.end(html);
}

function goTo(res: ServerResponse, location: string, cookies: string[]): void {
  res.writeHead(303, { location, 'set-cookie': cookies, 'cache-control': 'no-store' });
  res.end();
}

const isTrip = (value: unknown): value is OidcTrip =>
  typeof value === 'object' &&
  value !== null &&
  ['state', 'nonce', 'verifier', 'next'].every((name) => typeof Reflect.get(value, name) === 'string');

const sentence = (error: WheelhouseError) => `${error.message} ${error.hint}`;

/** The pages of people who are not signed in yet: `/sign-in`, `/sign-in/oidc`, `/join`, `/sign-out`. */
export function createSignInPages(door: SignInDoor, nowMs: () => number) {
  type Exchange = { req: IncomingMessage; res: ServerResponse; url: URL };
  const oidcTitle = door.oidc?.title ?? null;
  const cookieFor = (req: IncomingMessage, { token, expiresMs }: SignedIn) =>
    sessionCookie(req, token, expiresMs - nowMs());

  async function formOf(req: IncomingMessage): Promise<(name: string) => string> {
    const form = new URLSearchParams((await readBody(req, formBytes)).toString('utf8'));
    return (name) => form.get(name) ?? '';
  }

  /** What failed is said on the page it was tried on. */
  async function tried<T>(work: Promise<T>, onError: (error: WheelhouseError) => void): Promise<T | null> {
    try {
      return await work;
    } catch (error) {
      if (!(error instanceof WheelhouseError) || error.status >= 500) throw error;
      onError(error);
      return null;
    }
  }

  async function signIn({ req, res, url }: Exchange): Promise<void> {
    const show = (status: number, shown: Partial<SignInPage>) =>
      sendPage(res, status, signInPage({ next: '/', email: '', problem: null, oidc: oidcTitle, ...shown }));
    if (req.method !== 'POST') return show(200, { next: safeNext(url.searchParams.get('next')) });
    const field = await formOf(req);
    const [next, key, email] = [safeNext(field('next')), field('key'), field('email')];
    const way = key === '' ? 'password' : 'key';
    const signedIn = await tried(
      way === 'key'
        ? door.withAdminKey(key, visitorOf(req))
        : door.withPassword({ email, password: field('password') }, visitorOf(req)),
      (error) => show(error.status, { next, email, problem: { with: way, text: sentence(error) } }),
    );
    if (signedIn) goTo(res, next, [cookieFor(req, signedIn)]);
  }

  async function join({ req, res, url }: Exchange): Promise<void> {
    const field = req.method === 'POST' ? await formOf(req) : (name: string) => url.searchParams.get(name) ?? '';
    const token = field('token');
    const invited = await door.invitation(token);
    if (invited === null)
      return sendPage(res, 404, messagePage('Join', 'This invitation is used up, over, or was taken back.'));
    const { email, role, known, project } = invited;
    const show = (status: number, problem: string | null) =>
      sendPage(
        res,
        status,
        joinPage({ token, email, role, known, project: project.name, name: field('name'), problem }),
      );
    if (req.method !== 'POST') return show(200, null);
    const given = { name: field('name'), password: field('password') };
    const signedIn = await tried(door.join(token, given, visitorOf(req)), (error) =>
      show(error.status, sentence(error)),
    );
    if (signedIn) goTo(res, '/', [cookieFor(req, signedIn)]);
  }

  async function oidc({ req, res, url }: Exchange): Promise<void> {
    const { oidc: provider } = door;
    if (provider === null) return goTo(res, '/sign-in', []);
    const origin = `${isSecure(req) ? 'https' : 'http'}://${req.headers.host}`;
    const onError = (error: WheelhouseError) =>
      sendPage(
        res,
        error.status,
        signInPage({ next: '/', email: '', problem: { with: 'oidc', text: sentence(error) }, oidc: oidcTitle }),
      );
    if (url.pathname === '/sign-in/oidc') {
      const next = safeNext(url.searchParams.get('next'));
      const begun = await tried(provider.begin(`${origin}/sign-in/oidc/callback`, next), onError);
      if (begun) goTo(res, begun.url, [tripCookie(req, begun.trip)]);
      return;
    }
    const trip = tripOf(req);
    if (!isTrip(trip)) return goTo(res, '/sign-in', []);
    const back = new URL(`${url.pathname}${url.search}`, origin);
    const signedIn = await tried(
      provider.finish(back, trip).then((given) => door.withIdentity(given, visitorOf(req))),
      onError,
    );
    if (signedIn) goTo(res, safeNext(trip.next), [cookieFor(req, signedIn), tripCookie(req, null)]);
  }

  async function signOut({ req, res }: Exchange): Promise<void> {
    const token = sessionToken(req);
    if (req.method !== 'POST')
      throw new WheelhouseError('method_not_allowed', '/sign-out takes POST.', { hint: 'Send POST.' });
    if (token !== null) await door.end(token);
    goTo(res, '/sign-in', [sessionCookie(req, '', 0)]);
  }

  const pages: Record<string, (exchange: Exchange) => Promise<void>> = {
    '/sign-in': signIn,
    '/sign-in/oidc': oidc,
    '/sign-in/oidc/callback': oidc,
    '/join': join,
    '/sign-out': signOut,
  };

  return {
    has: (path: string): boolean => Object.hasOwn(pages, path),
    handle: (req: IncomingMessage, res: ServerResponse, path: string): Promise<void> =>
      pages[path]?.({ req, res, url: new URL(req.url ?? '/', 'http://local') }) ?? Promise.resolve(),
  };
}
