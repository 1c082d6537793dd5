import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BlobStore } from '@wheelhouse/core/ports';
import { WheelhouseError } from '@wheelhouse/core/records';
import { checkBlobName } from './blob-name.ts';

const halfWritten = '.part-';
const isMissing = (error: unknown) => (error as NodeJS.ErrnoException).code === 'ENOENT';

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}

async function writeAll(handle: FileHandle, content: AsyncIterable<Uint8Array>) {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of content) {
    hash.update(chunk);
    bytes += chunk.length;
    // `appendFile` goes on until all of the chunk is written.
    await handle.appendFile(chunk);
  }
  await handle.sync();
  return { bytes, sha256: hash.digest('hex') };
}

function asStoreError(error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== 'ENOSPC' && code !== 'EDQUOT' && code !== 'EIO') return error;
  return new WheelhouseError('store_unavailable', `The disk of the files takes no more (${code}).`, {
    hint: 'Free some space there, then send the request again unchanged.',
    cause: error,
  });
}

/** Blobs as files below a folder: written beside, synced, then renamed, so that a name never shows half of a blob. */
export async function openDiskBlobs(folder: string): Promise<BlobStore> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // What a kill left half written belongs to nobody.
  for (const name of await readdir(folder)) if (name.startsWith(halfWritten)) await rm(join(folder, name));
  const place = (name: string) => join(folder, checkBlobName(name));
  return {
    async put(name, content) {
      const file = place(name);
      const part = join(folder, `${halfWritten}${randomBytes(8).toString('hex')}`);
      try {
        const handle = await open(part, 'wx', 0o600);
        const written = await writeAll(handle, content).finally(() => handle.close());
        await mkdir(dirname(file), { recursive: true, mode: 0o700 });
        await rename(part, file);
        await syncFolder(dirname(file));
        return written;
      } catch (error) {
        await rm(part, { force: true });
        throw asStoreError(error);
      }
    },
    async get(name) {
      try {
        const handle = await open(place(name), 'r');
        return createReadStream('', { fd: handle, highWaterMark: 256 * 1024 });
      } catch (error) {
        if (isMissing(error)) return null;
        throw error;
      }
    },
    remove: async (name) => rm(place(name), { force: true }),
    removeAll: async (folder) => rm(place(folder), { recursive: true, force: true }),
  };
}
