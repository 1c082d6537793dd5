import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockDirectory } from './directory-lock.ts';

describe('directory lock', () => {
  let dir: string;
  let file: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'wheelhouse-lock-'));
    file = join(dir, 'lock');
  });
  afterEach(() => rm(dir, { recursive: true }));

  const locked = { code: 'data_dir_locked', message: `Process ${process.pid} already uses ${'DIR'}.` };

  it('refuses a second holder, naming process and directory, until the first lets go', async () => {
    const first = await lockDirectory(file);
    await expect(lockDirectory(file)).rejects.toMatchObject({ ...locked, message: locked.message.replace('DIR', dir) });
    await first.release();
    const second = await lockDirectory(file);
    await first.release();
    await expect(lockDirectory(file)).rejects.toMatchObject({ code: 'data_dir_locked' });
    await second.release();
    expect(await readdir(dir)).toEqual([]);
  });

  it('waits for a holder that lets go in time', async () => {
    const first = await lockDirectory(file);
    const second = lockDirectory(file, 60_000);
    await first.release();
    await expect(second.then((lock) => lock.release())).resolves.toBeUndefined();
  });

  const deadPid = () => spawnSync(process.execPath, ['-e', '']).pid;
  const stale: [string, () => string][] = [
    ['a process that is gone', () => JSON.stringify({ pid: deadPid(), birth: 'boot:1' })],
    ['an earlier process with the number of a living one', () => JSON.stringify({ pid: process.pid, birth: 'boot:1' })],
    ['nobody, in a file that was cut off', () => '{"pid":'],
  ];
  it.each(stale)('takes over the lock of %s, once among many that try', async (_, content) => {
    const left = content();
    for (let round = 0; round < 15; round++) {
      await writeFile(file, left);
      const tries = await Promise.allSettled(Array.from({ length: 30 }, () => lockDirectory(file)));
      const held = tries.filter((tried) => tried.status === 'fulfilled');
      expect(held).toHaveLength(1);
      expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ pid: process.pid });
      expect(await readdir(dir)).toEqual(['lock']);
      for (const { value } of held) await value.release();
    }
  });

  it('is not held up by a take-over that was cut off', async () => {
    await writeFile(file, JSON.stringify({ pid: process.pid, birth: 'boot:1' }));
    await writeFile(`${file}.takeover`, JSON.stringify({ pid: process.pid, birth: 'boot:2' }));
    await (await lockDirectory(file)).release();
    expect(await readdir(dir)).toEqual([]);
  });
});
