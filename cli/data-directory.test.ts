import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkDataDirectory, roomCheck } from './data-directory.ts';

describe('the data directory', () => {
  it('is counted with all that is below it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'wheelhouse-doctor-'));
    try {
      await mkdir(join(folder, 'a', 'b'), { recursive: true });
      await writeFile(join(folder, 'a', 'b', 'file'), Buffer.alloc(3 * 1024 * 1024));
      expect((await checkDataDirectory(folder))?.text).toContain(`${folder} holds 3.0 MiB`);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('is not judged when it is on another machine', async () => {
    expect(await checkDataDirectory('/nowhere/at/all')).toBeNull();
  });

  it.each([
    [5 * 1024 ** 3, 'good'],
    [500 * 1024 ** 2, 'warn'],
    [50 * 1024 ** 2, 'bad'],
  ])('with %d bytes free is %s', (free, state) => {
    expect(roomCheck('/data', { size: 1, free }).state).toBe(state);
  });
});
