import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { InnerAnswer, InnerRequest, JobHandler, JobQueue } from '@wheelhouse/core/ports';
import { type Caller, defaultProjectId, type Json, type JsonObject, WheelhouseError } from '@wheelhouse/core/records';
import {
  fakeAuditStore,
  fakeBatchStore,
  fakeBlobStore,
  fakeFileStore,
  fakeResponseStore,
} from '@wheelhouse/testing/fakes';
import fc from 'fast-check';
import OpenAI, { toFile } from 'openai';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createObjectDoor } from './object-door.ts';
import { readLines } from './read-lines.ts';
import { createResponseState } from './response-state.ts';
import { startBatchWorker } from './run-batch.ts';
import { sweepObjects } from './sweep-objects.ts';

const by: Caller = { project: defaultProjectId, actor: 'ann', role: 'owner', key: null, person: null, team: null };
const random = { bytes: (count: number) => crypto.getRandomValues(new Uint8Array(count)) };

/** Objects behind a real socket; jobs wait until they are asked for. */
async function openWorld(maxFileBytes = 100_000) {
  const audit = fakeAuditStore();
  const world = {
    nowMs: Date.UTC(2026, 10, 21),
    calls: [] as InnerRequest[],
    answer: (_: InnerRequest): Partial<InnerAnswer> | Promise<Partial<InnerAnswer>> => ({}),
  };
  const waiting: object[] = [];
  let handler: JobHandler = async () => {};
  const jobs: JobQueue = {
    enqueue: async (_, payload) => void waiting.push(payload),
    work: async (_, given) => {
      handler = given;
    },
  };
  const stores = { files: fakeFileStore(audit), batches: fakeBatchStore(audit), blobs: fakeBlobStore() };
  const responses = fakeResponseStore();
  const clock = { now: () => BigInt(world.nowMs) * 1_000_000n };
  const door = createObjectDoor({ ...stores, jobs, clock, random, maxFileBytes });
  await startBatchWorker({
    ...{ ...stores, jobs, clock, random, partLines: 3, firstPauseMs: 0, log: { error: () => {} } },
    call: async (request) => {
      world.calls.push(request);
      const { prompt } = JSON.parse(request.body) as { prompt?: Json };
      const usual = {
        status: 200,
        requestId: 'req_1',
        body: JSON.stringify({ echo: prompt ?? null }),
        retryAfterMs: null,
      };
      return { ...usual, ...(await world.answer(request)) };
    },
  });
  const server: Server = createServer((req, res) => {
    const path = new URL(req.url ?? '/', 'http://local').pathname;
    const readBody = async () => {
      const all: Buffer[] = [];
      for await (const chunk of req) all.push(chunk as Buffer);
      return Buffer.concat(all);
    };
    door.handle(req, res, { by, path, readBody }).catch((error: unknown) => {
      const known = error instanceof WheelhouseError ? error : new WheelhouseError('internal', String(error));
      if (res.headersSent) {
        res.destroy();
        return;
      }
      res.writeHead(known.status, { 'content-type': 'application/json' }).end(JSON.stringify(known.toBody()));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    ...{ world, url, stores, responses, clock, waiting },
    client: new OpenAI({ baseURL: `${url}/v1`, apiKey: 'none', maxRetries: 0 }),
    async work(signal = new AbortController().signal) {
      for (let payload = waiting.shift(); payload; payload = waiting.shift()) await handler(payload, signal);
    },
    /** One hold of the job, as a worker that is killed has it. */
    hold: (signal: AbortSignal) => handler(waiting.shift() ?? {}, signal),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

type World = Awaited<ReturnType<typeof openWorld>>;
let open: World;
beforeEach(async () => {
  open = await openWorld();
});
afterEach(() => open.close());

const lineOf = (id: string, body: JsonObject = {}, more: JsonObject = {}) =>
  JSON.stringify({ custom_id: id, method: 'POST', url: '/v1/completions', body: { model: 'm', ...body }, ...more });

async function upload(text: string, purpose: 'batch' | 'user_data' = 'batch') {
  return open.client.files.create({ file: await toFile(Buffer.from(text), 'rows ä.jsonl'), purpose });
}
const start = async (lines: string[]) =>
  open.client.batches.create({
    input_file_id: (await upload(lines.join('\n'))).id,
    endpoint: '/v1/completions',
    completion_window: '24h',
    metadata: { team: 'a' },
  });
const rowsOf = async (id: string | null | undefined) =>
  id == null
    ? []
    : (await (await open.client.files.content(id)).text())
        .trim()
        .split('\n')
        .map(
          (line) =>
            JSON.parse(line) as { custom_id: string; response: { body: JsonObject } | null; error: JsonObject | null },
        );

describe('files', () => {
  it('come in by the OpenAI client and go out as they came', async () => {
    const content = 'ä\u0000\r\n--boundary'.repeat(999);
    const file = await upload(content, 'user_data');
    const bytes = Buffer.byteLength(content);
    expect(file).toMatchObject({ object: 'file', bytes, filename: 'rows ä.jsonl', status: 'processed' });
    expect(await (await open.client.files.content(file.id)).text()).toBe(content);
    expect(await open.client.files.retrieve(file.id)).toEqual(file);
    expect(await open.client.files.delete(file.id)).toEqual({ id: file.id, object: 'file', deleted: true });
    await expect(open.client.files.content(file.id)).rejects.toMatchObject({ status: 404 });
    expect(await open.stores.blobs.get(`default/files/${file.id}`)).toBeNull();
  });

  it('are listed page by page, by purpose, either way', async () => {
    const made = [await upload('1'), await upload('2', 'user_data'), await upload('3')].map(({ id }) => id);
    const seen: string[] = [];
    for await (const file of open.client.files.list({ limit: 1 })) seen.push(file.id);
    expect(seen).toEqual(made.toReversed());
    const page = await open.client.files.list({ purpose: 'batch', order: 'asc' });
    expect(page.data.map(({ id }) => id)).toEqual([made[0], made[2]]);
  });

  it.each([
    ['no file', (form: FormData) => form.set('purpose', 'batch'), 400, 'file'],
    ['no purpose', (form: FormData) => form.set('file', new Blob(['x'])), 400, 'purpose'],
    [
      'an unknown purpose',
      (form: FormData) => {
        form.set('purpose', 'other');
        form.set('file', new Blob(['x']));
      },
      400,
      'purpose',
    ],
    [
      'too much',
      (form: FormData) => {
        form.set('purpose', 'batch');
        form.set('file', new Blob(['x'.repeat(100_001)]));
      },
      413,
      'file',
    ],
  ])('with %s are refused by name, and nothing is kept', async (_, fill, status, param) => {
    const form = new FormData();
    fill(form);
    const answer = await fetch(`${open.url}/v1/files`, { method: 'POST', body: form });
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ error: { param } });
    expect((await open.client.files.list()).data).toEqual([]);
  });

  it('that are no multipart, or break off, are refused', async () => {
    const post = (body: string, type: string) =>
      fetch(`${open.url}/v1/files`, { method: 'POST', body, headers: { 'content-type': type } });
    expect((await post('{}', 'application/json')).status).toBe(415);
    expect((await post('x', 'multipart/form-data')).status).toBe(415);
    expect((await post('--b\r\nbroken', 'multipart/form-data; boundary=b')).status).toBe(400);
  });

  it('go when their time is over', async () => {
    const form = new FormData();
    form.set('purpose', 'user_data');
    form.set('expires_after[anchor]', 'created_at');
    form.set('expires_after[seconds]', '3600');
    form.set('file', new Blob(['x']), 'x');
    const { id } = (await (await fetch(`${open.url}/v1/files`, { method: 'POST', body: form })).json()) as {
      id: string;
    };
    open.world.nowMs += 3_600_000;
    await expect(open.client.files.retrieve(id)).rejects.toMatchObject({ status: 404 });
    await sweepObjects({ ...open.stores, responses: open.responses, clock: open.clock });
    expect(await open.stores.blobs.get(`default/files/${id}`)).toBeNull();
  });
});

describe('batches', () => {
  it('call every line, and give what was answered by its id', async () => {
    open.world.answer = ({ body }) => (body.includes('bad') ? { status: 400, body: '{"error":{"code":"no"}}' } : {});
    const ids = Array.from({ length: 8 }, (_, i) => `id ${i}`);
    const batch = await start(ids.map((id, i) => lineOf(id, { prompt: i === 4 ? 'bad' : id })));
    expect(batch).toMatchObject({ object: 'batch', status: 'validating', metadata: { team: 'a' }, errors: null });
    await open.work();
    const done = await open.client.batches.retrieve(batch.id);
    expect(done).toMatchObject({ status: 'completed', request_counts: { total: 8, completed: 7, failed: 1 } });
    const [rows, errors] = [await rowsOf(done.output_file_id), await rowsOf(done.error_file_id)];
    expect(rows.map((row) => [row.custom_id, row.response?.body.echo])).toEqual(
      ids.filter((_, i) => i !== 4).map((id) => [id, id]),
    );
    expect(errors).toMatchObject([
      { custom_id: 'id 4', response: { status_code: 400, body: { error: { code: 'no' } } } },
    ]);
    expect(open.world.calls[0]).toMatchObject({ by, path: '/v1/completions' });
    expect((await open.client.batches.list()).data.map(({ id }) => id)).toEqual([batch.id]);
    expect(await open.stores.blobs.get(`${by.project}/batches/${batch.id}/0.output`)).toBeNull();
  });

  it('say what is wrong with the input before anything is called', async () => {
    const batch = await start([
      lineOf('a'),
      'no json',
      lineOf('a'),
      lineOf('b', {}, { url: '/v1/embeddings' }),
      lineOf('c', { stream: true }),
    ]);
    await open.work();
    const { status, errors } = await open.client.batches.retrieve(batch.id);
    expect(status).toBe('failed');
    expect(errors?.data?.map(({ code, line }) => [code, line])).toEqual([
      ['invalid_json_line', 2],
      ['duplicate_custom_id', 3],
      ['mismatched_url', 4],
      ['invalid_request', 5],
    ]);
    expect(open.world.calls).toEqual([]);
    await expect(
      open.client.batches.create({ input_file_id: 'file_none', endpoint: '/v1/completions', completion_window: '24h' }),
    ).rejects.toMatchObject({ status: 400, param: 'input_file_id' });
  });

  it('ask again where a limit refused', async () => {
    let refused = 0;
    open.world.answer = () => (refused++ < 2 ? { status: 429, retryAfterMs: 0, body: '{}' } : {});
    const { id } = await start([lineOf('a', { prompt: 'x' })]);
    await open.work();
    expect(await open.client.batches.retrieve(id)).toMatchObject({ request_counts: { completed: 1, failed: 0 } });
    expect(open.world.calls).toHaveLength(3);
  });

  it('stop when they are cancelled, and keep what was answered', async () => {
    const { id } = await start(Array.from({ length: 9 }, (_, i) => lineOf(String(i))));
    open.world.answer = async () => {
      if (open.world.calls.length === 4) await open.client.batches.cancel(id);
      return {};
    };
    await open.work();
    const done = await open.client.batches.retrieve(id);
    expect(done).toMatchObject({ status: 'cancelled', request_counts: { total: 9, completed: 6 } });
    expect(await rowsOf(done.output_file_id)).toHaveLength(6);
  });

  it('end when their time is over; what was not called says so', async () => {
    const { id } = await start(Array.from({ length: 5 }, (_, i) => lineOf(String(i))));
    open.world.answer = () => {
      if (open.world.calls.length === 3) open.world.nowMs += 24 * 3_600_000;
      return {};
    };
    await open.work();
    const done = await open.client.batches.retrieve(id);
    expect(done).toMatchObject({ status: 'expired', request_counts: { completed: 3, failed: 2 } });
    expect((await rowsOf(done.error_file_id)).map(({ error }) => error?.code)).toEqual([
      'batch_expired',
      'batch_expired',
    ]);
  });

  it('answer every line once in their files, wherever they are killed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 14 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 4 }),
        async (lines, kills) => {
          await open.close();
          open = await openWorld();
          const ids = Array.from({ length: lines }, (_, i) => `${i}`);
          const { id } = await start(ids.map((line) => lineOf(line)));
          for (const after of kills) {
            const stop = new AbortController();
            const before = open.world.calls.length;
            const job = open.waiting[0];
            if (!job) break;
            open.world.answer = () => {
              if (open.world.calls.length - before === after) stop.abort(new Error('killed'));
              return {};
            };
            await open.hold(stop.signal).catch(() => open.waiting.push(job));
          }
          open.world.answer = () => ({});
          await open.work();
          const done = await open.client.batches.retrieve(id);
          expect(done.request_counts).toEqual({ total: lines, completed: lines, failed: 0 });
          expect((await rowsOf(done.output_file_id)).map((row) => row.custom_id)).toEqual(ids);
          // What was under way at a kill is called again: no more than one part of three lines each time.
          expect(open.world.calls.length).toBeLessThanOrEqual(lines + 3 * kills.length);
        },
      ),
      { numRuns: 20 },
    );
  });
});

