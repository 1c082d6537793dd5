import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { blobStoreConformance } from '@wheelhouse/testing/conformance';
import { startS3Server } from '@wheelhouse/testing/fakes';
import { describe, expect, it } from 'vitest';
import { openDiskBlobs } from './disk-blobs.ts';
import { openS3Blobs } from './s3-blobs.ts';

const keys = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'a secret for tests', region: 'eu-central-1' };
const makeFolder = () => mkdtemp(join(tmpdir(), 'wheelhouse-blobs-'));

blobStoreConformance('disk', async () => {
  const folder = await makeFolder();
  return { blobs: await openDiskBlobs(folder), close: () => rm(folder, { recursive: true }) };
});

blobStoreConformance('S3', async () => {
  const server = await startS3Server(keys);
  const options = { ...keys, url: server.url, sessionToken: null, prefix: 'wheelhouse/', partBytes: 256 * 1024 };
  return { blobs: openS3Blobs(options), close: server.close };
});

async function* one(text: string) {
  yield Buffer.from(text);
}

describe('blobs on a disk', () => {
  it('forget at the start what a kill left half written', async () => {
    const folder = await makeFolder();
    await writeFile(join(folder, '.part-0123'), 'half');
    const blobs = await openDiskBlobs(folder);
    await blobs.put('a/b', one('whole'));
    expect(await readdir(folder)).toEqual(['a']);
    await rm(folder, { recursive: true });
  });
});

describe('blobs in a bucket', () => {
  it('leave no upload behind that broke off, and say what the server refused', async () => {
    const server = await startS3Server(keys);
    const options = { ...keys, url: server.url, sessionToken: null, prefix: '' };
    const blobs = openS3Blobs({ ...options, partBytes: 4 });
    async function* breaking() {
      yield Buffer.from('123456789');
      throw new Error('gone');
    }
    await expect(blobs.put('a', breaking())).rejects.toThrow('gone');
    expect([...server.uploads, ...server.objects]).toEqual([]);
    const stranger = openS3Blobs({ ...options, secretAccessKey: 'another' });
    await expect(stranger.put('a', one('x'))).rejects.toMatchObject({
      code: 'store_unavailable',
      message: expect.stringContaining('SignatureDoesNotMatch'),
    });
    await server.close();
    await expect(blobs.get('a')).rejects.toMatchObject({ code: 'store_unavailable' });
  });
});
