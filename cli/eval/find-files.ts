import { existsSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { UsageError } from '../output/exit-codes.ts';

const evalFile = /\.eval\.[cm]?[jt]sx?$/;
const skipped = new Set(['node_modules', 'dist', 'build', 'coverage']);

/** Every `*.eval.ts` (or js, mts …) below a folder, in the order of their names. */
async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const found = await Promise.all(
    entries
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map((entry) => {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) return skipped.has(entry.name) || entry.name.startsWith('.') ? [] : filesBelow(path);
        return evalFile.test(entry.name) ? [path] : [];
      }),
  );
  return found.flat();
}

export type Target = { kind: 'file'; path: string; name: string } | { kind: 'dataset'; name: string };

async function targetsOf(word: string, cwd: string): Promise<Target[]> {
  const path = resolve(cwd, word);
  const file = (one: string): Target => ({ kind: 'file', path: one, name: relative(cwd, one) });
  if (existsSync(path)) {
    if (!statSync(path).isDirectory()) return [file(path)];
    const found = await filesBelow(path);
    if (found.length === 0)
      throw new UsageError(`There is no *.eval.ts file in ${word}.`, 'Write one: wheelhouse eval new');
    return found.map(file);
  }
  if (/[/\\]|\.[cm]?[jt]sx?$/.test(word))
    throw new UsageError(`There is no file ${word}.`, 'Files of evaluations end in .eval.ts.');
  return [{ kind: 'dataset', name: word }];
}

/** Files and datasets that the words name; without words, every file of an evaluation below the working directory. */
export async function findTargets(words: readonly string[], cwd: string): Promise<Target[]> {
  if (words.length > 0) return (await Promise.all(words.map((word) => targetsOf(word, cwd)))).flat();
  const found = await filesBelow(cwd);
  if (found.length === 0)
    throw new UsageError(
      'There is no *.eval.ts file here.',
      'Write one with: wheelhouse eval new · or name a dataset and models: wheelhouse eval questions --run a --run b',
    );
  return found.map((path) => ({ kind: 'file', path, name: relative(cwd, path) }));
}