describe('lines', () => {
  it('are the same however the bytes are cut', async () => {
    const line = fc.string({ unit: 'grapheme' }).map((text) => text.replace(/[\r\n]/g, ''));
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { minLength: 1 }),
        fc.integer({ min: 1, max: 7 }),
        fc.constantFrom('\n', '\r\n'),
        async (lines, size, end) => {
          const bytes = Buffer.from(lines.map((text) => text + end).join(''));
          async function* cut() {
            for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
          }
          const seen: string[] = [];
          for await (const text of readLines(cut())) seen.push(text);
          expect(seen).toEqual(lines);
        },
      ),
    );
  });
});

describe('stored responses', () => {
  const response = (id: string) => ({ id, body: { id }, input: [], previousId: null, createdAtMs: 1, expiresAtMs: 2 });

  it('can be read at once, are stored a moment later, and wait while the store is away', async () => {
    const store = fakeResponseStore();
    let isAway = true;
    const put: typeof store.put = (records) => (isAway ? Promise.reject(new Error('away')) : store.put(records));
    const jobs = { enqueue: async () => {} };
    const state = createResponseState({ store: { ...store, put }, jobs, log: { warn: () => {} }, gatherMs: 0 });
    state.keep(by.project, response('a'));
    state.keep(by.project, response('b'));
    expect(await state.read(by.project, 'a')).toEqual(response('a'));
    expect(await state.remove(by.project, 'b')).toBe(true);
    await state.close();
    expect(await store.get(by.project, 'a')).toBeNull();
    isAway = false;
    await state.close();
    expect(await store.get(by.project, 'a')).toEqual(response('a'));
    expect(await state.read(by.project, 'b')).toBeNull();
  });
});
