import { type ProjectId, WheelhouseError } from '@wheelhouse/core/records';
import { chunksOf } from './columns.ts';
import type { Database } from './database.ts';
import { type Pieces, pieceHash } from './pack-content.ts';
import { createRecentSet } from './recent-set.ts';

export type PayloadStore = {
  /** Resolves when each piece is on disk; those that are known to be are not written again. */
  put(project: ProjectId, pieces: Pieces): Promise<void>;
  /** Rejects with `content_damaged` when one is missing or is not what its hash says. */
  get(project: ProjectId, hashes: string[]): Promise<Map<string, string>>;
  /** Writes these again when they come again. */
  forget(project: ProjectId, hashes: readonly string[]): void;
};

const hashesPerQuery = 1_000;
/** About 25 MB when full. */
const remembered = 200_000;

export function createPayloadStore(database: Database): PayloadStore {
  const stored = createRecentSet(remembered);
  const keyOf = (project: ProjectId, hash: string) => `${hash}${project}`;
  return {
    async put(project, pieces) {
      const missing = [...pieces].filter(([hash]) => !stored.has(keyOf(project, hash)));
      await database.insert(
        'payloads',
        missing.map(([hash, content]) => ({ project_id: project, hash, content })),
        // An insert that looks like an earlier one must be done all the same: what that wrote may be erased since.
        { insert_deduplicate: 0 },
      );
      for (const [hash] of missing) stored.add(keyOf(project, hash));
    },
    async get(project, hashes) {
      const found = new Map<string, string>();
      for (const chunk of chunksOf([...new Set(hashes)], hashesPerQuery)) {
        const rows = await database.query<{ hash: string; content: string }>(
          `SELECT hash, content FROM payloads
           WHERE project_id = {project:String} AND hash IN {hashes:Array(FixedString(32))}
           LIMIT 1 BY hash`,
          { project, hashes: chunk },
        );
        for (const { hash, content } of rows) found.set(hash, content);
        for (const hash of chunk) {
          const content = found.get(hash);
          if (content !== undefined && pieceHash(content) === hash) continue;
          const what = content === undefined ? 'is missing' : 'is not what was stored';
          throw new WheelhouseError('content_damaged', `The stored content ${hash} ${what}.`);
        }
      }
      return found;
    },
    forget(project, hashes) {
      for (const hash of hashes) stored.delete(keyOf(project, hash));
    },
  };
}
