import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import { LangfuseSpanProcessor } from '@langfuse/otel';
import { setLangfuseTracerProvider, startObservation } from '@langfuse/tracing';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { Langfuse, LangfuseMedia } from 'langfuse';
import { Client, uuid7 } from 'langsmith';
import { traceable } from 'langsmith/traceable';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectGoodNow, visit } from './look-at-page.ts';
import { type Opened, openHouse } from './open-house.ts';
import type { Wheelhouse } from './start-wheelhouse.ts';

const adminKey = 'sk-lf-a-key-of-enough-characters';
const mostBytes = 100_000;

/** A picture of one's own: a slope of colours, which is large enough to be taken out of a text. */
function picture(seed: number): Buffer {
  const [width, height] = [160, 90];
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const [size, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    size.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([size, body, sum]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2], 8);
  const rows = Array.from({ length: height }, (_, y) =>
    Buffer.from([
      0,
      ...Array.from({ length: width * 3 }, (_, x) => (x * (seed + (x % 3)) + y * 2 + ((x * y) % 7)) & 255),
    ]),
  );
  const data = deflateSync(Buffer.concat(rows));
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))]);
}

const dataUrl = (bytes: Buffer, type = 'image/png') => `data:${type};base64,${bytes.toString('base64')}`;
const sha256 = (bytes: Buffer | string) => createHash('sha256').update(bytes);
const auth = { authorization: `Bearer ${adminKey}` };

