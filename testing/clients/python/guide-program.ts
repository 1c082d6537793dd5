import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cleanEnvironment, type Finished } from '../../e2e/start-wheelhouse.ts';

const root = join(import.meta.dirname, '..', '..', '..');
/** A block of Python whose first line is a comment with the name of a file. */
const program = /^```python\n# ([\w.-]+\.py)\n(.*?)^```/ms;

/**
 * Runs the Python program of a page of docs/guides, as a reader would, in a folder of its own.
 * @param environment of `run.mjs`
 */
export async function runGuideProgram(
  page: string,
  env: Record<string, string>,
  environment = 'python',
): Promise<Finished> {
  const python = join(root, '.cache', environment, 'bin', 'python');
  const [, name = '', code = ''] = program.exec(await readFile(join(root, 'docs', 'guides', page), 'utf8')) ?? [];
  const folder = await mkdtemp(join(tmpdir(), 'wheelhouse-python-'));
  try {
    await writeFile(join(folder, name), code);
    return await new Promise((resolve, reject) => {
      const options = { cwd: folder, env: cleanEnvironment(env), stdio: ['ignore', 'pipe', 'pipe'] as const };
      const child = spawn(python, [name], { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
      const output = { stdout: '', stderr: '' };
      child.stdout.setEncoding('utf8').on('data', (text) => (output.stdout += text));
      child.stderr.setEncoding('utf8').on('data', (text) => (output.stderr += text));
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, ...output }));
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
