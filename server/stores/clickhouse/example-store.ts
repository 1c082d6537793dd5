import type { ExampleStore } from '@wheelhouse/core/ports';
import { canonicalJson, type ExampleContent } from '@wheelhouse/core/records';
import { chunksOf } from './columns.ts';
import type { Database } from './database.ts';

const hashesPerQuery = 500;

export function createExampleStore(database: Database): ExampleStore {
  return {
    put: (project, contents) =>
      database.insert(
        'example_contents',
        contents.map(({ hash, content }) => ({ project_id: project, hash, content: canonicalJson(content) })),
      ),
    get: async (project, hashes) => {
      const found = new Map<string, ExampleContent>();
      for (const chunk of chunksOf(hashes, hashesPerQuery)) {
        const rows = await database.query<{ hash: string; content: string }>(
          `SELECT e.hash AS hash, any(e.content) AS content
           FROM example_contents AS e
           WHERE e.project_id = {project:String} AND e.hash IN {hashes:Array(String)}
           GROUP BY e.hash`,
          { project, hashes: chunk },
        );
        for (const row of rows) found.set(row.hash, JSON.parse(row.content) as ExampleContent);
      }
      return found;
    },
  };
}
