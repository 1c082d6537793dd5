import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';

/** Answers requests in the form of the platform. */
export type Answerer = (request: Request) => Promise<Response>;

function requestOf(req: IncomingMessage, signal: AbortSignal): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(req.headers))
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  const { method = 'GET', url = '/' } = req;
  const body = method === 'GET' || method === 'HEAD' ? null : (Readable.toWeb(req) as ReadableStream<Uint8Array>);
  return new Request(new URL(url, 'http://host'), { method, headers, signal, body, duplex: 'half' } as RequestInit);
}

async function handle(req: IncomingMessage, res: ServerResponse, answer: Answerer): Promise<void> {
  const left = new AbortController();
  res.once('close', () => left.abort());
  const response = await answer(requestOf(req, left.signal));
  res.writeHead(response.status, Object.fromEntries(response.headers));
  if (response.body === null) res.end();
  else await pipeline(Readable.fromWeb(response.body as NodeReadableStream<Uint8Array>), res);
}

export type Listening = { port: number; close(): Promise<void> };

/** A server of Node's over `(Request) → Response`. */
export function listen(answer: Answerer, at: { host: string; port: number }): Promise<Listening> {
  const server: Server = createServer((req, res) => {
    handle(req, res, answer).catch(() => {
      // Whoever left needs no answer; whatever else went wrong has told so before.
      if (!res.headersSent && !res.destroyed) res.writeHead(500);
      res.end();
    });
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(at.port, at.host, () =>
      resolve({
        port: (server.address() as AddressInfo).port,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            server.closeAllConnections();
          }),
      }),
    );
  });
}
