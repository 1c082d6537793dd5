const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

const style = `:root{color-scheme:light dark;--bg:#f9fafb;--surface:#fff;--text:#171b20;--text-2:#4b5056;--border:#82878c;--bad:#c92324;--focus:#1e59cd}
@media(prefers-color-scheme:dark){:root{--bg:#0d0e11;--surface:#141619;--text:#edeff1;--text-2:#b4b8bc;--border:#676c73;--bad:#f66c69;--focus:#76acfc}}
body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--bg);color:var(--text);font:13px/20px ui-sans-serif,system-ui,sans-serif}
main{width:min(320px,calc(100vw - 48px));display:grid;gap:20px;padding:24px 0}form{display:grid;gap:12px}label{margin-bottom:-8px;font-weight:500}h1{font-size:18px;font-weight:600;margin:0;display:flex;gap:8px;align-items:center}
input,button,.button{font:inherit;padding:8px 12px;border-radius:6px;border:1px solid var(--border);background:var(--surface);color:inherit}
button,.button{background:var(--text);color:var(--bg);border-color:var(--text);font-weight:500;cursor:pointer;text-align:center;text-decoration:none}
.quiet{background:var(--surface);color:var(--text);border-color:var(--border)}summary{cursor:pointer;color:var(--text-2)}details form{margin-top:12px}
:focus-visible{outline:2px solid var(--focus);outline-offset:2px}p{margin:0;color:var(--text-2)}.bad{color:var(--bad)}`;

const mark =
  '<svg width="20" height="16" viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="2" aria-hidden="true"><path d="M2 12 L6 4 l3 5 2-3 3 6"/></svg>';

const page = (title: string, content: string) =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title} · Wheelhouse</title><link rel="icon" href="data:,"><style>${style}</style></head>
<body><main><h1>${mark}Wheelhouse</h1>${content}</main></body></html>`;

const problemLine = (problem: string | null) =>
  problem === null ? '' : `<p class="bad" id="problem" role="alert">✕ ${escapeHtml(problem)}</p>`;
const described = (problem: string | null) =>
  problem === null ? '' : ' aria-describedby="problem" aria-invalid="true"';
const hidden = (name: string, value: string) => `<input type="hidden" name="${name}" value="${escapeHtml(value)}">`;

export type SignInPage = {
  next: string;
  email: string;
  problem: { with: 'password' | 'key' | 'oidc'; text: string } | null;
  oidc: string | null;
};

export function signInPage({ next, email, problem, oidc }: SignInPage): string {
  const of = (what: 'password' | 'key' | 'oidc') => (problem?.with === what ? problem.text : null);
  const elsewhere =
    oidc === null
      ? ''
      : `${problemLine(of('oidc'))}<a class="button quiet" href="/sign-in/oidc?next=${encodeURIComponent(next)}">Sign in with ${escapeHtml(oidc)}</a>`;
  return page(
    'Sign in',
    `<form method="post" action="/sign-in">${hidden('next', next)}<label for="email">Address</label><input id="email" name="email" type="email" autocomplete="username" required value="${escapeHtml(email)}"${email === '' && problem?.with !== 'key' ? ' autofocus' : ''}>
<label for="password">Password</label><input id="password" name="password" type="password" autocomplete="current-password" required${described(of('password'))}>
${problemLine(of('password'))}<button>Sign in</button></form>${elsewhere}
<details${of('key') === null ? '' : ' open'}><summary>Sign in with the admin key</summary><form method="post" action="/sign-in">${hidden('next', next)}<label for="key">Admin key</label><input id="key" name="key" type="password" autocomplete="off" required${problem?.with === 'key' ? ' autofocus' : ''}${described(of('key'))}>
${problemLine(of('key'))}${of('key') === null ? '<p>The value of WHEELHOUSE_ADMIN_KEY on the server.</p>' : ''}<button>Sign in</button></form></details>`,
  );
}

export type JoinPage = {
  token: string;
  email: string;
  project: string;
  role: string;
  /** Whether the address has an account. */
  known: boolean;
  name: string;
  problem: string | null;
};

export function joinPage({ token, email, project, role, known, name, problem }: JoinPage): string {
  const nameField = known
    ? ''
    : `<label for="name">Your name</label><input id="name" name="name" autocomplete="name" required maxlength="100" value="${escapeHtml(name)}" autofocus>`;
  const password = known
    ? '<label for="password">Your password here</label><input id="password" name="password" type="password" autocomplete="current-password" required'
    : '<label for="password">A password, of 12 characters or more</label><input id="password" name="password" type="password" autocomplete="new-password" required minlength="12"';
  return page(
    'Join',
    `<form method="post" action="/join">${hidden('token', token)}<p>You are invited to <b>${escapeHtml(project)}</b> as ${escapeHtml(role)}, with the address ${escapeHtml(email)}.</p>
<input type="hidden" name="username" autocomplete="username" value="${escapeHtml(email)}">${nameField}${password}${described(problem)}>
${problemLine(problem)}<button>Join</button></form>`,
  );
}

export const messagePage = (title: string, text: string): string =>
  page(title, `<p role="alert">${escapeHtml(text)}</p><a class="button quiet" href="/sign-in">Sign in</a>`);
