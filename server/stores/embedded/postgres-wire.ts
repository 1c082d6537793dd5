import { rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import type { PGlite } from '@electric-sql/pglite';

type Connection = { socket: Socket; started: boolean; chunks: Buffer[]; size: number; needed: number; unit: Buffer[] };
type Unit = { connection: Connection; bytes: Uint8Array; open: boolean };

const sslRequest = 80877103;
const gssRequest = 80877104;
const cancelRequest = 80877102;
/** Messages after which a client waits for an answer: Query, Sync, Flush, FunctionCall, CopyDone, CopyFail. */
const unitEnds = new Set([...'QSHFcf'].map((letter) => letter.charCodeAt(0)));
const flush = 'H'.charCodeAt(0);
const terminate = 'X'.charCodeAt(0);
const rollback = Buffer.from('Q\0\0\0\rROLLBACK\0', 'latin1');

export type PostgresWireOptions = {
  db: PGlite;
  /** Of the unix socket; a leftover file is removed. */
  path: string;
  /** A client that holds a transaction without using it, while others wait, is cut off after this time. */
  stallMs?: number;
  /** The engine cannot go on; the process should end. */
  onFatal: (error: unknown) => void;
};

/**
 * Serves PGlite to many connections over PostgreSQL's protocol 3.0. PGlite is one backend: all connections share its
 * unnamed statement, so messages are handed over in units that end with Sync (or Query), never one by one, and
 * a connection in a transaction keeps the engine until the transaction ends. (`pglite-socket` interleaves single messages,
 * which gives answers to the wrong connection.)
 */
export async function servePostgres(options: PostgresWireOptions): Promise<{ close(): Promise<void> }> {
  const { db, path, stallMs = 30_000, onFatal } = options;
  const connections = new Set<Connection>();
  let queue: Unit[] = [];
  let owner: Connection | null = null;
  let running: Promise<void> | null = null;
  let stall: NodeJS.Timeout | undefined;

  async function execute(bytes: Uint8Array, onData: (data: Uint8Array) => void): Promise<void> {
    await db.runExclusive(() => db.execProtocolRawStream(bytes, { onRawData: onData }));
  }

  function endStall(): void {
    clearTimeout(stall);
    stall = undefined;
  }

  async function step(unit: Unit): Promise<void> {
    endStall();
    const { socket } = unit.connection;
    await execute(unit.bytes, (data) => {
      // The engine reuses its buffer.
      if (socket.writable) socket.write(Buffer.from(data));
    });
    owner = unit.open || db.isInTransaction() ? unit.connection : null;
  }

  function next(): Unit | undefined {
    const index = owner ? queue.findIndex((unit) => unit.connection === owner) : 0;
    return index < 0 ? undefined : queue.splice(index, 1)[0];
  }

  async function run(): Promise<void> {
    for (;;) {
      if (owner && !connections.has(owner)) {
        // Its client is gone: what it left open must not stay open.
        await execute(rollback, () => {});
        owner = null;
      }
      const unit = next();
      if (!unit) break;
      await step(unit);
    }
  }

  function pump(): void {
    if (running) return;
    running = run()
      .catch(onFatal)
      .finally(() => {
        running = null;
        const holder = owner;
        if (holder && queue.length > 0) stall ??= setTimeout(() => holder.socket.destroy(), stallMs);
      });
  }

  function onMessage(connection: Connection, message: Buffer, type: number): void {
    if (type === terminate) {
      connection.socket.end();
      return;
    }
    connection.unit.push(message);
    if (!unitEnds.has(type)) return;
    queue.push({ connection, bytes: new Uint8Array(Buffer.concat(connection.unit)), open: type === flush });
    connection.unit = [];
    pump();
  }

  /** A first packet has no type byte. */
  function onStartup(connection: Connection, packet: Buffer): void {
    const code = packet.readInt32BE(4);
    if (code === sslRequest || code === gssRequest) {
      connection.socket.write('N');
    } else if (code === cancelRequest) {
      // PGlite has no backend that could be interrupted; the protocol wants no answer.
      connection.socket.end();
    } else {
      connection.started = true;
      queue.push({ connection, bytes: new Uint8Array(packet), open: false });
      pump();
    }
  }

  function onData(connection: Connection, chunk: Buffer): void {
    connection.chunks.push(chunk);
    connection.size += chunk.length;
    if (connection.size < connection.needed) return;
    const data = Buffer.concat(connection.chunks);
    let at = 0;
    for (;;) {
      const header = connection.started ? 1 : 0;
      const left = data.length - at;
      connection.needed = header + 4;
      if (left < connection.needed) break;
      const length = data.readInt32BE(at + header);
      if (length < (connection.started ? 4 : 8)) {
        connection.socket.destroy();
        return;
      }
      connection.needed = header + length;
      if (left < connection.needed) break;
      const message = data.subarray(at, at + connection.needed);
      at += connection.needed;
      if (connection.started) onMessage(connection, message, message[0] ?? 0);
      else onStartup(connection, message);
    }
    connection.chunks = at < data.length ? [data.subarray(at)] : [];
    connection.size = data.length - at;
  }

  await rm(path, { force: true });
  const server = createServer((socket) => {
    const connection: Connection = { socket, started: false, chunks: [], size: 0, needed: 0, unit: [] };
    connections.add(connection);
    socket.on('data', (chunk) => onData(connection, chunk));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      connections.delete(connection);
      queue = queue.filter((unit) => unit.connection !== connection);
      pump();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  return {
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const { socket } of connections) socket.destroy();
      await closed;
      await running;
      endStall();
    },
  };
}
