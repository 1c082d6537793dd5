import type { LedgerAccount } from '@wheelhouse/core/records';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createLedger, type LedgerEvent, type SpanSource } from './ledger.ts';

let nowNs = 1_800_000_000_000_000_000n;
const clock = { now: () => (nowNs += 1_000_000_000n) };
const of = (ledger: ReturnType<typeof createLedger>, source: SpanSource) =>
  ledger.read().sources.find((one) => one.source === source);

type Place = 'memory' | 'disk' | 'stored' | 'rejected';

it('balances after every event, whatever happens to spans that wait, in any order, and when the server is killed', () => {
  const step = fc.record({
    source: fc.constantFrom<SpanSource>('gateway', 'otlp', 'langfuse'),
    what: fc.constantFrom('received', 'spilled', 'stored', 'rejected', 'refused', 'killed'),
    from: fc.constantFrom<'memory' | 'disk'>('memory', 'disk'),
    spans: fc.integer({ min: 1, max: 9 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      nowNs = 1_800_000_000_000_000_000n;
      let ledger = createLedger({ clock });
      /** The spans one by one, each in its place. */
      const places = new Map<SpanSource, Place[]>();
      const placesOf = (source: SpanSource) => places.get(source) ?? [];
      const put = (source: SpanSource, place: Place, spans: number) =>
        places.set(source, [...placesOf(source), ...Array<Place>(spans).fill(place)]);
      const move = (source: SpanSource, from: Place, to: Place, most: number) => {
        let moved = 0;
        places.set(
          source,
          placesOf(source).map((place) => (place === from && moved < most && ++moved > 0 ? to : place)),
        );
        return moved;
      };
      for (const { what, from, spans, ...given } of steps) {
        const source = what === 'spilled' || from === 'disk' ? 'gateway' : given.source;
        const why = { reason: 'because', sample: 'of this' };
        const events: Record<typeof what, () => LedgerEvent> = {
          received: () => {
            put(source, 'memory', spans);
            return { type: 'received', source, spans };
          },
          refused: () => {
            put(source, 'rejected', spans);
            return { type: 'rejected', source, spans, from: 'door', ...why };
          },
          spilled: () => ({ type: 'spilled', spans: move('gateway', 'memory', 'disk', spans) }),
          stored: () => ({ type: 'stored', source, from, spans: move(source, from, 'stored', spans) }),
          rejected: () => ({ type: 'rejected', source, from, spans: move(source, from, 'rejected', spans), ...why }),
          killed: () => {
            ledger = createLedger({ clock, before: structuredClone(ledger.read().sources) });
            for (const one of places.keys()) move(one, 'memory', 'rejected', Number.POSITIVE_INFINITY);
            return { type: 'recovered', spans: placesOf('gateway').filter((place) => place === 'disk').length };
          },
        };
        // Before the ledger is looked at, which a kill replaces.
        const event = events[what]();
        ledger.add(event);
        for (const one of places.keys()) {
          const count = (...wanted: Place[]) => placesOf(one).filter((place) => wanted.includes(place)).length;
          const account = of(ledger, one);
          const counts = { received: placesOf(one).length, stored: count('stored'), rejected: count('rejected') };
          expect(account).toMatchObject({ ...counts, waiting: count('memory', 'disk'), spilled: count('disk') });
          expect(account?.rejections.reduce((sum, { spans }) => sum + spans, 0)).toBe(counts.rejected);
          expect(account?.days).toEqual(counts.received === 0 ? [] : [{ day: '2027-01-15', ...counts }]);
          expect(account?.oldestWaitingAt === null).toBe(count('memory', 'disk') === 0);
        }
      }
    }),
    { examples: [[[{ source: 'gateway', what: 'received', from: 'memory', spans: 2 }]]] },
  );
});

const saved = (more: Partial<LedgerAccount>): LedgerAccount => ({
  ...{ source: 'gateway', since: '2026-01-01T00:00:00.000Z', received: 10, stored: 4, rejected: 0 },
  ...{ waiting: 6, spilled: 6, oldestWaitingAt: '2026-01-02T00:00:00.000Z', rejections: [], days: [] },
  ...more,
});

it.each([
  ['as many as were saved', 6, { received: 10, stored: 4, waiting: 6 }],
  ['fewer: the others were stored after the save', 1, { received: 10, stored: 9, waiting: 1 }],
  ['more: they came after the save', 8, { received: 12, stored: 4, waiting: 8 }],
  ['none', 0, { received: 10, stored: 10, waiting: 0 }],
])('goes on after a kill that left spans on disk: %s', (_, found, expected) => {
  const ledger = createLedger({ clock, before: [saved({})] });
  ledger.add({ type: 'recovered', spans: found });
  expect(of(ledger, 'gateway')).toMatchObject({ ...expected, rejected: 0, spilled: expected.waiting });
});

it('counts what a killed server had in memory as rejected, and says so', () => {
  const before = [saved({ source: 'otlp', spilled: 0 })];
  expect(of(createLedger({ clock, before }), 'otlp')).toMatchObject({
    ...{ received: 10, stored: 4, rejected: 6, waiting: 0, oldestWaitingAt: null },
    rejections: [{ reason: 'server_killed', spans: 6 }],
  });
});

it.each([
  ['all of it', 8, { received: 10, rejected: 0, waiting: 8 }],
  ['some of it', 5, { received: 10, rejected: 3, waiting: 5 }],
  ['nothing', 2, { received: 10, rejected: 6, waiting: 2 }],
  ['more than was heard of', 9, { received: 11, rejected: 0, waiting: 9 }],
  ['nothing, and stored what had been there', 0, { received: 10, stored: 4, rejected: 6, waiting: 0 }],
])('loses nothing of a killed server that the process that records put on disk: %s', (_, found, expected) => {
  const ledger = createLedger({ clock, before: [saved({ stored: 2, waiting: 8, spilled: 2 })] });
  expect(of(ledger, 'gateway')).toMatchObject({ waiting: 8, rejected: 0 });
  ledger.add({ type: 'recovered', spans: found });
  expect(of(ledger, 'gateway')).toMatchObject({ stored: 2, ...expected, spilled: expected.waiting });
});

it('tells since when the oldest of what waits waits', () => {
  const ledger = createLedger({ clock });
  const oldest = () => of(ledger, 'gateway')?.oldestWaitingAt;
  const receive = () => ledger.add({ type: 'received', source: 'gateway', spans: 1 });
  expect(oldest()).toBeNull();
  receive();
  const first = oldest();
  receive();
  ledger.add({ type: 'spilled', spans: 1 });
  expect(oldest()).toBe(first);
  ledger.add({ type: 'stored', source: 'gateway', spans: 1, from: 'disk' });
  expect((oldest() ?? '') > (first ?? '')).toBe(true);
  ledger.add({ type: 'stored', source: 'gateway', spans: 1, from: 'memory' });
  expect(oldest()).toBeNull();
});

it('does not grow with the number of sources or days', () => {
  const ledger = createLedger({ clock });
  for (let i = 0; i < 100; i++) ledger.add({ type: 'received', source: `door ${i}`, spans: 1 });
  expect(ledger.read().sources).toHaveLength(33);
  expect(of(ledger, 'other')?.received).toBe(70);
  for (let i = 0; i < 200; i++) {
    nowNs += 86_400_000_000_000n;
    ledger.add({ type: 'received', source: 'otlp', spans: 1 });
  }
  const account = of(ledger, 'otlp');
  expect(account?.received).toBe(200);
  expect(account?.days).toHaveLength(90);
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
