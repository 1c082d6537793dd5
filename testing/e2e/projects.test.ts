import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportSpans } from '../durability/export-span.ts';
import { makeFolder, runCli, startWheelhouse, type Wheelhouse } from './start-wheelhouse.ts';

const adminKey = 'a'.repeat(24);
const traceId = (digit: string) => digit.repeat(32);

describe('two projects of one server', () => {
  let folder: Awaited<ReturnType<typeof makeFolder>>;
  let house: Wheelhouse;
  const keys: Record<'default' | 'research', string> = { default: '', research: '' };

  const cli = (args: string[], project?: string) =>
    runCli(args, {
      env: {
        WHEELHOUSE_URL: house.url,
        WHEELHOUSE_ADMIN_KEY: adminKey,
        ...(project === undefined ? {} : { WHEELHOUSE_PROJECT: project }),
      },
    });

  beforeAll(async () => {
    folder = await makeFolder();
    house = await startWheelhouse({ folder: folder.path, env: { WHEELHOUSE_ADMIN_KEY: adminKey } });
  });
  afterAll(async () => {
    await house?.stop();
    await folder?.remove();
  });

  it('are made by commands, each with a key whose secret is all of stdout', async () => {
    const made = await cli(['project', 'create', 'research']);
    expect(made, made.stderr).toMatchObject({ code: 0 });
    expect((await cli(['project', 'ls'])).stdout).toContain('research');
    for (const project of ['default', 'research'] as const) {
      const { code, stdout, stderr } = await cli(['key', 'create', 'bot'], project);
      expect(code, stderr).toBe(0);
      expect(stdout.trim()).toMatch(/^wh_\w{32,}$/);
      keys[project] = stdout.trim();
    }
    const listed = await cli(['key', 'ls'], 'research');
    expect(listed.stdout).toContain('bot');
    expect(listed.stdout).not.toContain(keys.research);
    const invited = await cli(['person', 'invite', 'ada@example.com', '--role', 'editor'], 'research');
    expect(invited.stdout.trim(), invited.stderr).toMatch(new RegExp(`^${house.url}/\\S+$`));
  });

  it('keep calls and exported spans apart: each sees its own, and the other has never heard of it', async () => {
    const called: Record<string, string> = {};
    for (const [project, apiKey] of Object.entries(keys)) {
      const client = new OpenAI({ baseURL: `${house.url}/v1`, apiKey, maxRetries: 0 });
      const { response } = await client.chat.completions
        .create({ model: 'sim/echo', messages: [{ role: 'user', content: `for ${project}` }] })
        .withResponse();
      called[project] = response.headers.get('x-wheelhouse-trace-id') ?? '';
      const times = { startTimeUnixNano: '1795225214000000001', endTimeUnixNano: '1795225214000000002' };
      const digit = project === 'research' ? 'b' : 'c';
      const spans = [{ traceId: traceId(digit), spanId: digit.repeat(16), name: `span of ${project}`, ...times }];
      expect((await exportSpans(house.url, spans, { authorization: `Bearer ${apiKey}` })).status).toBe(200);
    }
    const ask = (path: string, project: string) =>
      fetch(`${house.url}${path}`, {
        headers: { authorization: `Bearer ${adminKey}`, 'x-wheelhouse-project': project },
      });
    const names = async (project: string) =>
      ((await (await ask('/api/v1/traces?limit=10', project)).json()) as { data: { traceId: string }[] }).data
        .map((trace) => trace.traceId)
        .sort();
    const soon = { timeout: 30_000, interval: 50 };
    await expect.poll(() => names('default'), soon).toEqual([called.default, traceId('c')].sort());
    await expect.poll(() => names('research'), soon).toEqual([called.research, traceId('b')].sort());
    expect((await ask(`/api/v1/traces/${called.research}`, 'default')).status).toBe(404);
    expect((await ask(`/api/v1/traces/${called.research}`, 'research')).status).toBe(200);
  });

  it('refuse a key that was revoked, and one without a role what only people may see', async () => {
    const call = () =>
      fetch(`${house.url}/v1/models`, { headers: { authorization: `Bearer ${keys.research}` } }).then((r) => r.status);
    const read = await fetch(`${house.url}/api/v1/traces`, { headers: { authorization: `Bearer ${keys.research}` } });
    expect(read.status).toBe(403);
    expect(await call()).toBe(200);
    const id = /key_\w+/.exec((await cli(['key', 'ls'], 'research')).stdout)?.[0] ?? '';
    const removed = await cli(['key', 'rm', id], 'research');
    expect(removed.code, removed.stderr).toBe(0);
    expect(await call()).toBe(401);
  });

  it('go for good, with everything in them, once their name is given, and leave the other as it was', async () => {
    const admin = { authorization: `Bearer ${adminKey}` };
    const ask = (path: string, init: RequestInit = {}) =>
      fetch(`${house.url}${path}`, {
        ...init,
        headers: { ...admin, 'content-type': 'application/json', 'x-wheelhouse-project': 'research' },
      });
    const made = (await (
      await ask('/api/v1/keys', { method: 'POST', body: JSON.stringify({ name: 'left' }) })
    ).json()) as { secret: string };
    const upload = new FormData();
    upload.set('purpose', 'batch');
    upload.set('file', new Blob(['{}']), 'left.jsonl');
    const kept = { method: 'POST', headers: { authorization: `Bearer ${made.secret}` }, body: upload };
    expect((await fetch(`${house.url}/v1/files`, kept)).status).toBe(200);
    await ask('/api/v1/datasets', { method: 'POST', body: JSON.stringify({ name: 'golden' }) });
    const example = { examples: [{ input: { question: 'Where?' }, expected: 'There.' }] };
    expect((await ask('/api/v1/datasets/golden/examples', { method: 'POST', body: JSON.stringify(example) })).ok).toBe(
      true,
    );

    const dry = await cli(['project', 'rm', 'research', '--dry-run']);
    expect(dry.stdout, dry.stderr).toContain('2 traces, 1 dataset, 1 example, 1 file, 1 key; nothing was removed');
    expect((await cli(['project', 'rm', 'default', '--yes'])).stderr).toContain('cannot be removed');
    const unasked = await cli(['project', 'rm', 'research']);
    expect([unasked.code, unasked.stderr]).toEqual([2, expect.stringContaining('--yes')]);
    const mistaken = await ask('/api/v1/project/removal', { method: 'POST', body: '{"name":"Research"}' });
    expect(mistaken.status).toBe(400);
    const gone = await cli(['project', 'rm', 'research', '--yes']);
    expect(gone, gone.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining('research is gone') });

    expect((await ask('/api/v1/traces')).status).toBe(404);
    const dead = await fetch(`${house.url}/v1/models`, { headers: { authorization: `Bearer ${made.secret}` } });
    expect(dead.status).toBe(401);
    expect(await readdir(join(folder.path, '.wheelhouse/blobs')).catch(() => [])).not.toContain('research');
    const again = await cli(['project', 'create', 'research']);
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('or was, a project')]);
    const audit = await fetch(`${house.url}/api/v1/audit`, { headers: admin });
    const entries = ((await audit.json()) as { data: { action: string; subject: string; detail: object }[] }).data;
    expect(entries.filter(({ subject }) => subject === 'research')).toMatchObject([
      { action: 'project.remove' },
      { action: 'project.close', detail: { traces: 2, files: 1 } },
    ]);
    const left = await fetch(`${house.url}/api/v1/traces?limit=10`, { headers: admin });
    expect(((await left.json()) as { data: unknown[] }).data).toHaveLength(2);
  });
});
