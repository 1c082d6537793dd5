import { type Received, type Reply, type Served, serve } from '@wheelhouse/testing/vendors';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { createExporter, defaultLimits, type Exporter, type ExporterDeps } from './exporter.ts';
import { createSend, type Outcome } from './send.ts';

type Wire = { resourceSpans: { scopeSpans: { scope: { name: string }; spans: { n: number }[] }[] }[] };
const numbersIn = ({ json }: Received): number[] =>
  (json as Wire).resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans.map(({ n }) => n)));
const spanOf = (n: number, size = 0) => Buffer.from(JSON.stringify({ n, fill: 'x'.repeat(size) }));
const scope = { name: 'test', version: '' };

/** Waits that pass at once, and are kept. */
function setUp(url: string, more: Partial<ExporterDeps> & { timeoutMs?: number } = {}) {
  const waits: number[] = [];
  const warnings: string[] = [];
  const exporter = createExporter({
    send: createSend({ url, apiKey: 'key', timeoutMs: more.timeoutMs ?? 10_000 }),
    resource: '{"attributes":[]}',
    limits: defaultLimits,
    wait: async (ms) => void waits.push(ms),
    random: () => 1,
    warn: (sentence) => warnings.push(sentence),
    ...more,
  });
  return { exporter, waits, warnings };
}

const fill = (exporter: Exporter, from: number, to: number, size = 0) => {
  for (let n = from; n < to; n++) exporter.add(spanOf(n, size), scope);
};

type Answer = () => Reply | null;
const ok: Answer = () => ({ json: {} });
const never: Answer = () => null;
const refuse =
  (status: number, headers: Record<string, string> = {}): Answer =>
  () => ({ json: { code: 3, message: 'no' }, status, headers });

