import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const skippedFolders = new Set(['node_modules', 'dist', '.cache', '.git']);

function* filesUnder(root, path) {
  const full = join(root, path);
  if (!existsSync(full)) return;
  if (!statSync(full).isDirectory()) {
    yield path;
    return;
  }
  for (const entry of readdirSync(full, { withFileTypes: true })) {
    if (entry.isDirectory() && !skippedFolders.has(entry.name)) yield* filesUnder(root, `${path}/${entry.name}`);
    else if (entry.isFile()) yield `${path}/${entry.name}`;
  }
}

/** Changes when an input file appears, goes, or gets another size or time; reads no content, so that it takes milliseconds. */
export function stampOf(root, step) {
  const hash = createHash('sha256');
  for (const input of step.inputs) {
    for (const path of [...filesUnder(root, input)].sort()) {
      if (step.ignore?.test(path)) continue;
      const { size, mtimeMs } = statSync(join(root, path));
      hash.update(`${path}\0${size}\0${mtimeMs}\n`);
    }
  }
  return hash.digest('hex');
}

const stampFile = (root, step) => join(root, '.cache', 'build', step.name);

export function isStale(root, step) {
  if (!step.outputs.every((path) => existsSync(join(root, path)))) return true;
  const file = stampFile(root, step);
  return !existsSync(file) || readFileSync(file, 'utf8') !== stampOf(root, step);
}

export function markFresh(root, step, stamp) {
  const file = stampFile(root, step);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, stamp);
}
