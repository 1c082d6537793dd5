const loopback = /^(?:localhost|\[::1\]|127\.\d+\.\d+\.\d+)$/;

function parts(text: string): { place: string; path: string } | null {
  if (!URL.canParse(text)) return null;
  const { protocol, hostname, port, pathname } = new URL(text);
  const host = loopback.test(hostname) ? 'loopback' : hostname;
  return { place: `${protocol}//${host}:${port}`, path: pathname.replace(/\/+$/, '') };
}

/** Whether two URLs lead to the same host and port; `localhost` and `127.0.0.1` are one. */
export function sameHost(a: string, b: string): boolean {
  const place = parts(a)?.place;
  return place !== undefined && place === parts(b)?.place;
}

/** Whether two URLs lead to the same host, port and path, with or without a slash at the end. */
export function sameAddress(a: string, b: string): boolean {
  return sameHost(a, b) && parts(a)?.path === parts(b)?.path;
}
