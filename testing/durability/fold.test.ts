import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFolder, startWheelhouse, type Wheelhouse } from '../e2e/start-wheelhouse.ts';
import { attribute, exportSpans, type WireSpan } from './export-span.ts';
import { startVendor, type Vendor } from './vendor.ts';

const beyond = 9_007_199_254_740_993n;
const hex = (bytes: number) => randomBytes(bytes).toString('hex');
const startNs = 1_795_225_214_123_456_789n;
const briefly = { startTimeUnixNano: String(startNs), endTimeUnixNano: String(startNs + 9n) };

/** Fields of a protobuf message, by hand: a message or bytes, a varint, a fixed64. */
const message = (field: number, ...parts: Uint8Array[]): Buffer => {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([(field << 3) | 2, content.length]), content]);
};
const varint = (field: number, value: bigint): Buffer => {
  const bytes = [field << 3];
  for (let rest = value; rest > 0n; rest >>= 7n) bytes.push(Number(rest & 127n) | (rest > 127n ? 128 : 0));
  return Buffer.from(bytes);
};
const fixed64 = (field: number, value: bigint): Buffer => {
  const bytes = Buffer.alloc(9, (field << 3) | 1);
  bytes.writeBigUInt64LE(value, 1);
  return bytes;
};

/** An application's own report of a call that went through the gateway. */
const reportedCall = (
  ids: { traceId: string; spanId: string; parentSpanId?: string },
  responseId: string,
): WireSpan => ({
  ...ids,
  name: 'chat gpt-4o-mini',
  startTimeUnixNano: String(startNs),
  endTimeUnixNano: String(startNs + 1_000_000_001n),
  attributes: [
    attribute('gen_ai.operation.name', 'chat'),
    attribute('gen_ai.provider.name', 'openai'),
    attribute('gen_ai.request.model', 'gpt-4o-mini'),
    attribute('gen_ai.response.id', responseId),
    attribute('gen_ai.usage.input_tokens', 11n),
    attribute('gen_ai.usage.output_tokens', 3n),
  ],
});

