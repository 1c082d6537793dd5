import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { cleanEnvironment } from '../../e2e/start-wheelhouse.ts';

const cache = join(import.meta.dirname, '..', '..', '..', '.cache');

/**
 * Runs a program that stands here, and reads the object that it prints.
 * @param environment of `run.mjs`
 */
export function runClient(program: string, env: Record<string, string>, environment = 'python'): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const python = join(cache, environment, 'bin', 'python');
    const child = spawn(python, [join(import.meta.dirname, program)], {
      env: cleanEnvironment(env),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text) => (output.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (output.stderr += text));
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve(JSON.parse(output.stdout)) : reject(new Error(output.stderr))));
  });
}
