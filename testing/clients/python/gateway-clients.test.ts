import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type GatewayHouse, shapes, startGatewayHouse } from '../../e2e/gateway-house.ts';
import { cleanEnvironment } from '../../e2e/start-wheelhouse.ts';
import { vector } from '../../upstream/index.ts';

const cache = join(import.meta.dirname, '..', '..', '..', '.cache');

/** Runs a program of `gateway/`, and reads the object that it prints. */
function runClient(program: string, env: Record<string, string>, environment = 'python'): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const python = join(cache, environment, 'bin', 'python');
    const child = spawn(python, [join(import.meta.dirname, 'gateway', program)], {
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

const four = 'Two and two is four.';

describe('Python clients before the gateway', () => {
  let gateway: GatewayHouse;
  const env = (shape: string) => ({ GATEWAY_URL: gateway.url, GATEWAY_MODEL: `${shape}/m` });
  beforeAll(async () => {
    gateway = await startGatewayHouse();
  });
  afterAll(() => gateway?.stop());
  beforeEach(() => {
    gateway.upstream.forget();
    gateway.upstream.on('m', { text: four });
  });

  it.each(shapes)('openai to %s', async (shape) => {
    expect(await runClient('openai_client.py', env(shape))).toEqual({
      texts: [four, four, four, four],
      tokens: [18, 18, 18],
      usage_unasked: false,
      vector,
    });
  });

  it.each(shapes)('anthropic to %s', async (shape) => {
    expect(await runClient('anthropic_client.py', env(shape))).toEqual({
      texts: [four, four, four],
      tokens: [
        [8, 7],
        [8, 7],
      ],
    });
  });

  it.each(shapes)('LangChain to %s', async (shape) => {
    gateway.upstream.on('m', ({ text }) =>
      text.includes('"weather"')
        ? { toolCalls: [{ id: 'call_w1', name: 'weather', arguments: '{"city":"Paris"}' }] }
        : { text: four },
    );
    const called = [['weather', { city: 'Paris' }]];
    expect(await runClient('langchain_client.py', env(shape))).toEqual({
      texts: [four, four, four, four],
      calls: [called, called],
    });
  });

  it.each(shapes)('LlamaIndex to %s', async (shape) => {
    const said = await runClient('llama_index_client.py', env(shape), 'python-llama-index');
    expect(said).toEqual({ texts: [four, four], vector });
  });
});
