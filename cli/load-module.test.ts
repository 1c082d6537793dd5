import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadModule, ownSources } from './load-module.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wheelhouse-serve-'));
});
afterEach(() => rm(folder, { recursive: true }));

const write = async (name: string, text: string) => {
  await writeFile(join(folder, name), text);
  return join(folder, name);
};
const namesOf = (paths: string[]) => paths.map((path) => basename(path)).sort();

describe('a module that is served', () => {
  it('is the file and what it imports by relative paths, round in circles too', async () => {
    const entry = await write(
      'bot.ts',
      "import fs from 'node:fs';\nimport { a } from './a.js';\nimport './data.json';",
    );
    await write('a.ts', "export * from './b';\nexport const a = () => import('./c.mjs');");
    await write('b.ts', "import './bot.ts'; import './gone.ts';");
    await write('c.mjs', '');
    await write('data.json', '{}');
    await write('other.ts', '');
    expect(namesOf(ownSources(entry))).toEqual(['a.ts', 'b.ts', 'bot.ts', 'c.mjs', 'data.json']);
  });

  it('gives a function by default, by name, or with what is said of it', async () => {
    const sources = [
      'export default (input: string) => input',
      'export const predict = (input: string) => input',
      'export default { predict: (input: string) => input }',
    ];
    for (const [i, source] of sources.entries()) {
      const { predict, streams, signature } = await loadModule(await write(`m${i}.ts`, source));
      expect(predict('a', {} as never)).toBe('a');
      expect({ streams, signature }).toEqual({ streams: false, signature: {} });
    }
    const told = await loadModule(
      await write(
        'told.ts',
        "export const signature = { output: { type: 'string' } }; export const description = 'Greets'; export const example = 1;\nexport default async function* () { yield 'a'; }",
      ),
    );
    expect(told).toMatchObject({ signature: { output: { type: 'string' } }, example: 1, streams: true });
    expect(told.description).toBe('Greets');
  });

  it('is read again after a change', async () => {
    const path = await write('bot.ts', "import { word } from './word.ts';\nexport default () => word;");
    await write('word.ts', "export const word = 'one';");
    expect((await loadModule(path)).predict(null, {} as never)).toBe('one');
    await write('word.ts', "export const word = 'two';");
    expect((await loadModule(path)).predict(null, {} as never)).toBe('two');
  });

  it('is refused with the reason when it gives nothing to call', async () => {
    await expect(loadModule(await write('a.ts', 'export const x = 1;'))).rejects.toThrow('a.ts exports no function');
    await expect(loadModule(await write('b.ts', 'const ('))).rejects.toThrow('b.ts cannot be loaded');
  });
});
