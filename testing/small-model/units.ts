import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { concurrency, type Outcome, rowsOfSeed, search } from './plan.ts';
import type { Promises } from './promises.ts';
import { makeTasks } from './tasks.ts';

export type Side = 'wheelhouse' | 'dspy';
export type UnitName = { side: Side; task: string; seed: number };

/** One side, one task, one seed: what came of it and what it took. */
export type Unit = UnitName &
  Outcome & {
    seconds: number;
    /** Of the model: calls asked of it, those of them that it had not answered before, and CPU for these. */
    model: { asked: number; answered: number; cpuSeconds: number };
  };

/** A folder for results of just these tasks, rows and settings. */
export function unitsFolder(under: string, count: number): string {
  const tasks = makeTasks().map((task) => [task.steps, task.judgedBy, rowsOfSeed(task, 0, count)]);
  const plan = createHash('sha256')
    .update(JSON.stringify([tasks, search, concurrency, count]))
    .digest('hex');
  const folder = join(under, `results-${plan.slice(0, 12)}`);
  mkdirSync(folder, { recursive: true });
  return folder;
}

const fileOf = ({ side, task, seed }: UnitName) => `${side}-${task.replaceAll(' ', '-')}-${seed}.json`;

export const hasUnit = (folder: string, name: UnitName): boolean => existsSync(join(folder, fileOf(name)));

/** Whole or not at all. */
function writeWhole(file: string, content: object): void {
  writeFileSync(`${file}.part`, JSON.stringify(content));
  renameSync(`${file}.part`, file);
}
export const writeUnit = (folder: string, unit: Unit): void => writeWhole(join(folder, fileOf(unit)), unit);

export const readUnits = (folder: string): Unit[] =>
  readdirSync(folder)
    .filter((name) => /^(?:wheelhouse|dspy)-.*\.json$/.test(name))
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Unit);

const promisesFile = (folder: string) => join(folder, 'promises.json');
export const hasPromises = (folder: string): boolean => existsSync(promisesFile(folder));
export const writePromises = (folder: string, promises: Promises): void => writeWhole(promisesFile(folder), promises);
export const readPromises = (folder: string): Promises | null =>
  hasPromises(folder) ? (JSON.parse(readFileSync(promisesFile(folder), 'utf8')) as Promises) : null;
