import type { Json } from '@wheelhouse/core/records';
import { afterAll, describe, expect, it } from 'vitest';
import { createSandbox } from './create-sandbox.ts';

const sandbox = createSandbox();
const tight = createSandbox({ limits: { ms: 100, bytes: 8 * 1024 * 1024 }, workers: 1 });
afterAll(() => {
  sandbox.close();
  tight.close();
});

const signal = () => new AbortController().signal;
const run = (source: string, input: Json = null, box = sandbox) => box.run(source, input, signal());
const failure = (source: string, input: Json = null, box = sandbox) =>
  run(source, input, box).then(
    (output) => `gave ${JSON.stringify(output)}`,
    (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
  );

describe('the sandbox', () => {
  it('gives what `main` gives, at once or as a promise', async () => {
    expect(await run('export const main = ({ a }) => a * 2;', { a: 21 })).toBe(42);
    expect(await run('export async function main(x) { await null; return [x, { n: null }]; }', 'é\u0000"')).toEqual([
      'é\u0000"',
      { n: null },
    ]);
    expect(await run('const two = await 2; export function main() { return two; }')).toBe(2);
    expect(await run('export const main = (d) => new Date(d).getUTCFullYear();', '2020-05-01')).toBe(2020);
  });

  it('keeps nothing from one run to the next', async () => {
    const source = 'globalThis.seen = (globalThis.seen ?? 0) + 1; export const main = () => globalThis.seen;';
    expect([await run(source), await run(source), await run(source)]).toEqual([1, 1, 1]);
  });

  it('reaches nothing outside: no network, files, process, modules, clock or chance', async () => {
    const names = ['fetch', 'process', 'require', 'XMLHttpRequest', 'setTimeout', 'Worker', 'WebAssembly', 'std', 'os'];
    const source = `export const main = (names) => names.filter((name) => typeof globalThis[name] !== 'undefined');`;
    expect(await run(source, names)).toEqual([]);
    expect(await failure("import fs from 'node:fs'; export const main = () => fs;")).toMatch(/^code_failed/);
    expect(await failure("export const main = () => import('node:fs');")).toMatch(/^code_failed/);
    for (const asks of [
      'Date.now()',
      'new Date().getTime()',
      'Date()',
      'Math.random()',
      'new Date(0).constructor.now()',
    ])
      expect(await failure(`export const main = () => ${asks};`)).toMatch(/code_failed: .*same input/);
  });

  it('says what the code did wrong, and where', async () => {
    expect(await failure('export const main = (x) => x.y.z;\n', {})).toMatch(/TypeError: .* at code\.js:1/);
    expect(await failure('export const main = () => { throw "plain"; };')).toContain('"plain"');
    expect(await failure('export const main = () => { throw new Error("mine"); };')).toContain('Error: mine');
    expect(await failure('export const other = 1;')).toContain('exports no function `main`');
    expect(await failure('export const main = ')).toContain('SyntaxError');
    expect(await failure('export const main = () => undefined;')).toContain('nothing that is JSON');
    expect(await failure('export const main = () => new Promise(() => {});')).toContain('never comes');
  });

  it('ends what takes too long, too much memory or too much stack, and goes on after it', async () => {
    expect(await failure('export const main = () => { for (;;); };', null, tight)).toMatch(/longer than 0.1 s/);
    expect(await failure('export const main = async () => { for (;;) await null; };', null, tight)).toMatch(/longer/);
    const greedy = 'export const main = () => { const all = []; for (;;) all.push(new Array(10000).fill(7)); };';
    expect(await failure(greedy, null, tight)).toMatch(/code_failed: .*(memory|longer)/);
    expect(await failure('export const main = () => main();', null, tight)).toMatch(/code_failed/);
    expect(await run('export const main = () => "well";', null, tight)).toBe('well');
  });

  it('keeps to tighter limits where a run has its own, and never to wider ones', async () => {
    const forever = 'export const main = () => { for (;;); };';
    const own = (ms: number) => ({ ms, bytes: 8 * 1024 * 1024 });
    await expect(sandbox.run(forever, null, signal(), own(50))).rejects.toThrow('longer than 0.05 s');
    await expect(tight.run(forever, null, signal(), own(60_000))).rejects.toThrow('longer than 0.1 s');
  });

  it('stops with the signal, also while it waits for its turn', async () => {
    const controller = new AbortController();
    const forever = 'export const main = () => { for (;;); };';
    const slow = createSandbox({ limits: { ms: 60_000 }, workers: 1 });
    const all = [1, 2].map(() => slow.run(forever, null, controller.signal).catch((error: Error) => error.message));
    controller.abort(new Error('left'));
    expect(await Promise.all(all)).toEqual(['left', 'left']);
    expect(await slow.run('export const main = () => 1;', null, signal())).toBe(1);
    slow.close();
  });
});
