import { rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import type { PGlite } from '@electric-sql/pglite';
import { readUnits, type Unit } from './postgres-units.ts';

type Waiting = { socket: Socket; unit: Unit };

/** Sync first: after an error the engine ignores all before one. */
const rollback = Buffer.from('S\0\0\0\x04Q\0\0\0\rROLLBACK\0', 'latin1');

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
  const connections = new Set<Socket>();
  let queue: Waiting[] = [];
  let owner: Socket | null = null;
  let running: Promise<void> | null = null;
  let stall: NodeJS.Timeout | undefined;

  async function execute(bytes: Uint8Array, onData: (data: Uint8Array) => void): Promise<void> {
    await db.runExclusive(() => db.execProtocolRawStream(bytes, { onRawData: onData }));
  }

  function endStall(): void {
    clearTimeout(stall);
    stall = undefined;
  }

  async function step({ socket, unit }: Waiting): Promise<void> {
    endStall();
    await execute(unit.bytes, (data) => {
      // The engine reuses its buffer.
      if (socket.writable) socket.write(Buffer.from(data));
    });
    owner = unit.open || db.isInTransaction() ? socket : null;
  }

  function next(): Waiting | undefined {
    const index = owner ? queue.findIndex(({ socket }) => socket === owner) : 0;
    return index < 0 ? undefined : queue.splice(index, 1)[0];
  }

  async function run(): Promise<void> {
    for (;;) {
      if (owner && !connections.has(owner)) {
        // Its client is gone: what it left open must not stay open.
        await execute(rollback, () => {});
        owner = null;
      }
      const waiting = next();
      if (!waiting) break;
      await step(waiting);
    }
  }

  function pump(): void {
    if (running) return;
    running = run()
      .catch(onFatal)
      .finally(() => {
        running = null;
        const holder = owner;
        if (holder && queue.length > 0) stall ??= setTimeout(() => holder.destroy(), stallMs);
      });
  }

  await rm(path, { force: true });
  const server = createServer((socket) => {
    connections.add(socket);
    readUnits(socket, (unit) => {
      queue.push({ socket, unit });
      pump();
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      connections.delete(socket);
      queue = queue.filter((waiting) => waiting.socket !== socket);
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
      for (const socket of connections) socket.destroy();
      await closed;
      await running;
      endStall();
    },
  };
}
