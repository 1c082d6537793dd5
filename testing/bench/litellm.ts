import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, pin, stopProcess, untilAnswering, watchOver } from './processes.ts';
import { root } from './wheelhouse.ts';

export const liteLlmVersion = '1.106.2';

const folder = join(root, '.cache', 'bench', `litellm-${liteLlmVersion}`);
const program = (name: string) => join(folder, 'bin', name);

/** Installs LiteLLM's proxy in an environment of its own, once; null and a sentence on stderr when that fails. */
function install(): string | null {
  const done = join(folder, 'installed');
  if (existsSync(done)) return program('litellm');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  process.stderr.write(`  installing litellm ${liteLlmVersion} into ${folder}\n`);
  const steps: [string, string[]][] = [
    ['python3', ['-m', 'venv', folder]],
    [program('python'), ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', 'uv']],
    [
      program('python'),
      ['-m', 'uv', 'pip', 'install', '--quiet', '--python', program('python'), `litellm[proxy]==${liteLlmVersion}`],
    ],
  ];
  for (const [command, args] of steps) {
    const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
    if (status === 0) continue;
    process.stderr.write(`  litellm cannot be installed, so it is left out: ${(stderr ?? '').trim().slice(-300)}\n`);
    return null;
  }
  writeFileSync(done, '');
  return program('litellm');
}

export type LiteLlm = { pid: number; port: number; stop(): Promise<void> };

/** LiteLLM's proxy with one worker and without keys or a database, in front of the given vendor; null when it cannot be had. */
export async function startLiteLlm(upstreamPort: number): Promise<LiteLlm | null> {
  const main = install();
  if (main === null) return null;
  const port = await freePort();
  const config = join(folder, 'config.yaml');
  const model = [
    'model_list:',
    '  - model_name: gpt-4o-mini',
    '    litellm_params:',
    '      model: openai/gpt-4o-mini',
    `      api_base: http://127.0.0.1:${upstreamPort}/v1`,
    '      api_key: bench',
  ];
  writeFileSync(config, `${model.join('\n')}\n`);
  const child = spawn(main, ['--config', config, '--host', '127.0.0.1', '--port', String(port), '--num_workers', '1'], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      // It would fetch its price list, and refuse to start without a key.
      LITELLM_LOCAL_MODEL_COST_MAP: 'True',
      LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY: 'true',
      LITELLM_LOG: 'ERROR',
    },
    stdio: 'ignore',
  });
  watchOver(child);
  const pid = child.pid ?? 0;
  await untilAnswering(`http://127.0.0.1:${port}/health/liveliness`, { name: 'litellm', seconds: 60 });
  pin(pid, 'tested');
  return { pid, port, stop: () => stopProcess(child) };
}
