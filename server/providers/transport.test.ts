import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Exchange } from './exchange.ts';
import { createTransport } from './transport.ts';

const transport = createTransport();
let connections = 0;
const server = createServer((_, res) => res.end('inside'));
server.on('connection', () => {
  connections++;
});
beforeAll(() => new Promise<void>((resolve) => void server.listen(0, resolve)));
afterAll(async () => {
  await transport.close();
  server.close();
});

const portOf = (from: Server) => (from.address() as AddressInfo).port;

const ask = (trusted: boolean): Promise<string> =>
  new Promise((resolve) => {
    const origin = new URL(`http://localhost:${portOf(server)}`);
    const exchange = new Exchange('here', {
      onHeaders: () => {},
      onData: () => true,
      onEnd: () => resolve('end'),
      onError: (error) => resolve((error as Error & { code: string }).code),
    });
    exchange.dispatch(transport.open(origin, { trusted }), { path: '/', method: 'GET' }, 5000);
  });

describe('the transport', () => {
  it('makes no connection for a project to a name that leads inside, and does for the operator', async () => {
    expect(await ask(false)).toBe('invalid_request');
    expect(connections).toBe(0);
    expect(await ask(true)).toBe('end');
    expect(connections).toBe(1);
    expect(await ask(false)).toBe('invalid_request');
  });

  it('has many connections at once without a warning', async () => {
    const warned: string[] = [];
    const note = ({ message }: Error) => void warned.push(message);
    process.on('warning', note);
    expect(await Promise.all(Array.from({ length: 40 }, () => ask(true)))).toEqual(Array(40).fill('end'));
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', note);
    expect(warned).toEqual([]);
  });

  it('leaves no connection behind when it is closed, not even one that is being made', async () => {
    const silent = createTcpServer();
    await new Promise<void>((resolve) => void silent.listen(0, '127.0.0.1', resolve));
    const own = createTransport();
    const sink = { onHeaders() {}, onData: () => true, onEnd() {}, onError() {} };
    const arrived = new Promise<Socket>((resolve) => silent.once('connection', resolve));
    const origin = new URL(`https://127.0.0.1:${portOf(silent)}`);
    const exchange = new Exchange('here', sink);
    exchange.dispatch(own.open(origin, { trusted: true }), { path: '/', method: 'GET' }, 60_000);
    const socket = await arrived;
    const left = new Promise((resolve) =>
      socket
        .once('close', resolve)
        .on('error', () => {})
        .resume(),
    );
    exchange.abort();
    await own.close();
    await left;
    silent.close();
  });
});
