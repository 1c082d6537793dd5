import { schemas } from '@wheelhouse/core/contract';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createLedger, createLedgerHandlers, type LedgerEvent, type SpanSource } from './ledger.ts';

let nowNs = 1_800_000_000_000_000_000n;
const clock = { now: () => (nowNs += 1_000_000_000n) };
const of = (ledger: ReturnType<typeof createLedger>, source: SpanSource) =>
  ledger.read().sources.find((one) => one.source === source);

it('balances after every event, whatever happens to spans that wait, in any order', () => {
  const step = fc.record({
    source: fc.constantFrom<SpanSource>('gateway', 'otlp'),
    what: fc.constantFrom('received', 'recovered', 'spilled', 'stored', 'rejected', 'refused'),
    from: fc.constantFrom<'memory' | 'disk'>('memory', 'disk'),
    spans: fc.integer({ min: 1, max: 9 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const ledger = createLedger({ clock });
      /** The spans one by one, each in its place. */
      const places = { gateway: [] as string[], otlp: [] as string[] };
      const move = (source: SpanSource, from: string, to: string, most: number) => {
        let moved = 0;
        places[source] = places[source].map((place) => (place === from && moved < most && ++moved > 0 ? to : place));
        return moved;
      };
      for (const { what, from, spans, ...given } of steps) {
        const source = what === 'recovered' || what === 'spilled' || from === 'disk' ? 'gateway' : given.source;
        const why = { reason: 'because', sample: 'of this' };
        const events: Record<typeof what, () => LedgerEvent | null> = {
          received: () => {
            places[source].push(...Array(spans).fill('memory'));
            return { type: 'received', source, spans };
          },
          recovered: () => {
            places.gateway.push(...Array(spans).fill('disk'));
            return { type: 'recovered', spans };
          },
          refused: () => {
            places[source].push(...Array(spans).fill('rejected'));
            return { type: 'rejected', source, spans, from: 'door', ...why };
          },
          spilled: () => ({ type: 'spilled', spans: move('gateway', 'memory', 'disk', spans) }),
          stored: () => ({ type: 'stored', source, from, spans: move(source, from, 'stored', spans) }),
          rejected: () => ({ type: 'rejected', source, from, spans: move(source, from, 'rejected', spans), ...why }),
        };
        const event = events[what]();
        if (event) ledger.add(event);
        for (const source of ['gateway', 'otlp'] as const) {
          const count = (...wanted: string[]) => places[source].filter((place) => wanted.includes(place)).length;
          const account = of(ledger, source);
          expect(account).toMatchObject({
            received: places[source].length,
            stored: count('stored'),
            rejected: count('rejected'),
            waiting: count('memory', 'disk'),
            spilled: count('disk'),
          });
          expect(account?.rejections.reduce((sum, { spans }) => sum + spans, 0)).toBe(count('rejected'));
        }
      }
    }),
  );
});

it('keeps the newest sample of each reason, shortened and without secrets', () => {
  const ledger = createLedger({ clock });
  const reject = (reason: string, sample: string) =>
    ledger.add({ type: 'rejected', source: 'otlp', spans: 1, from: 'door', reason, sample });
  reject('bad id', 'span `a`');
  reject('bad id', `span \`b\` of sk-proj-0123456789abcdefghij ${'x'.repeat(1_000)}`);
  reject('too large', '9 bytes');
  const [bad, large] = of(ledger, 'otlp')?.rejections ?? [];
  expect(bad).toMatchObject({
    reason: 'bad id',
    spans: 2,
    sample: expect.stringMatching(/^span `b` of \[redacted\] x+…$/),
  });
  expect(bad?.sample.length).toBe(200);
  expect(large).toMatchObject({ spans: 1 });
  expect((large?.lastAt ?? '') > (bad?.lastAt ?? '')).toBe(true);
});

it('does not grow with the number of reasons', () => {
  const ledger = createLedger({ clock });
  for (let i = 0; i < 1_000; i++)
    ledger.add({ type: 'rejected', source: 'otlp', spans: 1, from: 'door', reason: `reason ${i}`, sample: '' });
  const { rejections = [] } = of(ledger, 'otlp') ?? {};
  expect(rejections).toHaveLength(51);
  expect(rejections.at(-1)).toMatchObject({ reason: 'other', spans: 950 });
});

it('is served as the contract describes it', async () => {
  const ledger = createLedger({ clock });
  ledger.add({ type: 'rejected', source: 'gateway', spans: 2, from: 'door', reason: 'buffer_full', sample: 's' });
  const answer = await createLedgerHandlers({ ledger }).getLedger({
    by: { project: 'default' as never, actor: 'test' },
    params: {},
    query: undefined,
    body: undefined,
  });
  expect(schemas.ledger.parse(answer)).toEqual(answer);
  expect(answer.sources.map(({ source }) => source)).toEqual(['gateway', 'otlp']);
});
