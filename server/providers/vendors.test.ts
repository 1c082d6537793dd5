import { codecOf, createSseParser } from '@wheelhouse/core/dialect';
import type { ModelEvent, ModelPart, ProviderEndpoint } from '@wheelhouse/core/ports';
import { defaultProjectId, type JsonObject } from '@wheelhouse/core/records';
import { startUpstream, type Upstream } from '@wheelhouse/testing/upstream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OpenProviders, openProviders } from './open-providers.ts';
import { readProviderSetups } from './provider-setup.ts';
import { vendors } from './vendors/index.ts';

const secrets: Record<string, string> = {
  bedrock: 'AKIDEXAMPLE0000000:secret/with+signs:session',
  vertex: 'ya29.token',
};

let upstream: Upstream;
let providers: OpenProviders;
beforeAll(async () => {
  upstream = await startUpstream();
  const sections = vendors.map(({ name }) => [
    `my-${name}`,
    {
      vendor: name,
      baseUrl: upstream.url,
      apiKey: secrets[name] ?? 'sk-1',
      settings: name === 'vertex' ? { project: 'p' } : {},
    },
  ]);
  providers = openProviders({
    setups: readProviderSetups(Object.fromEntries(sections), {}),
    builtIn: [],
    nowMs: () => Date.now(),
  });
});
afterAll(async () => {
  await providers.close();
  await upstream.close();
});

const chat: JsonObject = { model: 'gpt', messages: [{ role: 'user', content: 'Hello' }] };

function ask(name: string, endpoint: ProviderEndpoint, stream: boolean): Promise<{ type: string; text: string }> {
  const provider = providers.find(defaultProjectId, `my-${name}`);
  if (!provider) throw new Error(name);
  const request = { ...codecOf('openai-chat').readRequest(chat), stream };
  const body = codecOf(endpoint.dialect).writeRequest(request, endpoint.capabilities);
  let type = '';
  let text = '';
  return new Promise((resolve, reject) => {
    provider.forward(
      {
        method: 'POST',
        path: endpoint.path('gpt', { stream }),
        headers: { 'content-type': 'application/json' },
        body: Buffer.from(JSON.stringify(body)),
        key: provider.keys()[0] ?? null,
        connectTimeoutMs: 5000,
      },
      {
        onHeaders(status, headers) {
          if (status !== 200) reject(new Error(String(status)));
          type = headers['content-type'] ?? '';
        },
        onData(chunk) {
          text += Buffer.from(chunk).toString('utf8');
          return true;
        },
        onEnd: () => resolve({ type, text }),
        onError: reject,
      },
    );
  });
}

const said = (parts: ModelPart[]) => parts.map((part) => (part.type === 'text' ? part.text : '')).join('');

function saidIn(dialect: ProviderEndpoint['dialect'], text: string): string {
  const parser = createSseParser();
  const reader = codecOf(dialect).createReader();
  const wire = [...parser.push(Buffer.from(text)), ...parser.end()];
  const events: ModelEvent[] = [...wire.flatMap((event) => reader.read(event)), ...reader.end()];
  return events.map((event) => (event.type === 'partDelta' ? event.text : '')).join('');
}

const cases = vendors.flatMap((vendor) =>
  vendor.endpoints.map((endpoint) => [vendor.name, endpoint.dialect, endpoint] as const),
);

describe.each(cases)('%s, in the dialect %s, over a socket', (name, dialect, endpoint) => {
  it('answers whole and as server-sent events, the same', async () => {
    const whole = await ask(name, endpoint, false);
    const answer = said(codecOf(dialect).readAnswer(JSON.parse(whole.text)).choices[0]?.parts ?? []);
    expect(answer.length).toBeGreaterThan(0);
    const streamed = await ask(name, endpoint, true);
    expect(streamed.type).toContain('text/event-stream');
    expect(saidIn(dialect, streamed.text)).toBe(answer);
    const [first] = upstream.calls.slice(-2);
    expect(first?.key).toBe((secrets[name] ?? 'sk-1').split(':')[0]);
    upstream.forget();
  });
});
