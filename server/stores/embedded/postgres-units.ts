import type { Socket } from 'node:net';

/** Messages of one connection that the engine must get together. */
export type Unit = {
  bytes: Uint8Array;
  /** It ends with Flush: more of the same exchange follows. */
  open: boolean;
};

const sslRequest = 80877103;
const gssRequest = 80877104;
const cancelRequest = 80877102;
/** Messages after which a client waits for an answer: Query, Sync, Flush, FunctionCall, CopyDone, CopyFail. */
const unitEnds = new Set([...'QSHFcf'].map((letter) => letter.charCodeAt(0)));
const flush = 'H'.charCodeAt(0);
const terminate = 'X'.charCodeAt(0);

/** Cuts what a client of PostgreSQL's protocol 3.0 sends into units; what needs no engine is answered here. */
export function readUnits(socket: Socket, onUnit: (unit: Unit) => void): void {
  let started = false;
  let chunks: Buffer[] = [];
  let size = 0;
  let needed = 0;
  let unit: Buffer[] = [];

  function onMessage(message: Buffer): void {
    const type = message[0] ?? 0;
    if (type === terminate) {
      socket.end();
      return;
    }
    unit.push(message);
    if (!unitEnds.has(type)) return;
    onUnit({ bytes: new Uint8Array(Buffer.concat(unit)), open: type === flush });
    unit = [];
  }

  /** A first packet has no type byte. */
  function onStartup(packet: Buffer): void {
    const code = packet.readInt32BE(4);
    if (code === sslRequest || code === gssRequest) {
      socket.write('N');
    } else if (code === cancelRequest) {
      // PGlite has no backend that could be interrupted; the protocol wants no answer.
      socket.end();
    } else {
      started = true;
      onUnit({ bytes: new Uint8Array(packet), open: false });
    }
  }

  socket.on('data', (chunk) => {
    chunks.push(chunk);
    size += chunk.length;
    if (size < needed) return;
    const data = Buffer.concat(chunks);
    let at = 0;
    for (;;) {
      const header = started ? 1 : 0;
      const left = data.length - at;
      needed = header + 4;
      if (left < needed) break;
      const length = data.readInt32BE(at + header);
      if (length < (started ? 4 : 8)) {
        socket.destroy();
        return;
      }
      needed = header + length;
      if (left < needed) break;
      const message = data.subarray(at, at + needed);
      at += needed;
      if (started) onMessage(message);
      else onStartup(message);
    }
    chunks = at < data.length ? [data.subarray(at)] : [];
    size = data.length - at;
  });
}
