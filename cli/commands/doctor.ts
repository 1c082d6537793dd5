import { setTimeout as sleep } from 'node:timers/promises';
import { type Check, examineServer, good } from '@wheelhouse/sdk/doctor';
import { checkAppEnvironment } from '../app-environment.ts';
import type { Config } from '../config.ts';
import { checkDataDirectory } from '../data-directory.ts';
import { checkCount, checkLines } from '../output/check-lines.ts';
import { type ExitCode, exitCodes } from '../output/exit-codes.ts';
import type { Terminal } from '../output/terminal.ts';

export type DoctorOptions = { json?: boolean };
type Deps = { config: Config; terminal: Terminal; version: string };

async function* examine({ config, version }: Deps): AsyncGenerator<Check> {
  yield good('node', `Node ${process.versions.node} is new enough.`);
  const server = yield* examineServer({
    baseUrl: config.url,
    apiKey: config.adminKey,
    version,
    call: true,
    fetch,
    nowMs: () => performance.now(),
    wait: (ms) => sleep(ms),
  });
  if (server === null) return;
  const data = Object.values(server.stores).includes('embedded') ? await checkDataDirectory(server.dataDir) : null;
  if (data) yield data;
  const needsKey = server.authentication === 'admin key';
  yield* checkAppEnvironment(config.env, { openaiUrl: `${config.url}/v1`, otlpUrl: config.url, needsKey });
}

function nextLine(checks: Check[], url: string): string {
  if (checks.some(({ state }) => state === 'bad')) return '  next  do what stands beside ✕, then: wheelhouse doctor';
  return `  → ${url}/traces   next: send a call, and watch it come`;
}

/** `wheelhouse doctor`: looks at everything between an app and its traces, from the outside in, and says what to do. */
export async function doctor(options: DoctorOptions, deps: Deps): Promise<ExitCode> {
  const { config, terminal } = deps;
  const checks: Check[] = [];
  if (!options.json) terminal.out('\n');
  for await (const check of examine(deps)) {
    checks.push(check);
    if (!options.json) terminal.out(checkLines(check, terminal.outStyle));
  }
  const ok = checks.every(({ state }) => state !== 'bad');
  if (options.json) terminal.out(`${JSON.stringify({ ok, url: config.url, checks })}\n`);
  else terminal.out(`\n  ${checkCount(checks)}\n${nextLine(checks, config.url)}\n`);
  return ok ? exitCodes.done : exitCodes.network;
}
