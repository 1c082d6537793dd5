import { Langfuse } from 'langfuse';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type AccessServer, adminKey, startAccessServer } from '../access/start-server.ts';

type Use = { model: string; version: number; aliases: string[]; calls: number; scores: { name: string }[] };
type Lineage = {
  nodes: { ref: string; distance: number; known: boolean; spans: { count: number; newest: string | null } | null }[];
  edges: { from: string; to: string }[];
};

describe('the registry of a project with several people', () => {
  let server: AccessServer;
  let editor: string;
  let other: string;

  beforeAll(async () => {
    server = await startAccessServer();
    const keyOf = async (name: string, role: string) =>
      (await server.made<{ secret: string }>('/api/v1/keys', { json: { name, role } })).secret;
    [editor, other] = [await keyOf('eve', 'editor'), await keyOf('ann', 'admin')];
    await server.made('/api/v1/models', {
      json: { name: 'greeter', tags: ['support'], version: versionOf('Greet {{name}}.') },
    });
    await server.made('/api/v1/models/greeter/versions', { json: versionOf('Greet {{name}} in {{tongue}}.') });
  });
  afterAll(() => server?.stop());

  const versionOf = (template: string, more = {}) => ({
    definition: { flavor: 'prompt', baseModel: 'sim/echo', template },
    ...more,
  });
  async function api<T>(method: string, path: string, { key = adminKey, json }: { key?: string; json?: unknown } = {}) {
    const { status, text } = await server.ask(`/api/v1${path}`, { method, key, json });
    return { status, body: JSON.parse(text) as T & { error?: { code: string; hint: string } } };
  }
  const call = (model: string, variables: object) =>
    server.ask('/v1/chat/completions', {
      ...{ method: 'POST', key: editor },
      json: { model, variables, messages: [{ role: 'user', content: 'Now.' }] },
    });
  /** What was recorded a moment ago is in the store soon. */
  const eventually = <T>(read: () => Promise<T>, holds: (value: T) => boolean): Promise<T> =>
    vi.waitFor(
      async () => {
        const value = await read();
        if (!holds(value)) throw new Error(`Not yet: ${JSON.stringify(value)}`);
        return value;
      },
      { timeout: 60_000, interval: 50 },
    );

  it('finds models by text, tag and owner once they are described', async () => {
    await api('PUT', '/models/greeter', { json: { description: 'Says hello', owner: 'ann@example.com' } });
    const names = async (query: string) =>
      (await api<{ data: { name: string }[] }>('GET', `/models?${query}`)).body.data.map(({ name }) => name);
    expect(await names('q=HELLO')).toEqual(['greeter']);
    expect(await names('tag=support&owner=ann%40example.com')).toEqual(['greeter']);
    expect(await names('owner=nobody')).toEqual([]);
  });

  it('has a protected alias moved by request and review, seen by the next call, and taken back in one', async () => {
    const path = '/models/greeter/aliases/production';
    expect((await api('PUT', path, { key: editor, json: { version: 1 } })).status).toBe(200);
    expect((await api('PUT', '/alias-rules/production', { key: editor, json: {} })).status).toBe(403);
    await api('PUT', '/alias-rules/production', { json: { role: 'admin', review: true } });
    const refused = await api('PUT', path, { key: editor, json: { version: 2 } });
    expect(refused).toMatchObject({ status: 403, body: { error: { code: 'alias_protected' } } });
    expect(refused.body.error?.hint).toContain(`POST /api/v1${path}/requests`);
    expect((await api('PUT', path, { json: { version: 2 } })).body.error?.code).toBe('alias_protected');

    const json = { version: 2, message: 'In their own tongue' };
    const { body: request } = await api<{ id: string }>('POST', `${path}/requests`, { key: editor, json });
    const decide = (key: string, decision: string) =>
      api('POST', `/alias-requests/${request.id}/decision`, { key, json: { decision, breaking: true } });
    expect((await decide(editor, 'approve')).status).toBe(403);
    const seen = await api('GET', `/alias-requests/${request.id}`, { key: other });
    expect(seen.body).toMatchObject({ request: { from: 1, to: 2, status: 'open' }, now: 1, mayDecide: true });
    const diff = await api('GET', '/models/greeter/diff?from=1&to=2');
    expect(diff.body).toMatchObject({ breaking: true, changes: [{ text: expect.stringContaining('tongue') }, {}] });
    expect((await decide(other, 'approve')).body).toMatchObject({ status: 'approved', decidedBy: 'key:ann' });

    expect((await call('greeter', { name: 'Ida' })).status).toBe(400);
    expect((await call('greeter', { name: 'Ida', tongue: 'Danish' })).status).toBe(200);
    const back = await api('POST', `${path}/rollback`, { key: other });
    expect(back.body).toMatchObject({ model: { aliases: [{ alias: 'production', version: 1, before: null }] } });
    expect((await call('greeter', { name: 'Ida' })).status).toBe(200);
  });

  it('counts what each version did, by alias, with its scores', async () => {
    const answer = await call('greeter@2', { name: 'Bo', tongue: 'Norse' });
    const traceId = answer.headers.get('x-wheelhouse-trace-id');
    await server.made('/api/v1/scores', { json: { traceId, name: 'kind', value: true } });
    const read = async () => (await api<{ data: Use[] }>('GET', '/model-use?models=greeter&hours=1')).body.data;
    const isWhole = (data: Use[]) =>
      data.reduce((sum, { calls }) => sum + calls, 0) === 3 && data.some(({ scores }) => scores.length > 0);
    const uses = await eventually(read, isWhole);
    expect(uses).toMatchObject([
      { model: 'greeter', version: 1, aliases: ['production'], calls: 1, errors: 0, costNanoUsd: '0', scores: [] },
      { version: 2, calls: 2, scores: [{ name: 'kind', count: 1, mean: 1, newest: true }] },
    ]);
  });

  it('shows one graph from a trace to the alias that came of it, from either end', async () => {
    const answer = await call('greeter@1', { name: 'Ada' });
    const traceId = answer.headers.get('x-wheelhouse-trace-id') ?? '';
    type Trace = { spans: { spanId: string }[] };
    const trace = await eventually(
      () => api<Trace>('GET', `/traces/${traceId}`),
      ({ status, body }) => status === 200 && body.spans.length > 0,
    );
    const source = { traceId, spanId: trace.body.spans[0]?.spanId };
    const span = `span:${traceId}/${source.spanId}`;
    await server.made('/api/v1/datasets', { json: { name: 'greetings' } });
    await server.made('/api/v1/datasets/greetings/examples', { json: { examples: [{ from: source }] } });
    await server.made('/api/v1/datasets/greetings/versions', {});
    await server.made('/api/v1/models/greeter/versions', {
      json: versionOf('Hail {{name}}.', { madeFrom: ['dataset:greetings@1', 'version:greeter@1'] }),
    });
    await api('PUT', '/models/greeter/aliases/next', { json: { version: 3 } });

    const read = async (of: string) =>
      (await api<Lineage>('GET', `/lineage?of=${encodeURIComponent(of)}&depth=6`)).body;
    const up = await eventually(
      () => read('alias:greeter@next'),
      ({ nodes }) => nodes.some(({ ref }) => ref === 'version:greeter@1'),
    );
    const refs = up.nodes.map(({ ref }) => ref);
    expect(refs).toEqual(
      expect.arrayContaining(['version:greeter@3', 'dataset:greetings@1', span, `trace:${traceId}`]),
    );
    expect(up.edges).toContainEqual({ from: 'dataset:greetings@1', to: 'version:greeter@3' });
    const version = up.nodes.find(({ ref }) => ref === 'version:greeter@1');
    expect(version).toMatchObject({ known: true, spans: { newest: span } });
    const down = await read(`trace:${traceId}`);
    expect(down.nodes.find(({ ref }) => ref === 'alias:greeter@next')?.distance).toBe(4);
    expect((await api('GET', '/lineage?of=version:nobody%401')).status).toBe(404);
    expect((await api('GET', '/lineage?of=nonsense')).body.error?.code).toBe('invalid_request');
  });

  it('keeps comments, finds those that call somebody, and has only their author change them', async () => {
    type Comment = { id: string; mentions: string[] };
    const json = { on: 'version:greeter@2', text: 'Too stiff, @Ann@example.com and @bo.' };
    const { body: comment } = await api<Comment>('POST', '/comments', { key: editor, json });
    expect(comment).toMatchObject({ author: 'key:eve', mentions: ['ann@example.com', 'bo'] });
    const found = await api<{ data: Comment[] }>('GET', '/comments?mentioning=ann@example.com');
    expect(found.body.data).toMatchObject([{ id: comment.id }]);
    const path = `/comments/${comment.id}`;
    expect((await api('PUT', path, { key: other, json: { text: 'Fine' } })).status).toBe(403);
    expect((await api('PUT', path, { key: editor, json: { text: 'Fine' } })).body).toMatchObject({ mentions: [] });
    expect((await api('DELETE', path, { key: other })).body).toEqual({ removed: true });
    expect((await api('POST', '/comments', { json: { ...json, on: 'version:greeter@99' } })).status).toBe(404);
  });

  it('serves prompts to the client of Langfuse, whose labels are aliases under the same rules', async () => {
    const langfuse = new Langfuse({ publicKey: 'pk', secretKey: editor, baseUrl: server.url, flushAt: 1 });
    const uncached = { cacheTtlSeconds: 0, maxRetries: 0 };
    const made = await langfuse.createPrompt({
      ...{ name: 'Team A/Welcome', type: 'chat', labels: ['staging'], tags: ['hello'], commitMessage: 'first' },
      prompt: [
        { role: 'system', content: 'Be {{tone}}.' },
        { type: 'placeholder', name: 'history' },
        { role: 'user', content: 'Hello' },
      ],
      config: { model: 'sim/echo', temperature: 0.2 },
    });
    expect(made).toMatchObject({ name: 'Team A/Welcome', version: 1, labels: ['staging', 'latest'], tags: ['hello'] });
    const fetched = await langfuse.getPrompt('Team A/Welcome', undefined, {
      ...{ type: 'chat', label: 'staging' },
      ...uncached,
    });
    expect(fetched).toMatchObject({ version: 1, isFallback: false, config: { model: 'sim/echo', temperature: 0.2 } });
    expect(fetched.compile({ tone: 'kind' }, { history: [{ role: 'user', content: 'Hi' }] })).toMatchObject([
      { role: 'system', content: 'Be kind.' },
      { role: 'user', content: 'Hi' },
      { role: 'user', content: 'Hello' },
    ]);

    const text = await langfuse.createPrompt({ name: 'greeter', prompt: 'Hej {{name}}.', labels: ['tried'] });
    const greeter = await langfuse.getPrompt('greeter', undefined, { label: 'tried', ...uncached });
    expect([greeter.version, greeter.compile({ name: 'Ida' })]).toEqual([text.version, 'Hej Ida.']);
    expect((await langfuse.getPrompt('greeter', 1, uncached)).prompt).toBe('Greet {{name}}.');
    expect((await langfuse.getPrompt('greeter', undefined, uncached)).version).toBe(1);
    await langfuse.updatePrompt({ name: 'greeter', version: 1, newLabels: ['tried'] });
    expect((await langfuse.getPrompt('greeter', undefined, { label: 'tried', ...uncached })).version).toBe(1);
    // This client gives a refusal back as if it were the answer.
    const refused = await langfuse.updatePrompt({ name: 'greeter', version: 2, newLabels: ['production'] });
    expect(refused).toMatchObject({ error: 'alias_protected' });
    expect((await langfuse.getPrompt('greeter', undefined, uncached)).version).toBe(1);
    await expect(langfuse.getPrompt('nobody', undefined, uncached)).rejects.toThrow();
    await langfuse.shutdownAsync();

    const caller = await server.made<{ secret: string }>('/api/v1/keys', { json: { name: 'app' } });
    const list = await server.ask('/api/public/v2/prompts?tag=hello', { key: caller.secret });
    expect(JSON.parse(list.text)).toMatchObject({
      data: [{ name: 'team-a-welcome', type: 'chat', versions: [1], labels: ['staging', 'latest'] }],
      meta: { page: 1, totalItems: 1, totalPages: 1 },
    });
    const write = { method: 'POST', key: caller.secret, json: { name: 'x', prompt: 'x' } };
    expect((await server.ask('/api/public/v2/prompts', write)).status).toBe(403);
  });

  it('tells from the audit list who moved an alias when, and where it was before', async () => {
    type Entry = { action: string; actor: string; detail: object };
    const read = async (query: string) => (await api<{ data: Entry[] }>('GET', `/audit?${query}`)).body.data;
    const moves = await read('subject=greeter%40production&action=alias');
    expect(moves.map(({ action, actor }) => `${actor} ${action}`)).toEqual([
      'key:ann alias.rollback',
      'key:ann alias.approved',
      'key:ann alias.move',
      'key:eve alias.ask',
      'key:eve alias.move',
    ]);
    expect(moves[0]?.detail).toEqual({ before: { version: 2 }, after: { version: 1 } });
    expect(await read('subject=greeter&actor=key%3Aann&action=alias.move')).toMatchObject([
      { detail: { before: { version: 1 }, after: { version: 2 } } },
    ]);
    expect(await read('until=2001-01-01T00:00:00Z')).toEqual([]);
    expect((await api('GET', '/audit?from=yesterday')).status).toBe(400);
  });
});
