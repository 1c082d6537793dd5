import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WheelhouseError } from '@wheelhouse/core/records';

type Holder = { pid: number; birth: string | null };

export type DirectoryLock = { release(): Promise<void> };

/** What tells a process from a later one with the same number: boot and start time; null where the system does not say. */
function birthOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold spaces; fields are counted after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z') return 'ended';
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}:${fields[19]}`;
  } catch {
    return null;
  }
}

function isAlive(holder: Holder): boolean {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    // EPERM: it lives, under another user.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return holder.birth === birthOf(holder.pid);
}

function parseHolder(text: string): Holder | null {
  try {
    const value = JSON.parse(text) as Partial<Holder>;
    return typeof value.pid === 'number' ? { pid: value.pid, birth: value.birth ?? null } : null;
  } catch {
    return null;
  }
}

function isHeld(content: string): boolean {
  const holder = parseHolder(content);
  return holder !== null && isAlive(holder);
}

const absent = (error: NodeJS.ErrnoException): null => {
  if (error.code === 'ENOENT') return null;
  throw error;
};

/** Puts the file in place with its whole content at once; false when there is one. */
async function place(file: string, content: string): Promise<boolean> {
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, content, { mode: 0o600 });
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Clears a dead holder's file away. One process at a time may, else one would clear away what another has just placed. */
async function removeStale(file: string, stale: string, own: string): Promise<void> {
  const guard = `${file}.takeover`;
  if (await place(guard, own)) {
    if ((await readFile(file, 'utf8').catch(absent)) === stale) await rm(file);
    await rm(guard);
    return;
  }
  const guardian = await readFile(guard, 'utf8').catch(absent);
  if (guardian !== null && !isHeld(guardian)) await rm(guard, { force: true });
  else await sleep(1);
}

/**
 * Makes this process the only holder of `file` until `release`. A file of a process that is gone is taken over.
 * @param waitMs how long to wait for a living holder before giving up with `data_dir_locked`
 */
export async function lockDirectory(file: string, waitMs = 0): Promise<DirectoryLock> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const own = JSON.stringify({ pid: process.pid, birth: birthOf(process.pid), nonce: randomBytes(8).toString('hex') });
  const deadline = performance.now() + waitMs;
  while (!(await place(file, own))) {
    const content = await readFile(file, 'utf8').catch(absent);
    if (content === null) continue;
    if (!isHeld(content)) {
      await removeStale(file, content, own);
    } else if (performance.now() < deadline) {
      await sleep(50);
    } else {
      throw new WheelhouseError(
        'data_dir_locked',
        `Process ${parseHolder(content)?.pid} already uses ${dirname(file)}.`,
      );
    }
  }
  return {
    release: async () => {
      if ((await readFile(file, 'utf8').catch(absent)) === own) await rm(file, { force: true });
    },
  };
}
