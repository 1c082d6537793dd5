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
        // An insert that looks like an earlier one must be done all the same: what that wrote may be erased since.
        { insert_deduplicate: 0 },
      ),
    async moment() {
      const [row] = await database.query<{ now: string }>('SELECT toString(now64(3)) AS now');
      return row?.now ?? '';
    },
    async remove(project, hashes, before) {
      for (const chunk of chunksOf(hashes, hashesPerQuery))
        await database.command(
          `ALTER TABLE example_contents DELETE WHERE project_id = {project:String} AND hash IN {hashes:Array(String)}
             AND written_at < toDateTime64({before:String}, 3) SETTINGS mutations_sync = 2`,
          { project, hashes: chunk, before },
        );
    },
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
