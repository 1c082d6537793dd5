import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WheelhouseError } from '@wheelhouse/core/records';
import { simEmbeddingModel, simModels } from '@wheelhouse/core/sim';
import { readBody } from './http/read-body.ts';
import { createSim } from './providers/sim/create-sim.ts';

const bodyLimit = 32 * 1024 * 1024;

function sendJson(res: ServerResponse, status: number, body: object): void {
  res.writeHead(status, { 'content-type': 'application/json' });
  res.end(JSON.stringify(body));
}

/** The simulated model behind a socket, for whatever speaks OpenAI's dialect. Listens on loopback unless told otherwise. */
export async function startSimServer(options: {
  port: number;
  host: string;
}): Promise<{ url: string; close(): Promise<void> }> {
  const sim = createSim({
    defaults: {},
    nowMs: () => Date.now(),
    newId: () => `chatcmpl-sim-${randomBytes(9).toString('base64url')}`,
  });

  async function answer(path: string, req: IncomingMessage, res: ServerResponse): Promise<void> {
    const body = await readBody(req, bodyLimit);
    const handle = sim.forward(
      { method: 'POST', path, headers: {}, body, key: null, connectTimeoutMs: 0 },
      {
        onHeaders: (status, headers) => void res.writeHead(status, headers),
        onData: (chunk) => res.write(chunk),
        onEnd: () => void res.end(),
        // A vendor that fails in the middle leaves what it had sent, and a broken connection.
        onError: () => void setImmediate(() => res.socket?.destroySoon()),
      },
    );
    res.once('close', () => {
      if (!res.writableFinished) handle.abort();
    });
  }

  const server = createServer((req, res) => {
    const path = (req.url ?? '/').split('?', 1)[0];
    if (req.method === 'GET' && path === '/v1/models')
      return sendJson(res, 200, {
        object: 'list',
        data: [...simModels, simEmbeddingModel].map((m) => ({
          id: `sim/${m}`,
          object: 'model',
          created: 0,
          owned_by: 'sim',
        })),
      });
    if (req.method === 'POST' && (path === '/v1/chat/completions' || path === '/v1/embeddings'))
      return void answer(path.slice('/v1'.length), req, res).catch((cause: unknown) => {
        const error =
          cause instanceof WheelhouseError
            ? cause
            : new WheelhouseError('internal', 'The simulated model failed.', { cause });
        if (!res.headersSent) sendJson(res, error.status, error.toBody());
      });
    const error = new WheelhouseError('not_found', `There is no ${req.method} ${path} here.`, {
      hint: 'The simulated model serves POST /v1/chat/completions, POST /v1/embeddings and GET /v1/models.',
    });
    return sendJson(res, error.status, error.toBody());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        cause.code === 'EADDRINUSE'
          ? new WheelhouseError('port_in_use', `Port ${options.port} is taken.`, { cause })
          : cause,
      ),
    );
    server.listen(options.port, options.host, () => resolve());
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${options.host}:${port}/v1`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
