import { context, type Tracer as OtelTracer, ROOT_CONTEXT, SpanStatusCode, trace } from '@opentelemetry/api';
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import type { Span } from '@wheelhouse/core/records';
import { startCollector, startOpenAi } from '@wheelhouse/testing/vendors';
import fc from 'fast-check';
import OpenAI from 'openai';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTracing, type Tracing } from './index.ts';
import { jsonText } from './json-text.ts';

const later = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('tracing', () => {
  let collector: Awaited<ReturnType<typeof startCollector>>;
  let tracing: Tracing;
  beforeEach(async () => {
    collector = await startCollector();
    tracing = startTracing({ url: collector.url, service: 'shop', environment: 'test', release: '1.2' });
  });
  afterEach(async () => {
    await tracing.shutdown();
    await collector.close();
  });
  async function spans(): Promise<Span[]> {
    await tracing.flush();
    return collector.spans();
  }
  /** Names under the names of their parents, as `parent > child`. */
  async function paths(): Promise<string[]> {
    const all = await spans();
    const pathOf = (span: Span): string => {
      const parent = all.find(({ spanId }) => spanId === span.parentSpanId);
      return parent ? `${pathOf(parent)} > ${span.name}` : span.name;
    };
    return all.map(pathOf).sort();
  }

  it('makes a function a span with what went in and came out, and leaves the function as it is', async () => {
    const answer = tracing.traced(async function answer(question: string, options: { short: boolean }) {
      await later();
      return `${question} ${options.short}`;
    });
    expect(await answer('Why?', { short: true })).toBe('Why? true');
    expect(await spans()).toMatchObject([
      {
        name: 'answer',
        kind: 'span',
        parentSpanId: null,
        status: 'unset',
        input: { type: 'json', value: ['Why?', { short: true }] },
        output: { type: 'json', value: 'Why? true' },
        service: 'shop',
        environment: 'test',
        release: '1.2',
      },
    ]);
  });

  it('nests through async code, side by side, whatever the functions wait for', async () => {
    const leaf = tracing.traced('leaf', later);
    const branch = (name: string) =>
      tracing.span(name, async () => {
        await later();
        await Promise.all([leaf(), leaf()]);
      });
    await tracing.span('root', () => Promise.all([branch('left'), branch('right')]));
    expect(await paths()).toEqual([
      'root',
      'root > left',
      'root > left > leaf',
      'root > left > leaf',
      'root > right',
      'root > right > leaf',
      'root > right > leaf',
    ]);
    expect(new Set((await spans()).map(({ traceId }) => traceId)).size).toBe(1);
  });

  it('keeps this, and gives sync results, errors, generators and promises of other classes on unchanged', async () => {
    const counter = {
      n: 1,
      next: tracing.traced('next', function (this: { n: number }) {
        return ++this.n;
      }),
    };
    expect(counter.next()).toBe(2);
    const boom = new Error('boom');
    const fail = tracing.traced('fail', () => {
      throw boom;
    });
    expect(fail).toThrow(boom);
    const reject = tracing.traced('reject', async () => {
      throw boom;
    });
    await expect(reject()).rejects.toBe(boom);
    class OwnPromise<T> extends Promise<T> {}
    const own = OwnPromise.resolve(3);
    expect(tracing.traced('own', () => own)()).toBe(own);
    await expect(tracing.traced('own fails', () => OwnPromise.reject(boom))()).rejects.toBe(boom);
    const count = tracing.traced('count', async function* () {
      yield await tracing.span('inside', async () => 'a');
      yield 'b';
    });
    const seen: string[] = [];
    for await (const text of count()) seen.push(text);
    expect(seen).toEqual(['a', 'b']);
    const all = new Map((await spans()).map((span) => [span.name, span]));
    expect(all.get('next')?.output).toEqual({ type: 'json', value: 2 });
    expect(all.get('fail')).toMatchObject({ status: 'error', statusMessage: 'boom' });
    expect(all.get('reject')).toMatchObject({ status: 'error', statusMessage: 'boom' });
    expect(all.get('own')?.output).toEqual({ type: 'json', value: 3 });
    expect(all.get('count')?.output).toEqual({ type: 'json', value: 'ab' });
    expect(all.get('inside')?.parentSpanId).toBe(all.get('count')?.spanId);
  });

  it('ends the span of a generator that is left early, with what it gave', async () => {
    const count = tracing.traced('count', async function* () {
      for (let n = 0; ; n++) yield n;
    });
    for await (const n of count()) if (n === 2) break;
    expect(await spans()).toMatchObject([
      { output: { type: 'json', value: [0, 1, 2] }, attributes: { 'wheelhouse.stopped': true }, status: 'unset' },
    ]);
  });

  it('lets a rejection that nobody handles stay one', async () => {
    const unhandled = new Promise<unknown>((resolve) => process.once('unhandledRejection', resolve));
    const others = process.listeners('unhandledRejection').slice(0, -1);
    for (const one of others) process.off('unhandledRejection', one);
    void tracing.traced('reject', async () => {
      throw new Error('nobody cares');
    })();
    expect(await unhandled).toMatchObject({ message: 'nobody cares' });
    for (const one of others) process.on('unhandledRejection', one);
  });

  it('says of agents, tools, chains and retrievers what they are', async () => {
    await tracing.span({ name: 'helper', kind: 'agent' }, async () => {
      tracing.traced(
        { name: 'weather', kind: 'tool' },
        ({ city }: { city: string }) => `sunny in ${city}`,
      )({ city: 'Paris' });
      tracing.traced({ name: 'plan', kind: 'chain' }, () => 'done')();
      tracing.traced({ name: 'search', kind: 'retriever' }, (_: string) => [
        { id: 'd1', content: 'Paris', score: 0.9 },
      ])('capital?');
    });
    const all = new Map((await spans()).map((span) => [span.name, span]));
    expect([...all].map(([name, { kind }]) => [name, kind])).toEqual([
      ['weather', 'tool'],
      ['plan', 'chain'],
      ['search', 'retriever'],
      ['helper', 'agent'],
    ]);
    expect(all.get('weather')?.toolCall).toMatchObject({
      name: 'weather',
      arguments: { city: 'Paris' },
      result: 'sunny in Paris',
    });
    expect(all.get('search')?.documents).toEqual([{ id: 'd1', content: 'Paris', score: 0.9, metadata: {} }]);
    expect(all.get('search')?.input).toEqual({ type: 'json', value: 'capital?' });
  });

  it('puts session, user, tags and metadata of the scopes around on every span below', async () => {
    tracing.with({ session: 's1', user: 'u1', tags: ['beta'], metadata: { plan: 'pro', seat: 1 } }, () => {
      tracing.span('outer', () => {});
      tracing.span({ name: 'inner', user: 'u2', tags: ['vip', 'beta'], metadata: { seat: 2 } }, () => {
        tracing.span('deepest', () => {});
        tracing.tracer.startSpan('told', { attributes: { 'user.id': 'u3' } }).end();
      });
    });
    tracing.span('outside', () => {});
    const all = new Map((await spans()).map((span) => [span.name, span]));
    const outer = { sessionId: 's1', userId: 'u1', tags: ['beta'], metadata: { plan: 'pro', seat: 1 } };
    const inner = { sessionId: 's1', userId: 'u2', tags: ['beta', 'vip'], metadata: { plan: 'pro', seat: 2 } };
    expect(all.get('outer')).toMatchObject(outer);
    expect(all.get('inner')).toMatchObject(inner);
    expect(all.get('deepest')).toMatchObject(inner);
    expect(all.get('told')).toMatchObject({ ...inner, userId: 'u3' });
    expect(all.get('outside')).toMatchObject({ sessionId: null, userId: null, tags: [], metadata: {} });
  });

  it('continues the trace of a request, and tells where it is', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    expect(tracing.traceparent()).toBeNull();
    const inside = tracing.with({ traceparent }, () => tracing.span('work', () => tracing.traceparent()));
    tracing.with({ traceparent: 'nonsense' }, () => tracing.span('alone', () => {}));
    const [work, alone] = await spans();
    expect(work).toMatchObject({ traceId: '4bf92f3577b34da6a3ce929d0e0e4736', parentSpanId: '00f067aa0ba902b7' });
    expect(inside).toBe(`00-${work?.traceId}-${work?.spanId}-01`);
    expect(alone?.parentSpanId).toBeNull();
  });

  it('records no content when told not to, whoever wrote the span', async () => {
    const discreet = startTracing({ url: collector.url, content: false });
    discreet.traced('f', (secret: string) => secret)('secret');
    discreet.tracer
      .startSpan('other', {
        attributes: {
          'ai.prompt.messages': 'secret',
          'input.value': 'secret',
          'gen_ai.input.messages': 'secret',
          'ai.model.id': 'm',
        },
      })
      .end();
    await discreet.shutdown();
    expect(collector.spans()).toHaveLength(2);
    expect(collector.requests.map(({ body }) => body.toString()).join()).not.toContain('secret');
    expect(collector.spans()[1]?.attributes['ai.model.id']).toBe('m');
  });

  it('is a tracer as OpenTelemetry’s API has it', async () => {
    // The assignment is the test of the types.
    const tracer: OtelTracer = tracing.tracer;
    const linked = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 };
    const span = tracer.startSpan('work', {
      startTime: [1_800_000_000, 5],
      attributes: { list: ['a', 'b'], half: 0.5, yes: true, big: 2 ** 53 },
      links: [{ context: linked }],
    });
    span.addEvent('seen', { n: 1 }, [1_800_000_000, 6]).setStatus({ code: SpanStatusCode.OK });
    span.setStatus({ code: SpanStatusCode.ERROR, message: 'too late' });
    span.recordException(new TypeError('odd'));
    span.updateName('renamed').setAttribute('late', 'yes').end([1_800_000_001, 7]);
    span.setAttribute('after', 'the end').end();
    expect(span.isRecording()).toBe(false);
    tracer.startActiveSpan('active', {}, ROOT_CONTEXT, (active) => {
      tracer.startActiveSpan('below', (below) => below.end());
      tracer.startSpan('apart', { root: true }).end();
      active.end();
    });
    const [renamed, below, apart, active] = await spans();
    expect(renamed).toMatchObject({
      name: 'renamed',
      startNs: 1_800_000_000_000_000_005n,
      endNs: 1_800_000_001_000_000_007n,
      status: 'ok',
      attributes: {
        list: ['a', 'b'],
        half: 0.5,
        yes: true,
        big: 2 ** 53,
        late: 'yes',
        'otel.links': [linked].map(({ traceId, spanId }) => ({ traceId, spanId })),
      },
      events: [
        { name: 'seen', timeNs: 1_800_000_000_000_000_006n, attributes: { n: 1 } },
        { name: 'exception', attributes: { 'exception.type': 'TypeError', 'exception.message': 'odd' } },
      ],
    });
    expect(renamed?.attributes.after).toBeUndefined();
    expect([active?.name, below?.parentSpanId]).toEqual(['active', active?.spanId]);
    expect(apart?.parentSpanId).toBeNull();
    expect(apart?.traceId).not.toBe(active?.traceId);
  });

  it('gives every span an id of its own', async () => {
    for (let i = 0; i < 2_000; i++) tracing.span('one', () => {});
    const all = await spans();
    expect(new Set(all.map(({ spanId }) => spanId)).size).toBe(2_000);
    expect(new Set(all.map(({ traceId }) => traceId)).size).toBe(2_000);
  });

  it('cuts a span that no server would take, longest attribute first', async () => {
    const span = tracing.tracer.startSpan('large', {
      attributes: { a: 'x'.repeat(5 << 20), b: 'y'.repeat(6 << 20), c: 'z' },
    });
    span.end();
    const [large] = await spans();
    expect(Object.keys(large?.attributes ?? {})).toEqual(expect.arrayContaining(['a', 'c']));
    expect(large?.attributes.b).toBeUndefined();
  });

  describe('in an app that has an OpenTelemetry SDK', () => {
    const finished = new InMemorySpanExporter();
    let provider: NodeTracerProvider;
    let vendor: Awaited<ReturnType<typeof startOpenAi>>;
    beforeEach(async () => {
      finished.reset();
      vendor = await startOpenAi();
      provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(finished)] });
      provider.register();
    });
    afterEach(async () => {
      await provider.shutdown();
      trace.disable();
      context.disable();
      await vendor.close();
    });

    it('nests under the app’s spans and the app’s under its own, in one trace, and exports only what is its own', async () => {
      const openai = tracing.instrument(new OpenAI({ baseURL: vendor.baseUrl, apiKey: 'k' }));
      const app = trace.getTracer('app');
      await app.startActiveSpan('request', async (request) => {
        await tracing.span('answer', async () => {
          app.startSpan('query').end();
          await openai.chat.completions.create({ model: 'a', messages: [{ role: 'user', content: 'x' }] });
        });
        request.end();
      });
      const [call, answer] = await spans();
      const theirs = new Map(finished.getFinishedSpans().map((span) => [span.name, span]));
      const request = theirs.get('request')?.spanContext();
      expect([...theirs.keys()]).toEqual(['query', 'request']);
      expect(answer).toMatchObject({ name: 'answer', traceId: request?.traceId, parentSpanId: request?.spanId });
      expect(theirs.get('query')?.parentSpanContext?.spanId).toBe(answer?.spanId);
      expect(call).toMatchObject({ name: 'chat a', parentSpanId: answer?.spanId });
      expect(vendor.requests[0]?.headers.traceparent).toBe(`00-${call?.traceId}-${call?.spanId}-01`);
    });
  });

  it('serves libraries that look for a global tracer, once it is registered with the API', async () => {
    trace.setGlobalTracerProvider(tracing.provider);
    context.setGlobalContextManager(tracing.contextManager);
    try {
      await trace.getTracer('library', '2').startActiveSpan('outer', async (outer) => {
        await later();
        tracing.span('ours', () => {});
        outer.end();
      });
    } finally {
      trace.disable();
      context.disable();
    }
    expect(await paths()).toEqual(['outer', 'outer > ours']);
    expect((await spans()).find(({ name }) => name === 'outer')?.attributes['otel.scope.name']).toBe('library');
  });
});

