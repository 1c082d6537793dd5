import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';

const built = new URL('../../dist/stores/embedded/kill-after.js', import.meta.url).href;
const run = (then: string) =>
  spawnSync(process.execPath, ['-e', `import('${built}').then(({ killAfter }) => { killAfter(300); ${then} })`], {
    encoding: 'utf8',
  });

it('ends a process whose main thread does nothing else any more', () => {
  expect(run('for (;;);')).toMatchObject({ signal: 'SIGKILL', stderr: '' });
});

it('keeps none from ending before', () => {
  expect(run('')).toMatchObject({ status: 0, signal: null, stderr: '' });
});