describe('the exporter', () => {
  let server: Served;
  afterEach(() => server.close());
  /** Answers in this order, and then well. */
  const start = async (...answers: Answer[]) => {
    server = await serve(() => (answers.shift() ?? ok)());
    return server;
  };

  it('posts one OTLP request, zipped, with the key, spans grouped by scope', async () => {
    await start();
    const { exporter } = setUp(server.url);
    fill(exporter, 0, 2, 2_000);
    exporter.add(spanOf(2), { name: 'other', version: '1' });
    await exporter.flush(5_000);
    expect(server.requests).toHaveLength(1);
    const [request] = server.requests as [Received];
    expect(request).toMatchObject({
      method: 'POST',
      path: '/v1/traces',
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip', authorization: 'Bearer key' },
      json: {
        resourceSpans: [
          {
            resource: { attributes: [] },
            scopeSpans: [
              { scope: { name: 'test' }, spans: [{ n: 0 }, { n: 1 }] },
              { scope: { name: 'other', version: '1' }, spans: [{ n: 2 }] },
            ],
          },
        ],
      },
    });
    expect(exporter.counts()).toEqual({ exported: 3, dropped: 0, waiting: 0 });
  });

  it('divides what waits into requests by number and by size', async () => {
    await start();
    const { exporter } = setUp(server.url, {
      limits: { ...defaultLimits, batchSpans: 3, batchBytes: 1_000, gatherMs: 60_000 },
    });
    fill(exporter, 0, 2);
    fill(exporter, 2, 4, 900);
    await exporter.flush(5_000);
    expect(server.requests.map(numbersIn)).toEqual([[0, 1, 2], [3]]);
  });

  it.each([429, 502, 503, 504])('tries again after %i, and waits as long as Retry-After says', async (status) => {
    await start(refuse(status, { 'retry-after': '7' }), refuse(status));
    const { exporter, waits, warnings } = setUp(server.url, { limits: { ...defaultLimits, batchSpans: 1 } });
    fill(exporter, 0, 1);
    await expect.poll(() => exporter.counts()).toEqual({ exported: 1, dropped: 0, waiting: 0 });
    expect(server.requests.map(numbersIn)).toEqual([[0], [0], [0]]);
    expect(waits).toEqual([7_000, 1_000]);
    expect(warnings).toEqual([]);
  });

  it('reads Retry-After as a date, and not beyond five minutes', async () => {
    await start(
      refuse(503, { 'retry-after': 'Fri, 01 Jan 2100 00:00:00 GMT' }),
      refuse(503, { 'retry-after': 'soon' }),
    );
    const { exporter, waits } = setUp(server.url, { limits: { ...defaultLimits, batchSpans: 1 } });
    fill(exporter, 0, 1);
    await expect.poll(() => exporter.counts().exported).toBe(1);
    expect(waits).toEqual([300_000, 1_000]);
  });

  it('tries again when nobody answers, longer each time, up to a limit', async () => {
    await start();
    const { url } = server;
    await server.close();
    let tries = 0;
    const waits: number[] = [];
    const { exporter, warnings } = setUp(url, {
      limits: { ...defaultLimits, batchSpans: 1, backoffMs: { first: 100, last: 500 } },
      wait: async (ms, signal) => {
        waits.push(ms);
        if (++tries === 5) await new Promise((resolve) => signal.addEventListener('abort', resolve));
      },
    });
    fill(exporter, 0, 1);
    await expect.poll(() => waits).toEqual([100, 200, 400, 500, 500]);
    await exporter.shutdown(1_000);
    expect(exporter.counts()).toEqual({ exported: 0, dropped: 1, waiting: 0 });
    expect(warnings).toEqual([
      expect.stringMatching(/^Spans wait, for the server does not take them: .*ECONNREFUSED/),
      expect.stringMatching(/^Lost 1 span: the server did not take them before the end: .*ECONNREFUSED/),
    ]);
  });

  it.each([400, 401, 404, 500])('takes %i as final, counts what it lost, and says so once', async (status) => {
    await start(refuse(status), refuse(status));
    const { exporter, waits, warnings } = setUp(server.url);
    fill(exporter, 0, 3);
    await exporter.flush(5_000);
    fill(exporter, 3, 5);
    await exporter.flush(5_000);
    fill(exporter, 5, 6);
    await exporter.flush(5_000);
    expect(exporter.counts()).toEqual({ exported: 1, dropped: 5, waiting: 0 });
    expect(waits).toEqual([]);
    expect(warnings).toEqual([`Lost 3 spans: the server refused the request: HTTP ${status} no`]);
  });

  it('counts the spans that the server rejected of a request', async () => {
    await start(() => ({ json: { partialSuccess: { rejectedSpans: '2', errorMessage: 'bad ids' } } }));
    const { exporter, warnings } = setUp(server.url);
    fill(exporter, 0, 5);
    await exporter.flush(5_000);
    expect(exporter.counts()).toEqual({ exported: 3, dropped: 2, waiting: 0 });
    expect(warnings).toEqual(['Lost 2 spans: the server rejected them: bad ids']);
  });

  it('halves a request that is too large, until one span alone is', async () => {
    const taken: number[][] = [];
    server = await serve((received) => {
      if (received.body.length > 3_000) return { json: { message: 'too large' }, status: 413 };
      taken.push(numbersIn(received));
      return { json: {} };
    });
    const { exporter } = setUp(server.url);
    fill(exporter, 0, 8, 1_000);
    exporter.add(spanOf(8, 5_000), scope);
    fill(exporter, 9, 10);
    await exporter.flush(5_000);
    expect(taken[0]?.length).toBeGreaterThan(1);
    expect(taken.flat()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 9]);
    expect(exporter.counts()).toEqual({ exported: 9, dropped: 1, waiting: 0 });
  });

  it('holds no more than its limits while the server hangs, and lets flush return in time', async () => {
    await start(never);
    const { exporter, warnings } = setUp(server.url, {
      limits: { ...defaultLimits, waitingSpans: 100, waitingBytes: 10_000, batchSpans: 10 },
    });
    fill(exporter, 0, 10, 9_900);
    expect(exporter.counts()).toEqual({ exported: 0, dropped: 9, waiting: 1 });
    await exporter.flush(50);
    await exporter.flush(5_000);
    expect(exporter.counts()).toEqual({ exported: 1, dropped: 9, waiting: 0 });
    fill(exporter, 0, 1_000);
    expect(exporter.counts()).toEqual({ exported: 1, dropped: 909, waiting: 100 });
    await exporter.flush(50);
    expect(warnings).toEqual(['Losing spans: the server is away or too slow, and there is no room for more to wait.']);
    await exporter.flush(5_000);
    expect(exporter.counts()).toEqual({ exported: 101, dropped: 909, waiting: 0 });
  });

  it('lets flush return in time while a slow server takes one request after the other', async () => {
    await start();
    let sent = 0;
    const { exporter } = setUp('', {
      limits: { ...defaultLimits, batchSpans: 1 },
      // Of a thousand requests, time is up in the third.
      send: (_, signal) =>
        ++sent < 3
          ? Promise.resolve({ type: 'stored', rejected: 0, reason: '' })
          : new Promise((resolve) =>
              signal.addEventListener('abort', () => resolve({ type: 'stored', rejected: 0, reason: '' })),
            ),
    });
    fill(exporter, 0, 1_000);
    await exporter.flush(20);
    expect([sent, exporter.counts().exported]).toEqual([3, 3]);
  });

  it('gives a request up when it takes too long, and sends it again', async () => {
    await start(never);
    const { exporter, waits } = setUp(server.url, { timeoutMs: 1_000, limits: { ...defaultLimits, batchSpans: 1 } });
    fill(exporter, 0, 1);
    await expect.poll(() => exporter.counts().exported).toBe(1);
    expect(server.requests.map(numbersIn)).toEqual([[0], [0]]);
    expect(waits).toHaveLength(1);
  });

  it('wakes from a long wait when it is flushed', async () => {
    await start(refuse(503, { 'retry-after': '300' }));
    const waits: number[] = [];
    const { exporter } = setUp(server.url, {
      limits: { ...defaultLimits, batchSpans: 1 },
      wait: async (ms, signal) => {
        waits.push(ms);
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
      },
    });
    fill(exporter, 0, 1);
    await expect.poll(() => waits).toEqual([300_000]);
    await exporter.flush(5_000);
    expect(exporter.counts().exported).toBe(1);
  });

  it('drops what ends after shutdown, and says so', async () => {
    await start();
    const { exporter, warnings } = setUp(server.url);
    fill(exporter, 0, 1);
    await exporter.shutdown(5_000);
    fill(exporter, 1, 3);
    await exporter.flush(5_000);
    expect(exporter.counts()).toEqual({ exported: 1, dropped: 2, waiting: 0 });
    expect(warnings).toEqual(['Lost 1 span: it ended after shutdown().']);
  });
});

