import type { ExampleStore } from '@wheelhouse/core/ports';
import type { ExampleContent } from '@wheelhouse/core/records';

/** Contents in memory, by project and hash. */
export function fakeExampleStore(): ExampleStore {
  const stored = new Map<string, { content: ExampleContent; at: number }>();
  const keyOf = (project: string, hash: string) => JSON.stringify([project, hash]);
  let ticks = 0;
  return {
    put: async (project, contents) => {
      ticks++;
      for (const { hash, content } of contents)
        stored.set(keyOf(project, hash), { content: structuredClone(content), at: ticks });
    },
    get: async (project, hashes) => {
      const found = hashes.flatMap((hash): [string, ExampleContent][] => {
        const kept = stored.get(keyOf(project, hash));
        return kept ? [[hash, structuredClone(kept.content)]] : [];
      });
      return new Map(found);
    },
    moment: async () => String(++ticks),
    remove: async (project, hashes, before) => {
      for (const key of hashes.map((hash) => keyOf(project, hash)))
        if ((stored.get(key)?.at ?? 0) < Number(before)) stored.delete(key);
    },
  };
}
