import { randomUUID } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import type { Cell, EvaluationId } from '@wheelhouse/core/records';

/** A cell in a file; `stored` says that the file is not needed for it any more. */
export type KeptCell = { stored(): void };

export type Keeping = {
  /**
   * Then a kill of the process leaves the cell; null: the disk does not take it. A few bytes for the system's cache, which
   * cost less at once than a thread that is woken for them.
   */
  keep(cell: Cell): KeptCell | null;
  /** What is not stored by then stays for whoever goes on. */
  close(): Promise<void>;
};

/** Cells that were made on this server, in files until the store has them. */
export type KeptCells = {
  begin(evaluation: EvaluationId): Keeping;
  /** What a process before this one left of an evaluation; the store may have some of it. */
  left(evaluation: EvaluationId): Promise<{ cells: Cell[]; forget(): Promise<void> }>;
};

const headerBytes = 4;
/** Then another file takes what comes, so that those before can go. */
const cellsPerFile = 500;
const suffix = '.cells';

/** Its length, then the cell in V8's own serialization, which takes bigint and which later versions of Node read. */
function encodeFrame(cell: Cell): Buffer {
  const payload = serialize(cell);
  const frame = Buffer.allocUnsafe(headerBytes + payload.length);
  frame.writeUInt32LE(payload.length, 0);
  payload.copy(frame, headerBytes);
  return frame;
}

/** Up to the first that is not whole: what a kill left half written ends a file. */
function readFrames(bytes: Buffer): Cell[] {
  const cells: Cell[] = [];
  for (let at = 0; at + headerBytes <= bytes.length; ) {
    const end = at + headerBytes + bytes.readUInt32LE(at);
    if (end > bytes.length) break;
    cells.push(deserialize(bytes.subarray(at + headerBytes, end)) as Cell);
    at = end;
  }
  return cells;
}

type OpenFile = { path: string; fd: number; cells: number; waiting: number; isFull: boolean };

/** @param inUse names of files that somebody in this process writes to */
function createKeeping(dir: string, evaluation: EvaluationId, inUse: Set<string>): Keeping {
  let current: OpenFile | null = null;
  const files = new Set<OpenFile>();
  const names: string[] = [];
  const dropping = new Set<Promise<void>>();

  function letGo(file: OpenFile): void {
    files.delete(file);
    closeSync(file.fd);
    // A file that stays is read once more, and its cells are there already.
    const gone = rm(file.path, { force: true }).catch(() => {});
    dropping.add(gone);
    void gone.then(() => dropping.delete(gone));
  }

  function settle(file: OpenFile): void {
    file.waiting--;
    if (file.isFull && file.waiting === 0) letGo(file);
  }

  function openFile(): OpenFile {
    if (current !== null && !current.isFull) return current;
    const name = `${evaluation}.${randomUUID()}${suffix}`;
    const path = join(dir, name);
    inUse.add(name);
    names.push(name);
    current = { path, fd: openSync(path, 'wx', 0o600), cells: 0, waiting: 0, isFull: false };
    files.add(current);
    return current;
  }

  return {
    keep(cell) {
      const frame = encodeFrame(cell);
      let file: OpenFile | null = null;
      try {
        file = openFile();
        file.waiting++;
        file.isFull = ++file.cells >= cellsPerFile;
        for (let at = 0; at < frame.length; ) at += writeSync(file.fd, frame, at);
      } catch {
        // What is half written would hide whatever came after it.
        if (file) file.isFull = true;
        if (file) settle(file);
        return null;
      }
      const kept = file;
      let isStored = false;
      return {
        stored() {
          if (!isStored) settle(kept);
          isStored = true;
        },
      };
    },
    async close() {
      for (const file of files)
        if (file.waiting === 0) letGo(file);
        else closeSync(file.fd);
      await Promise.all(dropping);
      for (const name of names) inUse.delete(name);
    },
  };
}

/** @param dir made when absent; of one process at a time */
export async function openKeptCells(dir: string): Promise<KeptCells> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const inUse = new Set<string>();
  const isLeft = (evaluation: EvaluationId) => (name: string) =>
    name.startsWith(`${evaluation}.`) && name.endsWith(suffix) && !inUse.has(name);
  return {
    begin: (evaluation) => createKeeping(dir, evaluation, inUse),
    async left(evaluation) {
      const names = (await readdir(dir)).filter(isLeft(evaluation));
      const paths = names.map((name) => join(dir, name));
      const cells: Cell[] = [];
      for (const path of paths) cells.push(...readFrames(await readFile(path)));
      return { cells, forget: async () => void (await Promise.all(paths.map((path) => rm(path, { force: true })))) };
    },
  };
}
