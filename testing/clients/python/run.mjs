import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildStale } from '../../../scripts/build.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));
/** Programs that cannot live together have environments of their own, under `.cache`. */
const environments = [
  { name: 'python', requirements: 'requirements.txt' },
  { name: 'python-llama-index', requirements: 'requirements-llama-index.txt' },
  { name: 'python-mlflow', requirements: 'requirements-mlflow.txt' },
];

/** Resolves when the program ended well. */
function run(program, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`${program} ended with ${code}`))));
  });
}

/** A virtual environment with what the file names, from PyPI; uv, because pip takes minutes to choose versions. */
async function prepare({ name, requirements }) {
  const venv = join(root, '.cache', name);
  const file = join(import.meta.dirname, requirements);
  const stamp = join(venv, 'requirements.sha256');
  const wanted = createHash('sha256').update(readFileSync(file)).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  rmSync(venv, { recursive: true, force: true });
  await run('python3', ['-m', 'venv', venv]);
  const python = join(venv, 'bin', 'python');
  await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', 'uv']);
  await run(python, ['-m', 'uv', 'pip', 'install', '--quiet', '--python', python, '-r', file]);
  writeFileSync(stamp, wanted);
}

/** Runs Python programs, among them those of docs/guides, against a started server: `npm run clients:python`. */
if (await buildStale()) {
  for (const environment of environments) await prepare(environment);
  await run(process.execPath, [join('node_modules', 'vitest', 'vitest.mjs'), 'run', '--project', 'python']);
} else {
  process.exitCode = 1;
}
