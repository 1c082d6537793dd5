import { opendir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { bad, type Check, good, warn } from '@wheelhouse/sdk/doctor';

const gib = 1024 ** 3;
const lowBytes = gib;
const tooLowBytes = gib / 10;

/** Bytes of all files below; what disappears while it is counted is not counted. */
async function sizeOf(folder: string): Promise<number> {
  let bytes = 0;
  for await (const entry of await opendir(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) bytes += await sizeOf(path).catch(() => 0);
    else if (entry.isFile())
      bytes += await stat(path).then(
        ({ size }) => size,
        () => 0,
      );
  }
  return bytes;
}

function bytesText(bytes: number): string {
  if (bytes >= gib) return `${(bytes / gib).toFixed(1)} GiB`;
  return `${(bytes / 1024 ** 2).toFixed(bytes < 10 * 1024 ** 2 ? 1 : 0)} MiB`;
}

/** How large the data is and how much room is left. */
export function roomCheck(folder: string, { size, free }: { size: number; free: number }): Check {
  const text = `${folder} holds ${bytesText(size)}; ${bytesText(free)} are free on its disk.`;
  if (free < tooLowBytes) return bad('data', text, 'Make room at once: what cannot be written is refused.');
  if (free < lowBytes) return warn('data', text, 'Make room, or give the data another disk with --dir.');
  return good('data', text);
}

/** The data directory of a server on this machine; null when it is not on this machine. */
export async function checkDataDirectory(folder: string): Promise<Check | null> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return roomCheck(folder, { size: await sizeOf(folder), free: bavail * bsize });
  } catch {
    return null;
  }
}
