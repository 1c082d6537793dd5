import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ResponseBody } from '@wheelhouse/sdk';
import { expect } from 'vitest';
import { startAnthropic, startOpenAi } from '../vendors/index.ts';
import { cleanEnvironment, type Finished, makeFolder, startWheelhouse, type Wheelhouse } from './start-wheelhouse.ts';

const root = join(import.meta.dirname, '..', '..');
/** A block of JavaScript whose first line is a comment with the name of a file. */
const program = /^```js\n\/\/ ([\w.-]+\.[cm]js)\n(.*?)^```/gms;

/** Runs Node in a folder to its end. */
export function runNode(args: string[], cwd: string, env: Record<string, string>): Promise<Finished> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd, env: cleanEnvironment(env), stdio: ['ignore', 'pipe', 'pipe'] });
    const output = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text) => (output.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (output.stderr += text));
    child.on('close', (code) => resolve({ code, ...output }));
  });
}

const loaders = new Map([
  ['tracing.mjs', '--import'],
  ['tracing.cjs', '--require'],
]);

/** Runs a program of a page of docs/guides as a reader would: its files side by side, `tracing` loaded first. */
async function runGuide(page: string, app: string | undefined, env: Record<string, string>): Promise<Finished> {
  const text = await readFile(join(root, 'docs', 'guides', page), 'utf8');
  const files = new Map([...text.matchAll(program)].map(([, name = '', code = '']) => [name, code]));
  // In the repository, so that the packages are found.
  await mkdir(join(root, '.cache'), { recursive: true });
  const folder = await mkdtemp(join(root, '.cache', 'guide-'));
  try {
    for (const [name, code] of files) await writeFile(join(folder, name), code);
    const first = [...loaders].flatMap(([name, flag]) => (files.has(name) ? [flag, `./${name}`] : []));
    const main = app ?? [...files.keys()].find((name) => name.startsWith('app.')) ?? '';
    return await runNode([...first, main], folder, env);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export type Span = ResponseBody<'getSpan'>;
type GuideTrace = { trace: ResponseBody<'getTrace'>['trace']; spans: Span[] };

export type GuideHouse = {
  house: Wheelhouse;
  env: Record<string, string>;
  /**
   * Runs the program of a page against the server, and gives the one trace that it made, once it has so many spans.
   * @param more what the environment says besides where everything is
   */
  run(page: string, expected: { spans: number; app?: string; env?: Record<string, string> }): Promise<GuideTrace>;
  /** A trace that something else made. */
  read(traceId: string): Promise<GuideTrace>;
  stop(): Promise<void>;
};

/** A started server, and vendors that always say `Four.` */
export async function startGuideHouse(): Promise<GuideHouse> {
  const openai = await startOpenAi();
  const anthropic = await startAnthropic();
  const folder = await makeFolder({ providers: { openai: { baseUrl: openai.baseUrl, apiKey: 'k' } } });
  const house = await startWheelhouse({ folder: folder.path });
  const env = {
    WHEELHOUSE_URL: house.url,
    OTEL_EXPORTER_OTLP_ENDPOINT: house.url,
    OPENAI_BASE_URL: openai.baseUrl,
    OPENAI_API_KEY: 'k',
    ANTHROPIC_BASE_URL: anthropic.url,
    ANTHROPIC_API_KEY: 'k',
  };
  const known = new Set<string>();
  const newTraces = async () =>
    (await house.client.call('listTraces', {})).data.filter(({ traceId }) => !known.has(traceId));

  async function read(traceId: string): Promise<GuideTrace> {
    known.add(traceId);
    const { trace, spans } = await house.client.call('getTrace', { params: { traceId } });
    const whole = spans.map(({ spanId }) => house.client.call('getSpan', { params: { traceId, spanId } }));
    return { trace, spans: await Promise.all(whole) };
  }

  return {
    house,
    env,
    read,
    async run(page, expected) {
      const finished = await runGuide(page, expected.app, { ...env, ...expected.env });
      expect(finished).toEqual({ code: 0, stdout: expected.app === 'agent.mjs' ? '' : 'Four.\n', stderr: '' });
      await expect
        .poll(async () => (await newTraces()).map(({ spanCount }) => spanCount), { timeout: 30_000 })
        .toEqual([expected.spans]);
      const [trace] = await newTraces();
      return read(trace?.traceId ?? '');
    },
    async stop() {
      await house.stop();
      await folder.remove();
      await openai.close();
      await anthropic.close();
    },
  };
}

/** 11 tokens in, of which 3 cached, and 7 out, of which 2 reasoning. */
export const counts = { inputUncached: 8, cacheRead: 3, outputText: 5, reasoning: 2 };
const message = (role: string, content: string) => ({ role, parts: [{ type: 'text', content }] });
export const asked = { type: 'messages', messages: [message('user', 'What is two and two?')] };
export const four = { type: 'messages', messages: [message('assistant', 'Four.')] };
/** gpt-4o-mini: $0.15, cached $0.075, and $0.60 per million tokens. */
export const cost = String(8 * 150 + 3 * 75 + 7 * 600);
