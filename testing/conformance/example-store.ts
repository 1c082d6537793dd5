import type { ExampleStore } from '@wheelhouse/core/ports';
import { contentHash, defaultProjectId, type ExampleContent, type ProjectId } from '@wheelhouse/core/records';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshTraceId } from './sample-spans.ts';

type World = { examples: ExampleStore; close(): Promise<void> };

const project = defaultProjectId;
const withHash = (content: ExampleContent) => ({ hash: contentHash(content), content });

export function exampleStoreConformance(name: string, open: () => Promise<World>): void {
  describe(`example store: ${name}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world.close());

    it('gives contents by hash, however often they were put, and leaves out unknown hashes', async () => {
      const row = withHash({
        input: { q: 'a\'b"\\\n\u0000é💡' },
        expected: [1.5, null],
        metadata: { from: freshTraceId() },
      });
      const empty = withHash({ input: null, expected: null, metadata: {} });
      await world.examples.put(project, [row, row, empty]);
      await world.examples.put(project, [row]);
      const found = await world.examples.get(project, [row.hash, empty.hash, row.hash, 'unknown']);
      expect(found).toEqual(new Map([row, empty].map(({ hash, content }) => [hash, content])));
    });

    it('gives thousands at once', async () => {
      const from = freshTraceId();
      const rows = Array.from({ length: 2000 }, (_, n) => withHash({ input: n, expected: '', metadata: { from } }));
      await world.examples.put(project, rows);
      const found = await world.examples.get(
        project,
        rows.map(({ hash }) => hash),
      );
      expect(found.size).toBe(2000);
      expect(rows.every(({ hash, content }) => found.get(hash)?.input === content.input)).toBe(true);
    });

    it('keeps projects apart and takes empty lists', async () => {
      const row = withHash({ input: freshTraceId(), expected: null, metadata: {} });
      await world.examples.put(project, []);
      await world.examples.put('other' as ProjectId, [row]);
      expect(await world.examples.get(project, [row.hash])).toEqual(new Map());
      expect(await world.examples.get(project, [])).toEqual(new Map());
    });

    it('removes what was put before a moment, in one project, and nothing that was put again since', async () => {
      const [gone, again, other] = ['a', 'b', 'c'].map((input) =>
        withHash({ input, expected: freshTraceId(), metadata: {} }),
      ) as [ReturnType<typeof withHash>, ReturnType<typeof withHash>, ReturnType<typeof withHash>];
      const elsewhere = 'elsewhere' as ProjectId;
      await world.examples.put(project, [gone, again, other]);
      await world.examples.put(elsewhere, [gone]);
      const before = await laterThan(await world.examples.moment());
      await world.examples.put(project, [again]);
      await world.examples.remove(project, [gone.hash, again.hash, 'unknown'], before);
      const found = await world.examples.get(project, [gone.hash, again.hash, other.hash]);
      expect([...found.keys()].sort()).toEqual([again.hash, other.hash].sort());
      expect((await world.examples.get(elsewhere, [gone.hash])).size).toBe(1);
      await world.examples.put(project, [gone]);
      expect((await world.examples.get(project, [gone.hash])).get(gone.hash)).toEqual(gone.content);
    });

    /** A clock of milliseconds stands still for a while. */
    async function laterThan(moment: string): Promise<string> {
      for (;;) {
        const now = await world.examples.moment();
        if (now !== moment) return now;
      }
    }
  });
}