describe('what is stored of what comes, over the whole API', () => {
  let folder: Awaited<ReturnType<typeof makeFolder>>;
  let vendor: Vendor;
  let house: Wheelhouse;

  beforeAll(async () => {
    vendor = await startVendor(0);
    folder = await makeFolder({ providers: { openai: { baseUrl: vendor.baseUrl('fold') } } });
    house = await startWheelhouse({ folder: folder.path });
  });
  afterAll(async () => {
    await house?.stop();
    await vendor?.close();
    await folder?.remove();
  });

  const send = async (...spans: WireSpan[]) => expect((await exportSpans(house.url, spans)).status).toBe(200);
  const traceOf = (traceId: string) => house.client.call('getTrace', { params: { traceId } });
  const spanOf = (traceId: string, spanId: string) => house.client.call('getSpan', { params: { traceId, spanId } });

  /** A call through the gateway in a trace of the caller's; resolves with the vendor's response id once it is stored. */
  async function chat(body: string, traceparent?: string) {
    const response = await fetch(`${house.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(traceparent ? { traceparent } : {}) },
      body,
    });
    expect(response.status).toBe(200);
    const { id } = (await response.json()) as { id: string };
    const traceId = response.headers.get('x-wheelhouse-trace-id') ?? '';
    const gateway = async () => {
      const { spans } = await traceOf(traceId).catch(() => ({ spans: [] }));
      return spans.find(({ name }) => name.startsWith('chat openai/'))?.spanId;
    };
    await expect.poll(gateway).toBeDefined();
    return { responseId: id, traceId, spanId: (await gateway()) ?? '' };
  }
  const simpleChat = '{"model":"openai/gpt-4o-mini","messages":[{"role":"user","content":"hello"}]}';

  it('folds a trace whose children come first, whose root is unfinished at first, and whose spans come twice', async () => {
    const [traceId, root, child] = [hex(16), hex(8), hex(8)];
    const call = reportedCall({ traceId, spanId: child, parentSpanId: root }, 'r1');
    const begun = { traceId, spanId: root, name: 'agent run', startTimeUnixNano: String(startNs - 5n) };
    await send(call);
    expect((await traceOf(traceId)).trace).toMatchObject({ name: 'chat gpt-4o-mini', spanCount: 1, inputTokens: 11 });
    await send(begun, call);
    expect((await traceOf(traceId)).trace).toMatchObject({ name: 'agent run', spanCount: 2, endNs: null });
    const ended = { ...begun, endTimeUnixNano: String(startNs + 2_000_000_003n) };
    await send(ended);
    await send(begun);
    await send(ended, call, begun);
    const { trace, spans } = await traceOf(traceId);
    expect(trace).toMatchObject({
      name: 'agent run',
      spanCount: 2,
      startNs: String(startNs - 5n),
      endNs: String(startNs + 2_000_000_003n),
      inputTokens: 11,
      outputTokens: 3,
      // gpt-4o-mini: $0.15 and $0.60 per million tokens.
      costNanoUsd: '3450',
      unpricedCalls: 0,
    });
    expect(spans.map(({ spanId }) => spanId)).toEqual([root, child]);
  });

  it.each([
    ['as the parent of the gateway’s span, reported later', 'parent', 'after'],
    ['as the parent of the gateway’s span, reported before', 'parent', 'before'],
    ['beside it, joined by the response id alone', 'sibling', 'after'],
  ])('counts a call that gateway and application report once: %s', async (_, place, order) => {
    const [traceId, root, own] = [hex(16), hex(8), hex(8)];
    const caller = place === 'parent' ? own : root;
    const ids = { traceId, spanId: own, parentSpanId: root };
    const rootSpan = { traceId, spanId: root, name: 'request', ...briefly };
    // An application that reports before it has an answer knows no response id yet.
    if (order === 'before') await send(rootSpan, { ...reportedCall(ids, ''), attributes: [] });
    const { responseId } = await chat(simpleChat, `00-${traceId}-${caller}-01`);
    await send(rootSpan, reportedCall(ids, responseId));
    const { trace, spans } = await traceOf(traceId);
    expect(spans).toHaveLength(3);
    expect(spans.filter(({ usage }) => usage !== null)).toHaveLength(2);
    expect(trace).toMatchObject({ inputTokens: 11, outputTokens: 3, costNanoUsd: '3450', unpricedCalls: 0 });
  });

  it('keeps an integer attribute beyond 2^53 as its decimal text, from JSON and from protobuf', async () => {
    const json = { traceId: hex(16), spanId: hex(8), name: 's', ...briefly };
    await send({ ...json, attributes: [attribute('order', beyond), attribute('small', 5n)] });
    expect((await spanOf(json.traceId, json.spanId)).attributes).toMatchObject({ order: String(beyond), small: 5 });

    const unquoted = { ...json, traceId: hex(16) };
    const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [unquoted] }] }] }).replace(
      '"name":"s"',
      `"name":"s","attributes":[{"key":"order","value":{"intValue":${beyond}}}]`,
    );
    const headers = { 'content-type': 'application/json' };
    expect((await fetch(`${house.url}/v1/traces`, { method: 'POST', headers, body })).status).toBe(200);
    expect((await spanOf(unquoted.traceId, json.spanId)).attributes).toMatchObject({ order: String(beyond) });

    const [traceId, spanId] = [randomBytes(16), randomBytes(8)];
    const attributes = message(9, message(1, Buffer.from('order')), message(2, varint(3, beyond)));
    const times = Buffer.concat([fixed64(7, startNs), fixed64(8, startNs + 1n)]);
    const span = message(2, message(1, traceId), message(2, spanId), times, attributes);
    const bytes = message(1, message(2, span));
    const sent = await fetch(`${house.url}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf' },
      body: new Uint8Array(bytes),
    });
    expect(sent.status).toBe(200);
    expect(await spanOf(traceId.toString('hex'), spanId.toString('hex'))).toMatchObject({
      attributes: { order: String(beyond) },
      startNs: String(startNs),
      endNs: String(startNs + 1n),
    });
  });

  it('sends a seed beyond 2^53 to the vendor as it came, and shows it as its decimal text', async () => {
    const tool = `{"id":"t","type":"function","function":{"name":"f","arguments":"{\\"order\\": ${beyond}}"}}`;
    const messages = `[{"role":"assistant","tool_calls":[${tool}]},{"role":"user","content":"big"}]`;
    const { traceId, spanId } = await chat(`{"model":"openai/gpt-4o-mini","seed":${beyond},"messages":${messages}}`);
    expect(vendor.calls.at(-1)?.text).toContain(`"seed":${beyond},`);
    const span = await spanOf(traceId, spanId);
    expect(span.params).toMatchObject({ seed: String(beyond) });
    const call = { type: 'tool_call', id: 't', name: 'f', arguments: { order: String(beyond) } };
    expect(span.input).toMatchObject({ messages: [{ parts: [call] }, {}] });
  });

  it('keeps token counts up to 2^53 and costs beyond it exact', async () => {
    const [traceId, spanId] = [hex(16), hex(8)];
    const call = reportedCall({ traceId, spanId }, 'r2');
    const tokens = 9_007_199_254_740_991n;
    const counts = [attribute('gen_ai.usage.input_tokens', tokens), attribute('gen_ai.usage.output_tokens', 0n)];
    await send({ ...call, attributes: [...(call.attributes ?? []).slice(0, 4), ...counts] });
    const { trace } = await traceOf(traceId);
    expect(trace.inputTokens).toBe(Number(tokens));
    // 150 nano-dollars a token.
    expect(trace.costNanoUsd).toBe(String(tokens * 150n));
  });

  it('keeps integers beyond 2^53 of a dataset as their decimal text', async () => {
    await house.client.call('createDataset', { body: { name: 'large' } });
    const body = `{"examples":[{"input":{"order":${beyond}},"expected":"yes"}]}`;
    const added = await fetch(`${house.url}/api/v1/datasets/large/examples`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect(added.status).toBe(201);
    const { data } = await house.client.call('listExamples', { params: { name: 'large' } });
    expect(data[0]?.input).toEqual({ order: String(beyond) });
  });
});
