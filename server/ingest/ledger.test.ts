import { defaultProjectId, type LedgerAccount, type ProjectId } from '@wheelhouse/core/records';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createLedger, type LedgerEvent, type SpanSource } from './ledger.ts';

let nowNs = 1_800_000_000_000_000_000n;
const clock = { now: () => (nowNs += 1_000_000_000n) };
const second = 'second' as ProjectId;
const of = (ledger: ReturnType<typeof createLedger>, source: SpanSource, project = defaultProjectId) =>
  ledger.read(project).find((one) => one.source === source);

type Place = 'memory' | 'disk' | 'stored' | 'rejected';

it('balances for each project after every event, whatever happens to spans that wait, in any order, and when the server is killed', () => {
  const step = fc.record({
    project: fc.constantFrom(defaultProjectId, second, 'third' as ProjectId),
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
      const accounts = new Map<string, { project: ProjectId; source: SpanSource; places: Place[] }>();
      const accountOf = (project: ProjectId, source: SpanSource) => {
        const key = `${project} ${source}`;
        const known = accounts.get(key) ?? { project, source, places: [] };
        accounts.set(key, known);
        return known;
      };
      const countOf = ({ places }: { places: Place[] }, ...wanted: Place[]) =>
        places.filter((place) => wanted.includes(place)).length;
      const move = (account: { places: Place[] }, from: Place, to: Place, most: number) => {
        let moved = 0;
        account.places = account.places.map((place) => (place === from && moved < most && ++moved > 0 ? to : place));
        return moved;
      };
      for (const { project, what, from, spans, ...given } of steps) {
        const source = what === 'spilled' || from === 'disk' ? 'gateway' : given.source;
        const account = accountOf(project, source);
        const put = (place: Place) => account.places.push(...Array<Place>(spans).fill(place));
        const why = { reason: 'because', sample: 'of this' };
        const at = { project, source };
        const events: Record<typeof what, () => LedgerEvent> = {
          received: () => {
            put('memory');
            return { type: 'received', ...at, spans };
          },
          refused: () => {
            put('rejected');
            return { type: 'rejected', ...at, spans, from: 'door', ...why };
          },
          spilled: () => ({ type: 'spilled', project, spans: move(account, 'memory', 'disk', spans) }),
          stored: () => ({ type: 'stored', ...at, from, spans: move(account, from, 'stored', spans) }),
          rejected: () => ({ type: 'rejected', ...at, from, spans: move(account, from, 'rejected', spans), ...why }),
          killed: () => {
            const before = [...ledger.changes().keys()].map((one) => ({ project: one, accounts: ledger.read(one) }));
            ledger = createLedger({ clock, before: structuredClone(before) });
            for (const one of accounts.values()) move(one, 'memory', 'rejected', Number.POSITIVE_INFINITY);
            const gateways = [...accounts.values()].filter((one) => one.source === 'gateway');
            const found = gateways.map((one) => [one.project, countOf(one, 'disk')] as const);
            return { type: 'recovered', found: new Map(found.filter(([, count]) => count > 0)) };
          },
        };
        // Before the ledger is looked at, which a kill replaces.
        const event = events[what]();
        ledger.add(event);
        for (const one of accounts.values()) {
          const shown = of(ledger, one.source, one.project);
          if (one.places.length === 0 && shown === undefined) continue;
          const counts = {
            received: one.places.length,
            stored: countOf(one, 'stored'),
            rejected: countOf(one, 'rejected'),
          };
          const waiting = countOf(one, 'memory', 'disk');
          expect(shown).toMatchObject({ ...counts, waiting, spilled: countOf(one, 'disk') });
          expect(shown?.rejections.reduce((sum, { spans: count }) => sum + count, 0)).toBe(counts.rejected);
          expect(shown?.days).toEqual(counts.received === 0 ? [] : [{ day: '2027-01-15', ...counts }]);
          expect(shown?.oldestWaitingAt === null).toBe(waiting === 0);
        }
        const all = [...accounts.values()].flatMap(({ places }) => places);
        const totals = ledger.totals();
        expect(totals.reduce((sum, { received }) => sum + received, 0)).toBe(all.length);
        for (const { received, stored, rejected, waiting } of totals)
          expect(stored + rejected + waiting).toBe(received);
      }
    }),
    { examples: [[[{ project: second, source: 'gateway', what: 'received', from: 'memory', spans: 2 }]]] },
  );
});

