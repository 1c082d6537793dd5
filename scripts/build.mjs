import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { removeOrphans } from './remove-orphans.mjs';
import { requireNode, root } from './require-node.mjs';
import { isStale, markFresh, stampOf } from './stale.mjs';

const compiled = ['core', 'sdk', 'server', 'cli'];
const tests = /\.test\.tsx?$/;

/** In this order: each may need what the one before makes. */
const steps = [
  {
    name: 'types',
    inputs: [...compiled, 'tsconfig.base.json', 'package-lock.json'],
    ignore: tests,
    outputs: ['core/dist/records/index.js', 'sdk/dist/client/index.js', 'server/dist/main.js', 'cli/dist/main.js'],
    /** `tsc -b` trusts its own notes about outputs; where one is gone it has to be forced. */
    command: (missing) => ['node_modules/typescript/bin/tsc', '-b', ...compiled, ...(missing ? ['--force'] : [])],
    finish: () => {
      for (const workspace of compiled) removeOrphans(join(root, workspace));
    },
  },
  {
    name: 'bundle',
    inputs: [...compiled, 'scripts/bundle.mjs', 'package-lock.json'],
    ignore: tests,
    outputs: ['core', 'server', 'cli'].map(
      (name) => `${name}/dist/bundle/${name === 'core' ? 'records/index' : 'main'}.js`,
    ),
    command: () => ['scripts/bundle.mjs'],
  },
  {
    name: 'web',
    inputs: ['web', 'sdk', 'core', 'package-lock.json'],
    ignore: tests,
    outputs: ['web/dist/app/index.html'],
    command: () => ['node_modules/vite/bin/vite.js', 'build', 'web', '--logLevel', 'warn'],
  },
  {
    name: 'template',
    inputs: ['server/stores/postgres', 'server/package.json'],
    ignore: tests,
    outputs: ['server/dist/postgres-template.tar.gz'],
    command: () => ['server/dist/stores/postgres/make-template.js'],
  },
];

function run(args) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    child.on('close', (code) => resolve({ ok: code === 0, output }));
  });
}

/** Builds what is stale, says what and how long it took; false when something did not build. */
export async function buildStale() {
  for (const step of steps) {
    if (!isStale(root, step)) continue;
    const missing = !step.outputs.every((path) => existsSync(join(root, path)));
    const stamp = stampOf(root, step);
    const started = performance.now();
    process.stderr.write(`  building ${step.name} … `);
    const { ok, output } = await run(step.command(missing));
    process.stderr.write(`${ok ? '' : '✕ '}${((performance.now() - started) / 1000).toFixed(1)} s\n`);
    if (!ok) {
      process.stderr.write(`${output.trimEnd()}\n`);
      return false;
    }
    step.finish?.();
    markFresh(root, step, stamp);
  }
  return true;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  requireNode();
  process.exitCode = (await buildStale()) ? 0 : 1;
}
