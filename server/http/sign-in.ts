import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody } from './read-body.ts';
import { sameSecret, sessionCookie } from './session.ts';

const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

/** Only a path of this server, so that signing in never leads elsewhere. */
const safeNext = (next: string | null) => (next !== null && /^\/(?![/\\])/.test(next) ? next : '/');

const style = `:root{color-scheme:light dark;--bg:#f9fafb;--surface:#fff;--text:#171b20;--text-2:#4b5056;--border:#82878c;--bad:#c92324}
@media(prefers-color-scheme:dark){:root{--bg:#0d0e11;--surface:#141619;--text:#edeff1;--text-2:#b4b8bc;--border:#676c73;--bad:#f66c69}}
body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--bg);color:var(--text);font:13px/20px ui-sans-serif,system-ui,sans-serif}
form{width:min(320px,calc(100vw - 48px));display:grid;gap:12px}h1{font-size:18px;font-weight:600;margin:0;display:flex;gap:8px;align-items:center}
input,button{font:inherit;padding:8px 12px;border-radius:6px;border:1px solid var(--border);background:var(--surface);color:inherit}
button{background:var(--text);color:var(--bg);border-color:var(--text);font-weight:500;cursor:pointer}
:focus-visible{outline:2px solid #1e59cd;outline-offset:2px}p{margin:0;color:var(--text-2)}.bad{color:var(--bad)}`;

function page(next: string, problem: string | null): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Sign in · Wheelhouse</title><link rel="icon" href="data:,"><style>${style}</style></head>
<body><main><form method="post" action="/sign-in"><h1><svg width="20" height="16" viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="2" aria-hidden="true"><path d="M2 12 L6 4 l3 5 2-3 3 6"/></svg>Wheelhouse</h1>
<input type="hidden" name="next" value="${escapeHtml(next)}"><label for="key">Admin key</label><input id="key" name="key" type="password" autocomplete="current-password" required autofocus${problem ? ' aria-describedby="problem" aria-invalid="true"' : ''}>
${problem ? `<p class="bad" id="problem" role="alert">✕ ${escapeHtml(problem)}</p>` : ''}<button>Sign in</button><p>The value of WHEELHOUSE_ADMIN_KEY on the server.</p></form></main></body></html>`;
}

function sendPage(res: ServerResponse, status: number, html: string): void {
  res.writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
  res.end(html);
}

/** The form for people: the admin key once, then a cookie. */
export async function signIn(
  req: IncomingMessage,
  res: ServerResponse,
  options: { adminKey: string; nowMs: number },
): Promise<void> {
  const url = new URL(req.url ?? '/', 'http://local');
  if (req.method !== 'POST') return sendPage(res, 200, page(safeNext(url.searchParams.get('next')), null));
  const form = new URLSearchParams((await readBody(req, 10_000)).toString('utf8'));
  const next = safeNext(form.get('next'));
  if (!sameSecret(form.get('key') ?? '', options.adminKey))
    return sendPage(res, 401, page(next, 'This is not the admin key.'));
  const secure = req.headers['x-forwarded-proto'] === 'https';
  res.writeHead(303, {
    location: next,
    'set-cookie': sessionCookie(options.adminKey, { nowMs: options.nowMs, secure }),
  });
  res.end();
}