describe('the exporter, whatever the server does', () => {
  const outcome: fc.Arbitrary<Outcome> = fc.oneof(
    fc.record({ type: fc.constant('stored' as const), rejected: fc.constantFrom(0, 1), reason: fc.constant('') }),
    fc.record({
      type: fc.constant('away' as const),
      reason: fc.constant(''),
      afterMs: fc.option(fc.nat(1_000), { nil: null }),
    }),
    fc.record({ type: fc.constantFrom('tooLarge' as const, 'refused' as const), reason: fc.constant('') }),
  );
  const step = fc.oneof(
    fc.record({ add: fc.integer({ min: 1, max: 30 }), size: fc.nat(400) }),
    fc.constant({ flush: true } as const),
  );

  it('has each span exported, dropped or waiting; stays in bounds; tells once a cause; sends in order', async () => {
    const limits = { ...defaultLimits, waitingSpans: 50, waitingBytes: 5_000, batchSpans: 7, batchBytes: 900 };
    await fc.assert(
      fc.asyncProperty(
        fc.array(outcome, { maxLength: 30 }),
        fc.array(step, { maxLength: 30 }),
        async (outcomes, steps) => {
          const stored: number[] = [];
          let added = 0;
          const { exporter, warnings } = setUp('', {
            limits,
            async send(body) {
              const next = outcomes.shift() ?? { type: 'stored', rejected: 0, reason: '' };
              const numbers = numbersIn({ json: JSON.parse(body.toString()) } as Received);
              expect(numbers.length).toBeLessThanOrEqual(limits.batchSpans);
              if (next.type === 'stored') stored.push(...numbers);
              return next;
            },
          });
          const balanced = () => {
            const { exported, dropped, waiting } = exporter.counts();
            expect(exported + dropped + waiting).toBe(added);
            expect(waiting).toBeLessThanOrEqual(limits.waitingSpans);
          };
          for (const one of steps) {
            if ('flush' in one) await exporter.flush(5_000);
            else for (let i = 0; i < one.add; i++) exporter.add(spanOf(added++, one.size), scope);
            balanced();
          }
          await exporter.shutdown(5_000);
          balanced();
          expect(exporter.counts().waiting).toBe(0);
          expect(stored).toEqual([...new Set(stored)].sort((a, b) => a - b));
          expect(new Set(warnings.map((text) => text.replace(/\d+/g, ''))).size).toBe(warnings.length);
        },
      ),
    );
  });
});
