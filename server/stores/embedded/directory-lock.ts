import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
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

/** Moves a dead holder's file away. Whoever moved a living one's by losing a race puts it back. */
async function removeStale(file: string, content: string): Promise<void> {
  const aside = `${file}.${randomBytes(6).toString('hex')}`;
  await rename(file, aside).catch(absent);
  const moved = await readFile(aside, 'utf8').catch(absent);
  if (moved !== null && moved !== content) await place(file, moved);
  await rm(aside, { force: true });
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
    const holder = parseHolder(content);
    if (!holder || !isAlive(holder)) {
      await removeStale(file, content);
    } else if (performance.now() < deadline) {
      await sleep(50);
    } else {
      throw new WheelhouseError('data_dir_locked', `Process ${holder.pid} already uses ${dirname(file)}.`);
    }
  }
  return {
    release: async () => {
      if ((await readFile(file, 'utf8').catch(absent)) === own) await rm(file, { force: true });
    },
  };
}
