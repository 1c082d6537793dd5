import type { IncomingMessage } from 'node:http';

const sessionName = 'wheelhouse_session';
const projectName = 'wheelhouse_project';
const tripName = 'wheelhouse_trip';
const tripSeconds = 600;

export function cookieOf(req: IncomingMessage, name: string): string | null {
  for (const part of (req.headers.cookie ?? '').split(';')) {
    const at = part.indexOf('=');
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return null;
}

/** Whether the browser came over TLS, perhaps to a proxy in front. */
export const isSecure = (req: IncomingMessage): boolean =>
  req.headers['x-forwarded-proto'] === 'https' || 'encrypted' in req.socket;

function cookie(
  req: IncomingMessage,
  { name, value, seconds, path = '/' }: { name: string; value: string; seconds: number; path?: string },
): string {
  // Lax, so that a link in a mail finds its reader signed in; what changes something needs our own Origin beside.
  const secure = isSecure(req) ? '; Secure' : '';
  return `${name}=${value}; Path=${path}; HttpOnly; SameSite=Lax; Max-Age=${seconds}${secure}`;
}

export const sessionToken = (req: IncomingMessage): string | null => cookieOf(req, sessionName);
/** @param expires in milliseconds from now on; 0 forgets it */
export const sessionCookie = (req: IncomingMessage, token: string, lastsMs: number): string =>
  cookie(req, { name: sessionName, value: token, seconds: Math.floor(lastsMs / 1000) });

/** Which project a browser looks at; its pages set it, and it opens nothing. */
export const projectOfCookie = (req: IncomingMessage): string | null => cookieOf(req, projectName);

const tripPath = '/sign-in/oidc';
export const tripCookie = (req: IncomingMessage, trip: object | null): string => {
  const value = trip === null ? '' : Buffer.from(JSON.stringify(trip)).toString('base64url');
  return cookie(req, { name: tripName, value, seconds: trip === null ? 0 : tripSeconds, path: tripPath });
};
export function tripOf(req: IncomingMessage): unknown {
  try {
    return JSON.parse(Buffer.from(cookieOf(req, tripName) ?? '', 'base64url').toString('utf8'));
  } catch {
    return null;
  }
}
