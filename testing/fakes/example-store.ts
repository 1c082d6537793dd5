import type { ExampleStore } from '@wheelhouse/core/ports';
import type { ExampleContent } from '@wheelhouse/core/records';

/** Contents in memory, by project and hash. */
export function fakeExampleStore(): ExampleStore {
  const stored = new Map<string, ExampleContent>();
  const keyOf = (project: string, hash: string) => JSON.stringify([project, hash]);
  return {
    put: async (project, contents) => {
      for (const { hash, content } of contents) stored.set(keyOf(project, hash), structuredClone(content));
    },
    get: async (project, hashes) => {
      const found = hashes.flatMap((hash): [string, ExampleContent][] => {
        const content = stored.get(keyOf(project, hash));
        return content ? [[hash, structuredClone(content)]] : [];
      });
      return new Map(found);
    },
  };
}
