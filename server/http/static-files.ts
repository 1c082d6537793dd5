import { existsSync, readFileSync, statSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';
import { gzipSync } from 'node:zlib';
import { WheelhouseError } from '@wheelhouse/core/records';

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
};
const compressed = new Set(['.html', '.js', '.css', '.svg', '.json', '.webmanifest']);

type File = { bytes: Buffer; gzip: Buffer | null; type: string; immutable: boolean };

/** Serves the built web app; any other path that a browser opens is a page of it, so it gets `index.html`. */
export function createStaticFiles(root: string): (req: IncomingMessage, res: ServerResponse, path: string) => void {
  const cache = new Map<string, File>();

  function load(path: string): File | null {
    const known = cache.get(path);
    if (known) return known;
    const full = normalize(join(root, path));
    if (!full.startsWith(root + sep) || !existsSync(full) || !statSync(full).isFile()) return null;
    const bytes = readFileSync(full);
    const extension = extname(full);
    const file: File = {
      bytes,
      gzip: compressed.has(extension) ? gzipSync(bytes) : null,
      type: types[extension] ?? 'application/octet-stream',
      immutable: path.startsWith('/assets/'),
    };
    cache.set(path, file);
    return file;
  }

  return (req, res, path) => {
    if (req.method !== 'GET' && req.method !== 'HEAD')
      throw new WheelhouseError('method_not_allowed', `${path} takes GET.`, { hint: 'Send GET.' });
    const isPage = (req.headers.accept ?? '').includes('text/html');
    const file = load(path === '/' ? '/index.html' : path) ?? (isPage ? load('/index.html') : null);
    if (!file) throw new WheelhouseError('not_found', `There is no ${path} here.`);
    const gzip = file.gzip !== null && (req.headers['accept-encoding'] ?? '').includes('gzip') ? file.gzip : null;
    const body = gzip ?? file.bytes;
    res.writeHead(200, {
      'content-type': file.type,
      'content-length': body.length,
      'cache-control': file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
      ...(file.gzip === null ? {} : { vary: 'accept-encoding' }),
      ...(gzip ? { 'content-encoding': 'gzip' } : {}),
    });
    res.end(req.method === 'HEAD' ? undefined : body);
  };
}
