import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Caller, defaultProjectId, type Json, WheelhouseError } from '@wheelhouse/core/records';
import { fakeBlobStore, fakeMetricHistory, fakeTrackingStore } from '@wheelhouse/testing/fakes';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMlflowDoors } from './mlflow-doors.ts';

const runIds = /(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])/g;

type Body = { json: Json } | { base64: string } | null;
type Exchange = { method: string; url: string; request: Body; status: number; response: Body };

const fixture = join(import.meta.dirname, '../../testing/fixtures/mlflow/tracking-client-3.17.json');
const by: Caller = {
  ...{ project: defaultProjectId, actor: 'ada', role: 'editor' as const },
  ...{ key: null, person: null, team: null },
};

/** What the doors are behind, as `server/http` calls them. */
async function open(maxFileBytes = 1_000_000): Promise<{ url: string; server: Server }> {
  let ticks = 0;
  const tick = () => {
    ticks += 1;
    return ticks;
  };
  const doors = createMlflowDoors({
    ...{ store: fakeTrackingStore(), history: fakeMetricHistory(), blobs: fakeBlobStore(), maxFileBytes },
    clock: { now: () => 1_800_000_000_000_000_000n + BigInt(tick()) * 1_000_001n },
    random: { bytes: (count) => Uint8Array.from({ length: count }, (_, i) => i * 7 + tick() * 13) },
  });
  const server = createServer((req, res) => {
    const path = (req.url ?? '/').split('?', 1)[0] ?? '/';
    const door = doors.find(({ prefix }) => path.startsWith(`${prefix}/`));
    const readBody = async () => Buffer.concat(await req.toArray());
    Promise.resolve(door?.handle(req, res, { by, path, readBody })).catch((error: unknown) => {
      door?.refuse(req, res, error instanceof WheelhouseError ? error : new WheelhouseError('internal', String(error)));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

/** Where MLflow's server shows its own innards, or lists sets in no order. */
const ownWords = /Error: \(sqlite3|Valid keys are|^Invalid comparator|^Invalid clause\(s\) in filter string: 'metrics/;
/** What its server chose or timed, and what it says of itself. */
const chosen = new Set(['last_update_time', 'creation_time', 'workspace', 'sqlstate', 'error_class', 'outputs']);

/** Without what differs between any two servers; lists that are sets are in order. */
function plain(value: Json | undefined, key = ''): Json {
  if (Array.isArray(value)) {
    const items = value.map((item) => plain(item));
    const isSet = ['tags', 'params', 'metrics', 'files'].includes(key);
    return isSet ? items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : items;
  }
  if (typeof value !== 'object' || value === null) return value ?? null;
  const members = Object.entries(value)
    .filter(([name]) => !chosen.has(name))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, plain(member, name)]));
}

type Created = { run: { info: { run_id: string; run_name: string } } };

/** Puts what this server chose in the place of what MLflow's server chose. */
function createTranslation() {
  const ours = new Map<string, string>();
  return {
    learn(theirs: Created, mine: Created) {
      ours.set(theirs.run.info.run_id, mine.run.info.run_id);
      ours.set(theirs.run.info.run_name, mine.run.info.run_name);
    },
    of<Value>(value: Value): Value {
      let text = JSON.stringify(value).replace(runIds, (id) => ours.get(id) ?? id);
      for (const [theirs, mine] of ours) if (/\w-\w+-\d/.test(theirs)) text = text.replaceAll(theirs, mine);
      return JSON.parse(text) as Value;
    },
  };
}

const jsonOf = (body: Body): Json => (body !== null && 'json' in body ? body.json : {});
const bytesOf = (body: Body) =>
  body === null ? undefined : 'json' in body ? JSON.stringify(body.json) : Buffer.from(body.base64, 'base64');

/** What both say, as far as they can agree. */
function comparable(theirs: Json, ours: Json): [Json, Json] {
  const [wanted, got] = [plain(theirs), plain(ours)] as Record<string, Json>[];
  for (const body of [wanted, got]) {
    if (body && ownWords.test(String((theirs as { message?: string }).message))) delete body.message;
    if (body && 'next_page_token' in body) body.next_page_token = 'a place';
  }
  return [wanted ?? null, got ?? null];
}

describe("MLflow's own client", () => {
  let opened: Awaited<ReturnType<typeof open>>;
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => void opened.server.close());

  it('is answered as by its own server, through a whole session', async () => {
    const session = JSON.parse(readFileSync(fixture, 'utf8')) as Exchange[];
    const translation = createTranslation();
    const differing: unknown[] = [];
    for (const exchange of session) {
      const { method, url, request, status, response } = translation.of(exchange);
      const body = bytesOf(request);
      const answer = await fetch(`${opened.url}${url}`, { method, ...(body !== undefined && { body }) });
      const bytes = Buffer.from(await answer.arrayBuffer());
      if (response !== null && 'base64' in response && method === 'GET') {
        expect(bytes.toString('base64')).toBe(response.base64);
        continue;
      }
      const found = JSON.parse(bytes.toString('utf8')) as Json;
      if (url.endsWith('/runs/create')) translation.learn(jsonOf(response) as Created, found as Created);
      // It says what it has, of which we say less.
      if (url.endsWith('/server-info')) continue;
      const [wanted, got] = comparable(translation.of(jsonOf(response)), found);
      if (answer.status !== status || JSON.stringify(got) !== JSON.stringify(wanted))
        differing.push({ method, url, request, status: [status, answer.status], wanted, got });
    }
    expect(differing).toEqual([]);
  });

  const post = async (path: string, body: Json): Promise<Record<string, unknown>> => {
    const answer = await fetch(`${opened.url}/api/2.0/mlflow${path}`, { method: 'POST', body: JSON.stringify(body) });
    return { status: answer.status, ...((await answer.json()) as object) };
  };
  const newRun = async () => {
    const { run } = await post('/runs/create', { experiment_id: '0' });
    return (run as Created['run']).info.run_id;
  };
  const artifact = (path: string, init?: RequestInit) =>
    fetch(`${opened.url}/api/2.0/mlflow-artifacts/artifacts/${path}`, init);

  it('is told what to do instead where nothing is served', async () => {
    expect(await post('/logged-models', { experiment_id: '0' })).toMatchObject({
      ...{ status: 404, error_code: 'ENDPOINT_NOT_FOUND' },
      message: expect.stringContaining('mlflow.log_artifacts()'),
    });
    expect(await post('/traces', {})).toMatchObject({ message: expect.stringContaining('OpenTelemetry') });
    expect(await post('/runs/search', 'text')).toMatchObject({ status: 400, error_code: 'INVALID_PARAMETER_VALUE' });
  });

  it('finds its artifacts nowhere but below its runs', async () => {
    const id = await newRun();
    const put = (path: string) => artifact(path, { method: 'PUT', body: 'x' });
    for (const path of [`0/${id}/artifacts/..%2F..%2Fx`, `0/${id}/other/x`, '0/x', `7/${id}/artifacts/x`, '%2Fx'])
      expect((await put(path)).status).toBe(400);
    expect((await put(`0/${id}/artifacts/x`)).status).toBe(200);
    await post('/runs/delete', { run_id: id });
    expect((await put(`0/${id}/artifacts/y`)).status).toBe(400);
  });

  it('replaces, lists and removes artifacts, and keeps nothing of one that is too large', async () => {
    const id = await newRun();
    const folder = `0/${id}/artifacts`;
    for (const body of ['first', 'second!'])
      expect((await artifact(`${folder}/a/b.txt`, { method: 'PUT', body })).status).toBe(200);
    const large = await artifact(`${folder}/a/large`, { method: 'PUT', body: 'x'.repeat(9_000_000) });
    expect(large.status).toBe(413);
    expect(await large.json()).toMatchObject({ message: expect.stringContaining('limits.fileBytes') });
    const read = await artifact(`${folder}/a/b.txt`);
    expect(read.headers.get('content-disposition')).toContain('attachment; filename="b.txt"');
    expect(await read.text()).toBe('second!');
    const list = async () => {
      const answer = await fetch(`${opened.url}/api/2.0/mlflow/artifacts/list?run_id=${id}&path=a`);
      return ((await answer.json()) as { files?: Json[] }).files ?? [];
    };
    expect(await list()).toEqual([{ path: 'a/b.txt', is_dir: false, file_size: 7 }]);
    expect((await artifact(`${folder}/a`, { method: 'DELETE' })).status).toBe(200);
    expect(await list()).toEqual([]);
    expect((await artifact(`${folder}/a/b.txt`)).status).toBe(404);
  });

  it('takes the highest step for the latest, in whatever order points come', async () => {
    const id = await newRun();
    const metrics = [5, 3].map((step) => ({ key: 'x', value: step * 10, timestamp: 9 - step, step }));
    await post('/runs/log-batch', { run_id: id, metrics });
    const answer = await fetch(`${opened.url}/api/2.0/mlflow/runs/get?run_id=${id}`);
    const { run } = (await answer.json()) as { run: { data: { metrics: Json[] } } };
    expect(run.data.metrics).toEqual([{ key: 'x', value: 50, timestamp: 4, step: 5 }]);
  });

  it('says times in whole milliseconds', async () => {
    const { experiment_id: id } = await post('/experiments/create', { name: 'timed' });
    const answer = await fetch(`${opened.url}/api/2.0/mlflow/experiments/get?experiment_id=${id}`);
    const { experiment } = (await answer.json()) as { experiment: { creation_time: number } };
    expect(Number.isInteger(experiment.creation_time)).toBe(true);
  });

  it('reads a long history page by page, each point once', async () => {
    const id = await newRun();
    const metrics = Array.from({ length: 900 }, (_, i) => ({ key: 'x', value: i % 7, timestamp: 5, step: i % 450 }));
    expect(await post('/runs/log-batch', { run_id: id, metrics })).toMatchObject({ status: 200 });
    const seen: Json[] = [];
    for (let token = ''; ; ) {
      const query = `run_id=${id}&metric_key=x&max_results=400&page_token=${encodeURIComponent(token)}`;
      const answer = await fetch(`${opened.url}/api/2.0/mlflow/metrics/get-history?${query}`);
      const page = (await answer.json()) as { metrics: Json[]; next_page_token?: string };
      seen.push(...page.metrics);
      if (page.next_page_token === undefined) break;
      token = page.next_page_token;
    }
    expect(new Set(seen.map((one) => JSON.stringify(one))).size).toBe(seen.length);
    expect(seen.length).toBe(new Set(metrics.map(({ value, step }) => `${value} ${step}`)).size);
  });
});
