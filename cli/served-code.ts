import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import type { Json, Signature } from '@wheelhouse/core/records';
import type { ServedFunction } from '@wheelhouse/sdk/serve';
import { loadModule } from './load-module.ts';
import { UsageError } from './output/exit-codes.ts';
import { startWorker } from './python-worker.ts';

/** Code that was loaded, and what it says of itself. */
export type ServedCode = {
  predict: ServedFunction;
  runtime: 'node' | 'python' | 'mlflow';
  /** SHA-256 of its files. */
  hash: string;
  /** Its own files: a change of one is other code. */
  files: string[];
  streams: boolean;
  signature: Partial<Signature>;
  example: Json;
  description: string;
  close(): void;
};

export type Loaded = Omit<ServedCode, 'hash' | 'runtime'>;

/** Where code stands. */
export type CodePlace = {
  path: string;
  /** As the definition names it. */
  entry: string;
  /** What the model is called unless said. */
  name: string;
  runtime: ServedCode['runtime'];
  /** Of a Python function. */
  member: string;
};

const nameOf = (path: string) =>
  basename(path)
    .replace(/\.\w+$/, '')
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '');

/** @throws UsageError where nothing stands there that can be served */
export async function findCode(target: string, cwd: string): Promise<CodePlace> {
  const [, file = target, member = 'predict'] = /^(.+\.py):(\w+)$/.exec(target) ?? [];
  const path = resolve(cwd, file);
  const found = await stat(path).catch(() => null);
  if (found === null)
    throw new UsageError(`There is no ${target}.`, 'Name a module, a Python file, or a folder that MLflow saved.');
  const place = { path, name: nameOf(path), member };
  if (!found.isDirectory()) {
    const runtime = path.endsWith('.py') ? ('python' as const) : ('node' as const);
    return { ...place, runtime, entry: runtime === 'python' ? `${basename(path)}:${member}` : basename(path) };
  }
  if (!(await readdir(path)).includes('MLmodel'))
    throw new UsageError(`${target} is a folder without a file MLmodel.`, 'Name one that MLflow saved, or a file.');
  return { ...place, runtime: 'mlflow', entry: basename(path) };
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('__pycache__'))
    .map((entry) => join(entry.parentPath, entry.name));
}

async function hashOf(files: string[], place: CodePlace): Promise<string> {
  const hash = createHash('sha256').update(place.member);
  const folder = place.runtime === 'mlflow' ? place.path : dirname(place.path);
  for (const file of files.toSorted()) {
    const bytes = await readFile(file);
    hash.update(`\n${relative(folder, file)} ${bytes.length}\n`).update(bytes);
  }
  return hash.digest('hex');
}

export type LoadOptions = {
  /** The Python to run. */
  python: string;
  /** Hears what a worker writes. */
  onOutput(text: string): void;
};

async function load(place: CodePlace, options: LoadOptions): Promise<Loaded> {
  if (place.runtime === 'node') return loadModule(place.path);
  const worker = await startWorker(place, options);
  return place.runtime === 'mlflow' ? { ...worker, files: await filesBelow(place.path) } : worker;
}

/** @throws UsageError with what the code says when it cannot be loaded */
export async function loadCode(place: CodePlace, options: LoadOptions): Promise<ServedCode> {
  const loaded = await load(place, options);
  return { ...loaded, runtime: place.runtime, hash: await hashOf(loaded.files, place) };
}
