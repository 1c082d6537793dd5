import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { decodeRequest, type OtlpSignal } from '../../../server/ingest/otlp-values.ts';
import { wireJson } from '../../../server/ingest/wire-json.ts';

export type Recorder = { url: string; close(): Promise<void> };

const folder = join(import.meta.dirname, '..', '..', '..', '.cache', 'clients');
/** What says something of the machine. */
const private_ = /^(host|process|os|service\.instance)\./;

function scrub(key: string, value: unknown): unknown {
  if (key !== 'attributes' || !Array.isArray(value)) return value;
  return value.filter((attribute: { key?: string }) => !private_.test(attribute.key ?? ''));
}

/**
 * Stands between a client and the server, and keeps each export under `.cache/clients`, as JSON and without what it says
 * of the machine: the fixtures that `npm test` replays are taken from there.
 */
export async function startRecorder(name: string, target: string): Promise<Recorder> {
  let count = 0;
  function keep(path: string, type: string, body: Buffer): void {
    const signal = /\/v1\/(traces|logs|metrics)$/.exec(path)?.[1];
    if (signal === undefined) return;
    const encoding = type.includes('json') ? 'json' : 'protobuf';
    const json = JSON.parse(wireJson(decodeRequest(body, encoding, signal as OtlpSignal)), scrub);
    mkdirSync(folder, { recursive: true });
    count += 1;
    const record = { method: 'POST', url: path, headers: { 'content-type': type }, body: json };
    writeFileSync(join(folder, `${name}-${count}.${signal}.json`), `${JSON.stringify(record, null, 1)}\n`);
  }
  const server = createServer(async (req, res) => {
    const pieces: Buffer[] = [];
    for await (const piece of req) pieces.push(piece as Buffer);
    const body = Buffer.concat(pieces);
    const { host: _, 'content-length': __, connection: ___, ...headers } = req.headers as Record<string, string>;
    const sent = { method: req.method ?? 'POST', headers, ...(body.length > 0 ? { body } : {}) };
    const answer = await fetch(`${target}${req.url}`, sent);
    keep(
      req.url ?? '',
      headers['content-type'] ?? '',
      headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body,
    );
    const given = Buffer.from(await answer.arrayBuffer());
    res.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/plain' }).end(given);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
