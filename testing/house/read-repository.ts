import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSource, type SourceFile } from './parse-source.ts';

export const root = join(import.meta.dirname, '..', '..');

const rooms = ['core', 'sdk', 'server', 'cli', 'web', 'testing', 'scripts'];
const left = new Set(['node_modules', 'dist', 'generated', 'fixtures', 'public']);

function* sourcePaths(folder: string): Generator<string> {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory() && !left.has(entry.name)) yield* sourcePaths(path);
    else if (entry.isFile() && /\.(?:ts|tsx|mjs)$/.test(entry.name)) yield path;
  }
}

/** Every source file of this repository, but what is generated. */
export function readRepository(): SourceFile[] {
  return rooms
    .flatMap((room) => [...sourcePaths(room)])
    .map((path) => parseSource(path, readFileSync(join(root, path), 'utf8')));
}
