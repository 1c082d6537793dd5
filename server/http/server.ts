import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { doorNeeds, feedbackPath, type Handlers } from '@wheelhouse/core/contract';
import { WheelhouseError } from '@wheelhouse/core/records';
import type { SignInDoor } from '../access/index.ts';
import { addressOf } from './address-of.ts';
import { createApiRouter } from './api-router.ts';
import { createDoorman } from './doorman.ts';
import { createDoors, type DoorDeps, isGateway, type RawContext } from './doors.ts';
import { allowedOrigin, type GuardOptions, permit } from './guard.ts';
import { readBody } from './read-body.ts';
import { createSignInPages } from './sign-in.ts';
import { createStaticFiles } from './static-files.ts';

export type HttpDeps = DoorDeps & {
  guard: GuardOptions;
  /** null: nobody signs in. */
  signIns: SignInDoor | null;
  nowMs(): number;
  bodyLimit: number;
  version: string;
  handlers: Handlers;
  /** Folder of the built web app; null serves the API alone. */
  webRoot: string | null;
  /** Rejects while a store is away. */
  ready(): Promise<void>;
  log: { error(details: object, message: string): void };
};

export type HttpServer = {
  listen(port: number, host: string): Promise<number>;
  /** Takes no new connection, lets running answers end within the bound, then closes. */
  drain(boundMs: number): Promise<void>;
};

const ofPages: [string, string][] = [
  ['x-content-type-options', 'nosniff'],
  ['x-frame-options', 'DENY'],
  ['referrer-policy', 'same-origin'],
  [
    'content-security-policy',
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  ],
];

/** Vendors' exporters put OTLP under a prefix of their own. */
const vendorOtlp = /^\/(?:api\/public|langsmith)\/otel(?=\/v1\/)/;
const pathOf = (req: IncomingMessage): string => ((req.url ?? '/').split('?', 1)[0] ?? '/').replace(vendorOtlp, '');

function sendError(_: IncomingMessage, res: ServerResponse, error: WheelhouseError): void {
  if (res.headersSent) {
    res.destroy();
    return;
  }
  const text = JSON.stringify(error.toBody());
  res.writeHead(error.status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'x-content-type-options': 'nosniff',
    ...(error.retryable ? { 'retry-after': '1' } : {}),
    ...(error.code === 'unauthorized' ? { 'www-authenticate': 'Bearer' } : {}),
  });
  res.end(text);
}

function sendText(res: ServerResponse, status: number, body: object): void {
  res.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  res.end(JSON.stringify(body));
}

/** Answers for other origins; true when that was all that was asked. */
function cors(req: IncomingMessage, res: ServerResponse, guard: GuardOptions): boolean {
  const origin = allowedOrigin(req, guard);
  if (origin !== null) {
    res.setHeader('access-control-allow-origin', origin);
    res.setHeader('access-control-expose-headers', 'x-wheelhouse-trace-id');
    res.setHeader('vary', 'origin');
  }
  if (req.method !== 'OPTIONS') return false;
  res.writeHead(204, {
    'access-control-allow-methods': 'GET, POST, PUT, DELETE',
    'access-control-allow-headers': String(req.headers['access-control-request-headers'] ?? 'content-type'),
    'access-control-max-age': '600',
  });
  res.end();
  return true;
}

/** The server that owns the port: health, authorization in one place, then gateway, ingest, live feed, API or web. */
export function createHttpServer(deps: HttpDeps): HttpServer {
  let draining = false;

  function known(cause: unknown): WheelhouseError {
    if (cause instanceof WheelhouseError) {
      if (cause.code === 'internal') deps.log.error({ err: cause }, cause.message);
      return cause;
    }
    deps.log.error({ err: cause }, 'unexpected error');
    return new WheelhouseError('internal', 'Something went wrong inside Wheelhouse.', { cause });
  }

  const api = createApiRouter({
    handlers: deps.handlers,
    bodyLimit: deps.bodyLimit,
    version: deps.version,
    onError: known,
  });
  const files = deps.webRoot === null ? null : createStaticFiles(deps.webRoot);

  const signInPages = deps.signIns === null ? null : createSignInPages(deps.signIns, deps.nowMs);

  const doors = createDoors(deps, files);
  const admit = createDoorman(deps.guard, signInPages !== null);

  async function health(res: ServerResponse, path: string): Promise<void> {
    if (path === '/healthz') return sendText(res, 200, { status: 'ok' });
    if (draining) return sendText(res, 503, { status: 'draining' });
    await deps.ready().then(
      () => sendText(res, 200, { status: 'ready' }),
      (cause: unknown) => sendText(res, 503, { status: 'not ready', reason: known(cause).message }),
    );
  }

  async function route(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const path = pathOf(req);
    if (path === '/healthz' || path === '/readyz') return health(res, path);
    if (signInPages?.has(path)) {
      allowedOrigin(req, deps.guard);
      return signInPages.handle(req, res, path);
    }
    if (deps.attachments.isTicket(path)) return deps.attachments.byTicket(req, res, path);
    if (path === feedbackPath) return deps.feedback(req, res, addressOf(req));
    if (cors(req, res, deps.guard)) return;
    const found = admit(req, res, path);
    const by = found instanceof Promise ? await found : found;
    if (by === null) return;
    const door = doors.of(req, path);
    if (door === null) return api(req, res, by);
    permit(by, doorNeeds[door.need]);
    const context: RawContext = { by, path, readBody: () => readBody(req, deps.bodyLimit) };
    return door.handle(req, res, context);
  }

  const server: Server = createServer(
    { keepAliveTimeout: 65_000, requestTimeout: 0, maxHeaderSize: 64 * 1024 },
    (req, res) => {
      // Answers of the gateway and of ingest are no pages; they say what they must in one go, because each header that
      // is set before costs as much as three that are not.
      if (!isGateway(req.url ?? '/')) for (const [name, value] of ofPages) res.setHeader(name, value);
      if (draining) res.setHeader('connection', 'close');
      route(req, res).catch((cause: unknown) => {
        if (res.writableEnded) return;
        const refuse = doors.refusing(pathOf(req)) ?? sendError;
        refuse(req, res, known(cause));
      });
    },
  );

  return {
    listen: (port, host) =>
      new Promise((resolve, reject) => {
        server.once('error', (cause: NodeJS.ErrnoException) =>
          reject(
            cause.code === 'EADDRINUSE'
              ? new WheelhouseError('port_in_use', `Port ${port} on ${host} is taken by another program.`, { cause })
              : cause,
          ),
        );
        server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
      }),
    drain: (boundMs) =>
      new Promise((resolve) => {
        draining = true;
        const force = setTimeout(() => server.closeAllConnections(), boundMs);
        // A connection whose answer ends now would be kept alive, and waited for.
        const sweep = setInterval(() => server.closeIdleConnections(), 100);
        server.close(() => {
          clearTimeout(force);
          clearInterval(sweep);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}
