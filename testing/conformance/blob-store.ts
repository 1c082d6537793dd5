import { createHash } from 'node:crypto';
import type { BlobStore } from '@wheelhouse/core/ports';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

type World = { blobs: BlobStore; close(): Promise<void> };

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function wholeOf(content: AsyncIterable<Uint8Array> | null): Promise<Buffer | null> {
  if (content === null) return null;
  const all: Uint8Array[] = [];
  for await (const chunk of content) all.push(chunk);
  return Buffer.concat(all);
}

/** What every {@link BlobStore} does. */
export function blobStoreConformance(name: string, open: () => Promise<World>): void {
  describe(`blob store: ${name}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world.close());
    const sample = (length: number) => Buffer.from(Array.from({ length }, (_, i) => (i * 31 + (i >> 8)) & 255));

    it.each([0, 1, 4_096, 700_001])('gives back the %i bytes that it took, however they came', async (length) => {
      const bytes = sample(length);
      const put = await world.blobs.put(`project/files/of-${length}`, pieces(bytes, 10_007));
      expect(put).toEqual({ bytes: length, sha256: createHash('sha256').update(bytes).digest('hex') });
      expect((await wholeOf(await world.blobs.get(`project/files/of-${length}`)))?.equals(bytes)).toBe(true);
    });

    it('replaces what was under the name, and forgets what is removed, also when it is not there', async () => {
      const place = 'project/files/one';
      await world.blobs.put(place, pieces(sample(10), 3));
      await world.blobs.put(place, pieces(sample(5), 3));
      expect(await wholeOf(await world.blobs.get(place))).toEqual(sample(5));
      await world.blobs.remove(place);
      expect(await world.blobs.get(place)).toBeNull();
      await world.blobs.remove(place);
    });

    it('forgets a whole folder, and nothing whose name only begins like it', async () => {
      const gone = ['leaving/files/1', 'leaving/files/2', 'leaving/batches/b/0.output', 'leaving/a', 'leaving/b'];
      const kept = ['leaving-not/files/1', 'leaving2'];
      for (const place of [...gone, ...kept]) await world.blobs.put(place, pieces(sample(5), 3));
      await world.blobs.removeAll('leaving');
      for (const place of gone) expect(await world.blobs.get(place), place).toBeNull();
      for (const place of kept) expect(await wholeOf(await world.blobs.get(place)), place).toEqual(sample(5));
      await world.blobs.removeAll('leaving');
      await expect(world.blobs.removeAll('..')).rejects.toMatchObject({ code: 'internal' });
    });

    it('keeps what was there when the content breaks off', async () => {
      const place = 'project/files/kept';
      await world.blobs.put(place, pieces(sample(9), 4));
      async function* breaking() {
        yield sample(600_000);
        throw new Error('the caller left');
      }
      await expect(world.blobs.put(place, breaking())).rejects.toThrow('the caller left');
      expect(await wholeOf(await world.blobs.get(place))).toEqual(sample(9));
    });

    it.each(['../out', 'a/../../b', '/etc/passwd', 'a//b', '', 'a/.', 'a b'])('refuses the name %j', async (bad) => {
      await expect(world.blobs.put(bad, pieces(sample(1), 1))).rejects.toMatchObject({ code: 'internal' });
    });
  });
}
