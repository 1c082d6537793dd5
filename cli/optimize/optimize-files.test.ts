import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CompileState } from '@wheelhouse/sdk/program';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rowsBeside } from './load-file.ts';
import { createStateFile, keepEarlier, readStateFile, statePath } from './state-file.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'optimize-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const entries = Array.from({ length: 5 }, (_, n) => ({ kind: 'run', key: `k${n}`, feedback: 'ø\n' }));
const stateOf = (count: number) =>
  ({ version: 1, plan: 'p', entries: entries.slice(0, count) }) as unknown as CompileState;

describe('the state beside a definition', () => {
  it('is called as the definition', () => {
    expect(['a/triage.program.ts', 'b.mjs', 'x.program.mts'].map(statePath)).toEqual([
      'a/triage.state.jsonl',
      'b.state.jsonl',
      'x.state.jsonl',
    ]);
  });

  it('is what was kept last, and after a cut anywhere what was whole by then', async () => {
    const path = join(folder, 'cut.state.jsonl');
    const file = createStateFile(path);
    for (let count = 0; count <= entries.length; count++) {
      await file.keep(stateOf(count));
      expect(await readStateFile(path)).toEqual(stateOf(count));
    }
    await file.close();
    const whole = await readFile(path);
    for (let length = 0; length <= whole.length; length++) {
      await writeFile(path, whole.subarray(0, length));
      const lines = whole.subarray(0, length).toString('latin1').split('\n').length - 1;
      expect(await readStateFile(path)).toEqual(lines === 0 ? null : stateOf(lines - 1));
    }
  });

  it('goes on where another run ended, and none that was torn off is left', async () => {
    const path = join(folder, 'more.state.jsonl');
    await writeFile(path, `${JSON.stringify({ version: 1, plan: 'p' })}\n{"kind":"ru`);
    const file = createStateFile(path, { record: 'op_1' });
    await file.keep(stateOf(2));
    await file.keep(stateOf(3));
    await file.close();
    expect(await readStateFile(path)).toEqual({ ...stateOf(3), record: 'op_1' });
    expect(await readStateFile(join(folder, 'none'))).toBeNull();
  });

  it('is moved out of the way, once something was asked', async () => {
    const path = join(folder, 'anew.state.jsonl');
    expect(await keepEarlier(path)).toBeNull();
    const file = createStateFile(path);
    await file.keep(stateOf(0));
    expect(await keepEarlier(path)).toBeNull();
    await file.keep(stateOf(2));
    await file.close();
    const kept = join(folder, 'anew.state.earlier.jsonl');
    expect(await keepEarlier(path)).toBe(kept);
    expect([await readStateFile(path), await readStateFile(kept)]).toEqual([null, stateOf(2)]);
  });
});

describe('rows of a file', () => {
  const read = rowsBeside('/nowhere/x.program.ts');
  it('are read by their shape, beside the definition', async () => {
    await writeFile(join(folder, 'rows.csv'), 'question,expected,split\n"a, b",x,test\nc,,\n');
    expect(await rowsBeside(join(folder, 'x.program.ts'))('rows.csv')).toEqual([
      { input: 'a, b', expected: 'x', metadata: {}, split: 'test' },
      { input: 'c', metadata: {} },
    ]);
  });

  it.each([
    ['rows.txt', 'is no file of rows'],
    ['rows.csv', 'There is no file rows.csv'],
  ])('are refused with a reason: %s', async (file, problem) => {
    await expect(read(file)).rejects.toThrow(problem);
  });
});
