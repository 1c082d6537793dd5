import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, extname, resolve } from 'node:path';
import {
  createCsvReader,
  createJsonLinesReader,
  createJsonReader,
  type RowReader,
  toRow,
} from '@wheelhouse/core/dataset';
import type { Row } from '@wheelhouse/sdk/eval';
import type { OptimizationDefinition } from '@wheelhouse/sdk/program';
import { loadExport } from '../load-export.ts';
import { UsageError } from '../output/exit-codes.ts';

/** What is wrong with it; null: nothing that shows before it runs. */
export function problemOf(value: unknown): string | null {
  if (typeof value !== 'object' || value === null) return 'its default export is no optimization';
  const { name, program, data, metric, optimizer } = value as Partial<OptimizationDefinition>;
  if ([name, program, data, metric, optimizer].every((member) => member === undefined))
    return 'its default export is no optimization';
  if (typeof name !== 'string' || name === '') return 'it has no `name`';
  if (program === undefined) return 'it has no `program`';
  if (data === undefined) return 'it has no `data`';
  if (metric === undefined) return 'it has no `metric`';
  return typeof optimizer?.search === 'function' ? null : 'it has no `optimizer`';
}

/** What is no file, and is called as models are, is looked for in the server. */
const isReference = (word: string) => extname(word) === '' || word.includes('@');

/** @throws UsageError */
export async function loadOptimization(word: string, cwd: string) {
  const path = resolve(cwd, word);
  if (!existsSync(path)) {
    const there = `A registered program or prompt needs none: wheelhouse optimize start ${word} --dataset <name> --calls 1000`;
    throw new UsageError(`There is no file ${word}.`, isReference(word) ? there : 'Write one: wheelhouse optimize new');
  }
  const definition = await loadExport(path);
  const problem = problemOf(definition);
  if (problem !== null)
    throw new UsageError(
      `${basename(path)}: ${problem}.`,
      'Write: export default defineOptimization({ name, program, model, data, metric, optimizer, budget })',
    );
  return { path, definition: definition as OptimizationDefinition };
}

const readers: Record<string, () => RowReader> = {
  '.csv': createCsvReader,
  '.tsv': () => createCsvReader({ delimiter: '\t' }),
  '.jsonl': createJsonLinesReader,
  '.ndjson': createJsonLinesReader,
  '.json': createJsonReader,
};

/** Rows of a file beside a definition, by their shape. @throws UsageError */
export const rowsBeside =
  (definitionPath: string) =>
  async (file: string): Promise<Row[]> => {
    const open = readers[extname(file).toLowerCase()];
    if (!open) throw new UsageError(`${file} is no file of rows.`, `It takes ${Object.keys(readers).join(', ')}.`);
    const text = await readFile(resolve(dirname(definitionPath), file), 'utf8').catch(() => {
      throw new UsageError(`There is no file ${file}.`, `It is looked for beside ${basename(definitionPath)}.`);
    });
    const reader = open();
    reader.push(text);
    reader.end();
    return reader.take().map((read) => {
      const mapped = 'error' in read ? read.error : toRow(read.record, null);
      if (typeof mapped === 'string') throw new UsageError(`${file}, row ${read.at}: ${mapped}`, '');
      const { input, expected, metadata, split } = mapped.row;
      return { input, metadata, ...(expected === null ? {} : { expected }), ...(split === null ? {} : { split }) };
    });
  };