const saved = (more: Partial<LedgerAccount>): LedgerAccount => ({
  ...{ source: 'gateway', since: '2026-01-01T00:00:00.000Z', received: 10, stored: 4, rejected: 0 },
  ...{ waiting: 6, spilled: 6, oldestWaitingAt: '2026-01-02T00:00:00.000Z', rejections: [], days: [] },
  ...more,
});

const book = (account: LedgerAccount) => [{ project: defaultProjectId, accounts: [account] }];

it.each([
  ['as many as were saved', 6, { received: 10, stored: 4, waiting: 6 }],
  ['fewer: the others were stored after the save', 1, { received: 10, stored: 9, waiting: 1 }],
  ['more: they came after the save', 8, { received: 12, stored: 4, waiting: 8 }],
  ['none', 0, { received: 10, stored: 10, waiting: 0 }],
])('goes on after a kill that left spans on disk: %s', (_, found, expected) => {
  const ledger = createLedger({ clock, before: book(saved({})) });
  ledger.add({ type: 'recovered', found: new Map([[defaultProjectId, found]]) });
  expect(of(ledger, 'gateway')).toMatchObject({ ...expected, rejected: 0, spilled: expected.waiting });
});

it('counts what a killed server had in memory as rejected, and says so', () => {
  const before = book(saved({ source: 'otlp', spilled: 0 }));
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
  const ledger = createLedger({ clock, before: book(saved({ stored: 2, waiting: 8, spilled: 2 })) });
  expect(of(ledger, 'gateway')).toMatchObject({ waiting: 8, rejected: 0 });
  ledger.add({ type: 'recovered', found: new Map([[defaultProjectId, found]]) });
  expect(of(ledger, 'gateway')).toMatchObject({ stored: 2, ...expected, spilled: expected.waiting });
});

it('tells since when the oldest of what waits waits', () => {
  const ledger = createLedger({ clock });
  const oldest = () => of(ledger, 'gateway')?.oldestWaitingAt;
  const receive = () => ledger.add({ type: 'received', project: defaultProjectId, source: 'gateway', spans: 1 });
  expect(oldest()).toBeUndefined();
  receive();
  const first = oldest();
  receive();
  ledger.add({ type: 'spilled', project: defaultProjectId, spans: 1 });
  expect(oldest()).toBe(first);
  ledger.add({ type: 'stored', project: defaultProjectId, source: 'gateway', spans: 1, from: 'disk' });
  expect((oldest() ?? '') > (first ?? '')).toBe(true);
  ledger.add({ type: 'stored', project: defaultProjectId, source: 'gateway', spans: 1, from: 'memory' });
  expect(oldest()).toBeNull();
});

it('does not grow with the number of sources or days', () => {
  const ledger = createLedger({ clock });
  for (let i = 0; i < 100; i++)
    ledger.add({ type: 'received', project: defaultProjectId, source: `door ${i}`, spans: 1 });
  expect(ledger.read(defaultProjectId)).toHaveLength(33);

  expect(of(ledger, 'other')?.received).toBe(68);
  for (let i = 0; i < 200; i++) {
    nowNs += 86_400_000_000_000n;
    ledger.add({ type: 'received', project: defaultProjectId, source: 'otlp', spans: 1 });
  }
  const account = of(ledger, 'otlp');
  expect(account?.received).toBe(200);
  expect(account?.days).toHaveLength(90);
});

it('keeps the newest sample of each reason, shortened and without secrets', () => {
  const ledger = createLedger({ clock });
  const reject = (reason: string, sample: string) =>
    ledger.add({ type: 'rejected', project: defaultProjectId, source: 'otlp', spans: 1, from: 'door', reason, sample });
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
    ledger.add({
      type: 'rejected',
      project: defaultProjectId,
      source: 'otlp',
      spans: 1,
      from: 'door',
      reason: `reason ${i}`,
      sample: '',
    });
  const { rejections = [] } = of(ledger, 'otlp') ?? {};
  expect(rejections).toHaveLength(51);
  expect(rejections.at(-1)).toMatchObject({ reason: 'other', spans: 950 });
});