describe('what comes with traces', () => {
  let opened: Opened;
  let house: Wheelhouse;
  let browser: Browser;

  beforeAll(async () => {
    opened = await openHouse({
      config: { limits: { attachmentBytes: mostBytes } },
      env: { WHEELHOUSE_ADMIN_KEY: adminKey },
    });
    ({ house, browser } = opened);
    await house.client.call('createProject', { body: { id: 'research', name: 'Research' } });
  });
  afterAll(() => opened?.close());

  const attachmentsOf = async (traceId: string) =>
    (await house.client.call('listAttachments', { params: { traceId } })).data;
  const get = (path: string, headers: Record<string, string> = auth) => fetch(`${house.url}${path}`, { headers });
  const bytesAt = async (path: string) => Buffer.from(await (await get(path)).arrayBuffer());
  const ask = async (method: string, path: string, body: unknown, headers: Record<string, string> = auth) => {
    const answer = await fetch(`${house.url}${path}`, {
      method,
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, string> };
  };
  const announce = (bytes: Buffer, more: object = {}, headers = auth) =>
    ask(
      'POST',
      '/api/public/media',
      {
        ...{ traceId: 'a'.repeat(32), contentType: 'image/png', contentLength: bytes.length, field: 'input' },
        sha256Hash: sha256(bytes).digest('base64'),
        ...more,
      },
      headers,
    );
  const rejected = async (source: string) => {
    const { sources } = await house.client.call('getLedger', {});
    const found = sources.find((one) => one.source === source);
    return Object.fromEntries((found?.rejections ?? []).map(({ reason, spans }) => [reason, spans]));
  };
  const blobs = () => readdir(join(house.folder, '.wheelhouse', 'blobs', 'default', 'attachments')).catch(() => []);
  const traces: Record<string, string> = {};

  it('langfuse 5: a picture in a message is sent once, named in its place, and served', async () => {
    const processor = new LangfuseSpanProcessor({
      ...{ baseUrl: house.url, publicKey: 'pk-lf-any', secretKey: adminKey, exportMode: 'immediate' },
    });
    const provider = new NodeTracerProvider({ spanProcessors: [processor] });
    setLangfuseTracerProvider(provider);
    const see = () => {
      const url = dataUrl(picture(3));
      const content = [
        { type: 'text', text: 'What is in this picture?' },
        { type: 'image_url', image_url: { url } },
      ];
      const input = [{ role: 'user', content }];
      const span = startObservation('see', { model: 'gpt-4o-mini', input }, { asType: 'generation' });
      span.update({ output: { role: 'assistant', content: 'A slope of colours.' } }).end();
      return span;
    };
    const first = see();
    await provider.forceFlush();
    const second = see();
    await provider.forceFlush();
    await provider.shutdown();
    setLangfuseTracerProvider(null);

    const [kept, again] = [await attachmentsOf(first.traceId), await attachmentsOf(second.traceId)];
    expect(kept).toMatchObject([
      { spanId: first.id, name: 'input', type: 'image/png', sha256: sha256(picture(3)).digest('hex') },
    ]);
    expect(again).toMatchObject([{ id: kept[0]?.id, spanId: second.id }]);
    expect(await blobs()).toHaveLength(1);
    const span = await house.client.call('getSpan', { params: { traceId: first.traceId, spanId: first.id } });
    expect(JSON.stringify(span.input)).toContain(
      `@@@langfuseMedia:type=image/png|id=${kept[0]?.id}|source=base64_data_uri@@@`,
    );
    expect(await bytesAt(kept[0]?.url ?? '')).toEqual(picture(3));
    Object.assign(traces, { seen: first.traceId, seenAgain: second.traceId });
  });

  it('langfuse 3: its media go in, and come back as they were', async () => {
    const langfuse = new Langfuse({ baseUrl: house.url, publicKey: 'pk-lf-any', secretKey: adminKey });
    const media = new LangfuseMedia({ contentBytes: picture(5), contentType: 'image/png' });
    const trace = langfuse.trace({ name: 'paint', input: { media } });
    trace.generation({ name: 'draw', model: 'gpt-4o-mini', output: { picture: dataUrl(picture(7)) } }).end();
    await langfuse.shutdownAsync();
    const traceId = trace.id.replaceAll('-', '');
    await expect
      .poll(async () => (await attachmentsOf(traceId)).map(({ name }) => name).sort())
      .toEqual(['input', 'output']);
    const { data } = await langfuse.fetchTrace(trace.id);
    const resolved = await langfuse.resolveMediaReferences({ obj: data.input, resolveWith: 'base64DataUri' });
    expect(resolved).toEqual({ media: dataUrl(picture(5)) });
  });

  it('langsmith: files of a run are kept with it', async () => {
    const client = new Client({ apiUrl: `${house.url}/langsmith`, apiKey: adminKey });
    const id = uuid7();
    const report = traceable(async (question: string, _file: Uint8Array) => `read: ${question}`, {
      ...{ name: 'read report', id, client, tracingEnabled: true },
      extractAttachments: (question, file) => [
        {
          report: { mimeType: 'application/pdf', data: new Uint8Array(file) },
          chart: { mimeType: 'image/png', data: new Uint8Array(picture(11)) },
        },
        { question },
      ],
    });
    await report('What does it say?', Buffer.from('%PDF-1.7 not really'));
    await client.awaitPendingTraceBatches();
    const traceId = id.replaceAll('-', '');
    const kinds = async () => (await attachmentsOf(traceId)).map(({ name, type }) => [name, type]).sort();
    await expect.poll(kinds).toEqual([
      ['chart', 'image/png'],
      ['report', 'application/pdf'],
    ]);
    const files = await attachmentsOf(traceId);
    const { spans } = await house.client.call('getTrace', { params: { traceId } });
    const span = await house.client.call('getSpan', { params: { traceId, spanId: spans[0]?.spanId ?? '' } });
    const told = span.attributes['langsmith.attachments'] as { id: string }[];
    expect(told.map((file) => file.id).sort()).toEqual(files.map((file) => file.id).sort());
    expect(files.every(({ spanId }) => spanId === span.spanId)).toBe(true);
    traces.report = traceId;
  });

  it('base64 of any other client is read from its place in the span', async () => {
    const traceId = '5'.repeat(32);
    const message = {
      role: 'user',
      parts: [{ type: 'blob', mime_type: 'image/png', content: picture(13).toString('base64') }],
    };
    const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } });
    const span = {
      ...{ traceId, spanId: '6'.repeat(16), name: 'chat', kind: 3 },
      ...{ startTimeUnixNano: '1700000000000000000', endTimeUnixNano: '1700000001000000000' },
      attributes: [
        attribute('gen_ai.operation.name', 'chat'),
        attribute('gen_ai.input.messages', JSON.stringify([message])),
      ],
    };
    await ask('POST', '/v1/traces', { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });
    const params = { traceId, spanId: span.spanId };
    const capped = await house.client.call('getSpan', { params, query: { cap: 10_000 } });
    const address = /\/api\/v1\/attachments\/[^"]+/.exec(JSON.stringify(capped.input))?.[0] ?? '';
    expect(await bytesAt(address)).toEqual(picture(13));
    expect(JSON.stringify((await house.client.call('getSpan', { params })).input)).toContain(
      picture(13).toString('base64'),
    );
    expect((await get(address.replace('parts', 'part'))).status).toBe(404);
    expect((await get(address, { ...auth, 'x-wheelhouse-project': 'research' })).status).toBe(404);
    traces.inline = traceId;
  });

  describe('from strangers', () => {
    const html = Buffer.from('<script>alert(document.cookie)</script>');
    const upload = (url: string, bytes: Buffer) => fetch(url, { method: 'PUT', body: new Uint8Array(bytes) });

    it.each([
      ['image/png', 'image/png', 'inline'],
      ['text/html', 'application/octet-stream', 'attachment'],
      ['image/svg+xml', 'application/octet-stream', 'attachment'],
      ['application/pdf', 'application/octet-stream', 'attachment'],
      ['text/html\r\nset-cookie: a=b', 'application/octet-stream', 'attachment'],
    ])('HTML that calls itself %s is never a page', async (contentType, served, disposition) => {
      const bytes = Buffer.concat([html, Buffer.from(contentType)]);
      const { body } = await announce(bytes, { contentType });
      expect((await upload(body.uploadUrl ?? '', bytes)).status).toBe(200);
      const answer = await get(`/api/v1/attachments/${body.mediaId}`);
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        'content-type': served,
        'content-disposition': disposition,
        'x-content-type-options': 'nosniff',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
        'cross-origin-resource-policy': 'same-origin',
      });
      expect(answer.headers.get('set-cookie')).toBeNull();
      const head = await fetch(answer.url, { method: 'HEAD', headers: auth });
      expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([
        200,
        `${bytes.length}`,
        '',
      ]);
    });

    it('bytes that are not the announced ones are refused, and counted', async () => {
      const before = await rejected('langfuse attachments');
      const bytes = Buffer.from('the announced ones');
      const { body } = await announce(bytes);
      const other = await upload(body.uploadUrl ?? '', Buffer.from('another content.'));
      const more = await upload(body.uploadUrl ?? '', Buffer.alloc(5_000_000));
      expect([other.status, more.status]).toEqual([400, 400]);
      expect((await get(`/api/v1/attachments/${body.mediaId}`)).status).toBe(404);
      expect((await upload(body.uploadUrl ?? '', bytes)).status).toBe(200);
      expect((await rejected('langfuse attachments'))['not as announced']).toBe((before['not as announced'] ?? 0) + 2);
    });

    it('what is too large is refused before it is sent, and counted; a run whose file is refused is kept', async () => {
      expect(await announce(Buffer.from('huge'), { contentLength: 100 * 1024 * 1024 })).toMatchObject({ status: 413 });
      expect(await rejected('langfuse attachments')).toMatchObject({ 'too large': 1 });
      const id = uuid7();
      const form = new FormData();
      const time = new Date().toISOString();
      const run = { id, trace_id: id, name: 'large', run_type: 'chain', start_time: time, end_time: time };
      form.append(`post.${id}`, new Blob([JSON.stringify(run)], { type: 'application/json' }));
      form.append(`attachment.${id}.film`, new Blob([new Uint8Array(mostBytes + 1)], { type: 'video/mp4' }));
      form.append(`attachment.${id}.../../../secret.key`, new Blob(['mine'], { type: 'text/plain' }));
      const answer = await fetch(`${house.url}/langsmith/runs/multipart`, {
        method: 'POST',
        headers: auth,
        body: form,
      });
      expect(answer.status).toBe(202);
      expect(await rejected('langsmith attachments')).toEqual({ 'too large': 1 });
      const [file, ...others] = await attachmentsOf(id.replaceAll('-', ''));
      expect([file?.name, others]).toEqual(['../../../secret.key', []]);
      expect(await bytesAt(file?.url ?? '')).toEqual(Buffer.from('mine'));
    });

    it('nobody reads or writes without the right to', async () => {
      const bytes = Buffer.from('private');
      const { body } = await announce(bytes);
      const { uploadUrl = '', mediaId } = body;
      const path = `/api/v1/attachments/${mediaId}`;
      expect((await fetch(uploadUrl)).status).toBe(404);
      expect((await upload(`${uploadUrl.slice(0, -1)}_`, bytes)).status).toBe(404);
      expect((await upload(uploadUrl, bytes)).status).toBe(200);
      const key = await house.client.call('createKey', { body: { name: 'calls', role: null } });
      expect((await get(path, {})).status).toBe(401);
      expect((await get(path, { authorization: `Bearer ${key.secret}` })).status).toBe(403);
      expect((await get(path, { ...auth, 'x-wheelhouse-project': 'research' })).status).toBe(404);
      expect((await ask('POST', '/api/public/media', {}, {})).status).toBe(401);
      const ours = await announce(bytes);
      const theirs = await announce(bytes, {}, { ...auth, 'x-wheelhouse-project': 'research' } as typeof auth);
      expect([ours.body.uploadUrl, theirs.body.uploadUrl]).toEqual([null, expect.stringContaining('/tickets/')]);
      for (const odd of ['..%2F..%2Fsecret.key', `${mediaId}/../../x`, 'tickets/', 'tickets/x', `${'a'.repeat(32)}/x`])
        expect((await get(`/api/v1/attachments/${odd}`)).status).toBe(404);
      const shown = await get(`/api/public/media/${mediaId}`);
      const { url } = (await shown.json()) as { url: string };
      expect(await (await fetch(url)).text()).toBe('private');
      expect((await upload(url, bytes)).status).toBe(404);
    });
  });

  it('are cards in the conversation, in light and dark and on a small screen', async () => {
    const looks = [
      { name: 'attachments-message', trace: traces.seen, settled: 'What is in this picture?' },
      { name: 'attachments-inline', trace: traces.inline, settled: 'image/png' },
      { name: 'attachments-run', trace: traces.report, settled: 'application/pdf' },
    ];
    for (const { name, trace, settled } of looks) {
      const { page, problems, close } = await visit(browser, `${house.url}/traces/${trace}?view=conversation`, {
        viewport: { width: 1280, height: 800 },
        extraHTTPHeaders: auth,
      });
      await page.getByText(settled).filter({ visible: true }).first().waitFor();
      const widths = () =>
        page
          .locator('figure img')
          .evaluateAll((images) => images.map((image) => (image as HTMLImageElement).naturalWidth));
      await expect.poll(widths).toEqual([160]);
      expect(await page.evaluate(() => document.body.textContent)).not.toMatch(/langfuseMedia|[A-Za-z0-9+/]{200}/);
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
      await expectGoodNow(page, name);
      expect(problems).toEqual([]);
      await close();
    }
  }, 120_000);

  it('go with their trace, but not what another has', async () => {
    const ended = async (traceId = '') => {
      const { id } = await house.client.call('deleteTrace', { params: { traceId } });
      const status = async () => (await house.client.call('getDeletion', { params: { deletionId: id } })).status;
      await expect.poll(status).toBe('completed');
    };
    const [kept] = await attachmentsOf(traces.seen ?? '');
    const before = (await blobs()).length;
    await ended(traces.seen);
    expect(await attachmentsOf(traces.seen ?? '')).toEqual([]);
    expect((await get(kept?.url ?? '')).status).toBe(200);
    await ended(traces.seenAgain);
    expect((await get(kept?.url ?? '')).status).toBe(404);
    expect((await blobs()).length).toBe(before - 1);
    await ended(traces.report);
    expect((await blobs()).length).toBe(before - 3);
  });
});