describe('jsonText', () => {
  it('writes any JSON as JSON.stringify does', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
        const twice = [value, value];
        expect(jsonText(twice)).toBe(JSON.stringify(twice));
      }),
    );
  });

  it('never throws, whatever it is given', () => {
    const thrower = {
      get x(): never {
        throw new Error('no');
      },
    };
    const circle: unknown[] = [];
    circle.push(circle, new Map([['k', circle]]));
    fc.assert(
      fc.property(
        fc.anything({
          withBigInt: true,
          withDate: true,
          withMap: true,
          withSet: true,
          withTypedArray: true,
          withNullPrototype: true,
        }),
        (value) => {
          const text = jsonText([value, circle]);
          expect(text === null || JSON.parse(text) !== undefined).toBe(true);
        },
      ),
    );
    expect(jsonText(thrower)).toBeNull();
    expect(jsonText(circle)).toBe('["[circular]",{"k":"[circular]"}]');
    let deep: unknown = 'bottom';
    for (let i = 0; i < 100_000; i++) deep = [deep];
    expect(jsonText(deep)).toContain('[…]');
    expect(jsonText('x'.repeat(2 << 20))?.length).toBeLessThan(2_000);
    expect(jsonText(new Uint8Array(9))).toBe('"[Uint8Array, 9 bytes]"');
    expect(jsonText(() => {})).toBeNull();
  });
});
