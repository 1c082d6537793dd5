import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

export type Received = {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: Buffer;
  json: unknown;
};
export type Served = {
  /** Without a slash at the end. */
  url: string;
  requests: Received[];
  close(): Promise<void>;
};

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return null;
  }
}

async function receive(req: IncomingMessage): Promise<Received> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  const raw = Buffer.concat(chunks);
  const body = req.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw;
  return { method: req.method ?? '', path: req.url ?? '', headers: req.headers, body, json: jsonOf(body) };
}

/** What to answer: JSON, or server-sent events in one write each. */
export type Reply =
  | { json: unknown; status?: number; headers?: Record<string, string> }
  | { events: { event?: string; data: unknown }[] };

function send(res: ServerResponse, reply: Reply): void {
  if ('json' in reply) {
    res.writeHead(reply.status ?? 200, { 'content-type': 'application/json', ...reply.headers });
    res.end(JSON.stringify(reply.json));
    return;
  }
  res.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const { event, data } of reply.events)
    res.write(`${event ? `event: ${event}\n` : ''}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`);
  res.end();
}

/** A server of a few lines, on a free port of loopback, that keeps what it was sent; null: it answers by itself, or never. */
export async function serve(answer: (received: Received, res: ServerResponse) => Reply | null): Promise<Served> {
  const requests: Received[] = [];
  const server = createServer((req, res) => {
    receive(req)
      .then((received) => {
        requests.push(received);
        const reply = answer(received, res);
        if (reply) send(res, reply);
      })
      .catch(() => res.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
