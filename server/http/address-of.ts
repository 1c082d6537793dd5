import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

const nearby = /^(?:::ffff:)?(?:127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)|^::1$|^f[cd]/i;

/** Who calls: what a proxy close by says, else who is at the other end of the connection. */
export function addressOf(req: IncomingMessage): string {
  const direct = req.socket.remoteAddress ?? '';
  const told = String(req.headers['x-forwarded-for'] ?? '')
    .split(',')
    .at(-1)
    ?.trim();
  return told !== undefined && isIP(told) !== 0 && nearby.test(direct) ? told : direct;
}
