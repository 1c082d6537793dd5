import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MonitorLook } from '../../records/index.ts';
import { uniformFrom } from '../../stats/index.ts';
import { expectedOf, learnBaseline, type MeasuredWindow } from './baseline.ts';
import { judgeBurnRate, judgeThreshold, judgeUnusual, unusualReachOf } from './judge-window.ts';
import { monthSpend, monthSpendFromMs } from './month-spend.ts';
import { nextGroups } from './next-groups.ts';
import { nextLook } from './next-look.ts';
import { hasRoom, spentOn, withSpent } from './spending.ts';

const hourMs = 3_600_000;
const mondayMs = Date.UTC(2026, 0, 5);
const uniform = uniformFrom(3);
const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());

/** Nights are quiet, weekends half as busy. */
const usual = (startMs: number) => {
  const day = new Date(startMs).getUTCDay();
  const hour = new Date(startMs).getUTCHours();
  return (hour >= 8 && hour < 20 ? 200 : 20) * (day === 0 || day === 6 ? 0.5 : 1);
};
const hoursOf = (
  hours: number,
  at = (startMs: number) => usual(startMs) * Math.exp(0.1 * normal()),
): MeasuredWindow[] =>
  Array.from({ length: hours }, (_, i) => {
    const startMs = mondayMs + i * hourMs;
    return { startMs, value: at(startMs), rows: 100 };
  });
const total = { kind: 'total', windowMs: hourMs } as const;

describe('what is usual', () => {
  const past = hoursOf(28 * 24);
  const baseline = learnBaseline(past, total);
  const at = (hours: number, value: number) => {
    if (baseline === null) throw new Error('Nothing was learned.');
    const now = { startMs: mondayMs + (28 * 24 + hours) * hourMs, value, rows: value };
    return expectedOf(baseline, now, { recent: past.slice(-24), reach: 4 });
  };

  test('hangs on the hour and the weekday', () => {
    expect(at(10, 200)?.value).toBeGreaterThan(170);
    expect(at(10, 200)?.value).toBeLessThan(230);
    expect(at(3, 20)?.value).toBeLessThan(26);
    expect(at(5 * 24 + 10, 100)?.value).toBeLessThan(120);
    expect(Math.abs(at(3, 20)?.distance ?? 9)).toBeLessThan(2);
    expect(at(3, 200)?.distance).toBeGreaterThan(4);
    expect(at(10, 20)?.distance).toBeLessThan(-4);
    expect(at(10, 0)?.distance).toBeLessThan(-10);
  });

  test('is hardly moved by an outage of a day', () => {
    const broken = past.map((one, i) => (i >= 480 && i < 504 ? { ...one, value: 0 } : one));
    const learned = learnBaseline(broken, total);
    const now = { startMs: mondayMs + (28 * 24 + 10) * hourMs, value: 200, rows: 200 };
    const expected = learned && expectedOf(learned, now, { recent: past.slice(-24), reach: 4 });
    expect(expected?.value).toBeGreaterThan(160);
    expect(expected?.distance).toBeLessThan(2);
  });

  test('takes half of what moved the whole last day for usual', () => {
    const raised = past.slice(-24).map((one) => ({ ...one, value: 1.5 * (one.value ?? 0) }));
    const now = { startMs: mondayMs + (28 * 24 + 10) * hourMs, value: 240, rows: 240 };
    const expected = baseline && expectedOf(baseline, now, { recent: raised, reach: 4 });
    expect(expected?.value).toBeGreaterThan(220);
  });

  test('is not known from less than two weeks, nor of hours that were never measured', () => {
    expect(learnBaseline(hoursOf(12 * 24), total)).toBeNull();
    expect(learnBaseline([], total)).toBeNull();
    const office = past.filter(({ startMs }) => usual(startMs) >= 100);
    const learned = learnBaseline(office, { kind: 'amount', windowMs: hourMs });
    const night = { startMs: mondayMs + (28 * 24 + 3) * hourMs, value: 20, rows: 20 };
    expect(learned).not.toBeNull();
    expect(learned && expectedOf(learned, night, { recent: [], reach: 4 })).toBeNull();
  });

  test('allows shares and means of few rows what chance alone spreads them by', () => {
    const learned = learnBaseline(
      hoursOf(28 * 24, () => 0.02).map((one) => ({ ...one, rows: 1000 })),
      { kind: 'share', windowMs: hourMs },
    );
    const of = (rows: number) =>
      learned &&
      expectedOf(learned, { startMs: past.length * hourMs + mondayMs, value: 0.1, rows }, { recent: [], reach: 4 });
    expect(of(1000)?.distance).toBeGreaterThan(4);
    expect(of(20)?.distance).toBeLessThan(2);
    expect(of(20)?.low).toBe(0);
  });
});

test('a limit is passed or not, and the sentence says by what', () => {
  const of = { name: 'The latency (p90)', show: (value: number) => `${value} s` };
  const above = { kind: 'above', value: 2 } as const;
  expect(judgeThreshold(above, { ...of, value: 3 })).toMatchObject({
    ...{ found: 'bad', sentence: 'The latency (p90) is 3 s, above 2 s.' },
  });
  expect(judgeThreshold(above, { ...of, value: 2 })).toMatchObject({
    ...{ found: 'good', sentence: 'The latency (p90) was 2 s, not above 2 s.' },
  });
  expect(judgeThreshold(above, { ...of, value: 3, doubt: ' (9 traces)' }).sentence).toBe(
    'The latency (p90) is 3 s (9 traces), above 2 s.',
  );
  expect(judgeThreshold({ kind: 'below', value: 2 }, { ...of, value: 1 }).found).toBe('bad');
});

test('what is unusual counts in the direction that was asked for', () => {
  const of = { value: 9, name: 'It', show: String };
  const out = { value: 5, low: 4, high: 6, distance: 8 };
  const found = (direction: 'up' | 'down' | 'both', distance: number) =>
    judgeUnusual({ kind: 'unusual', direction }, { ...of, expected: { ...out, distance } }).found;
  expect([found('both', 8), found('up', 8), found('down', 8)]).toEqual(['bad', 'bad', 'good']);
  expect([found('both', -8), found('up', -8), found('down', -8)]).toEqual(['bad', 'good', 'bad']);
  expect(found('both', 3.9)).toBe('good');
});

describe('a burn rate', () => {
  const rule = { kind: 'burn_rate', objective: 0.99 } as const;
  const windows = (bad: Record<number, number>, all: (minutes: number) => number = (minutes) => 100 * minutes) =>
    [5, 30, 60, 360, 4320].map((minutes) => ({ minutes, bad: bad[minutes] ?? 0, all: all(minutes) }));

  test('is too high where a long and its short window agree', () => {
    expect(judgeBurnRate(rule, windows({ 5: 100, 60: 1000 }))).toMatchObject({
      found: 'bad',
      sentence: expect.stringContaining('burns 16.7 times as fast'),
    });
    expect(judgeBurnRate(rule, windows({ 5: 0, 60: 1000 })).found).toBe('good');
    expect(judgeBurnRate(rule, windows({ 5: 500 })).found).toBe('good');
    expect(judgeBurnRate(rule, windows({ 5: 10, 30: 200, 60: 300, 360: 2500 })).found).toBe('bad');
  });

  test('is not believed of a handful, and says so of nothing', () => {
    const few = (minutes: number) => (minutes === 5 ? 1 : 4);
    expect(judgeBurnRate(rule, windows({ 5: 1, 60: 1 }, few)).found).toBe('good');
    expect(
      judgeBurnRate(
        rule,
        windows({}, () => 0),
      ).found,
    ).toBe('nothing');
  });
});

describe('from look to look', () => {
  const first: MonitorLook = {
    ...{ status: 'waiting', since: 't0', until: null, value: null, expected: null },
    ...{ rows: 0, sentence: '', bad: 0, good: 0, problem: 'the store was away' },
  };
  /** Letters are looks: bad, good or nothing. `O` an alert opens, `N` one of no data, `C` it closes. */
  function play(kind: 'above' | 'unusual', looks: string, alertOnNoData = false) {
    const rule = kind === 'above' ? { kind, value: 1 } : ({ kind, direction: 'both' } as const);
    let look = first;
    let isOpen = false;
    let told = '';
    let states = '';
    for (const [i, letter] of [...looks].entries()) {
      const found = { b: 'bad', g: 'good', n: 'nothing' }[letter] as 'bad' | 'good' | 'nothing';
      const seen = { found, sentence: letter, expected: null, at: `t${i + 1}`, until: `u${i}`, value: 1, rows: 1 };
      const next = nextLook({ rule, alertOnNoData }, look, { seen, isOpen });
      look = next.look;
      if (next.step) isOpen = next.step.kind === 'open';
      told += next.step === null ? '.' : next.step.kind === 'close' ? 'C' : next.step.of === 'alert' ? 'O' : 'N';
      states += { waiting: 'w', ok: 'o', alert: 'a', no_data: 'n' }[look.status];
    }
    return { told, states, look };
  }

  test('a limit opens at once, and ends after two that are good', () => {
    expect(play('above', 'gbbgbgg')).toMatchObject({ told: '.O....C', states: 'oaaaaao' });
    expect(play('above', 'b').look).toMatchObject({ since: 't1', until: 'u0', problem: null });
    expect(play('above', 'gg').look.since).toBe('t1');
  });

  test('what is learned opens after two that are bad in a row', () => {
    expect(play('unusual', 'bgbgbbb').told).toBe('.....O.');
  });

  test('a window that tells nothing neither opens nor ends anything', () => {
    expect(play('above', 'nnbngng')).toMatchObject({ told: '..O...C', states: 'nnaaaao' });
    expect(play('unusual', 'bnb').told).toBe('..O');
  });

  test('a window that tells nothing is told where that was asked for', () => {
    expect(play('above', 'gnngg', true)).toMatchObject({ told: '.N..C', states: 'onnno' });
    expect(play('above', 'nbbgg', true)).toMatchObject({ told: 'NCO.C', states: 'naaao' });
    expect(play('above', 'bnbgg', true)).toMatchObject({ told: 'O...C', states: 'aaaao' });
  });
});

describe('windows that are looked at once each', () => {
  const rule = { kind: 'unusual', direction: 'both' } as const;
  const at = (hour: number) => new Date(mondayMs + hour * hourMs).toISOString();
  const first: MonitorLook = {
    ...{ status: 'ok', since: at(0), until: at(0), value: null, expected: null, rows: 0, sentence: '' },
    ...{ bad: 0, good: 0, problem: null },
  };
  type Step = { until: number; found: 'bad' | 'good'; earlier?: 'bad' | 'good' };
  const play = (steps: readonly Step[]) => {
    let look = first;
    return steps.map(({ until, found, earlier }) => {
      const seen = { found, sentence: '', expected: null, at: at(until), until: at(until), value: 1, rows: 1 };
      const next = nextLook({ rule, alertOnNoData: false }, look, {
        ...{ seen: { ...seen, windowMs: hourMs, earlier }, isOpen: false },
      });
      look = next.look;
      return next.step?.kind ?? look.bad;
    });
  };
  const bad = (...windows: number[]) => windows.map((until) => ({ until, found: 'bad' as const }));

  test('count once, and only those next to each other are in a row', () => {
    expect(play(bad(1, 2))).toEqual([1, 'open']);
    expect(play(bad(1, 1, 1))).toEqual([1, 1, 1]);
    expect(play(bad(1, 3, 5))).toEqual([1, 1, 1]);
    // One that was seen in a future that is none is forgotten.
    expect(play(bad(900, 1, 2))).toEqual([1, 1, 'open']);
  });

  test('are what they are when more of them has come', () => {
    expect(play([...bad(1), { until: 2, found: 'bad', earlier: 'good' }])).toEqual([1, 1]);
    const late = [
      { until: 1, found: 'good' as const },
      { until: 2, found: 'bad' as const, earlier: 'bad' as const },
    ];
    expect(play(late)).toEqual([0, 'open']);
  });

  test('tell of no alert twice, whatever clocks do: opens and ends take turns', () => {
    const steps = fc.array(
      fc.record({
        until: fc.integer({ min: 0, max: 12 }),
        found: fc.constantFrom('bad' as const, 'good' as const, 'nothing' as const),
        earlier: fc.constantFrom('bad' as const, 'good' as const, undefined),
        ahead: fc.integer({ min: -6, max: 6 }),
      }),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(steps, (looks) => {
        let look = first;
        let isOpen = false;
        for (const { until, found, earlier, ahead } of looks) {
          const seen = { found, earlier, sentence: '', expected: null, value: 1, rows: 1, windowMs: hourMs };
          const next = nextLook({ rule, alertOnNoData: false }, look, {
            ...{ seen: { ...seen, at: at(until + ahead), until: at(until) }, isOpen },
          });
          if (next.step) expect(next.step.kind).toBe(isOpen ? 'close' : 'open');
          if (next.step?.kind === 'open') expect(found).toBe('bad');
          if (next.step) isOpen = next.step.kind === 'open';
          look = next.look;
          if (isOpen) expect(look.status).toBe('alert');
        }
      }),
    );
  });
});

describe('of many groups', () => {
  test('each has to be so far out that any of them is as seldom as one alone', () => {
    expect(unusualReachOf(1)).toBe(4);
    const reach = [2, 10, 50].map(unusualReachOf);
    expect(reach.map((one) => Number(one.toFixed(2)))).toEqual([4.16, 4.51, 4.84]);
    const rule = { kind: 'unusual', direction: 'both' } as const;
    const of = { value: 9, name: 'It', show: String, expected: { value: 5, low: 4, high: 6, distance: 4.3 } };
    expect([1, 50].map((groups) => judgeUnusual(rule, { ...of, groups }).found)).toEqual(['bad', 'good']);
    const windows = [5, 60].map((minutes) => ({ minutes, bad: 4, all: 20 }));
    const level = { kind: 'burn_rate', objective: 0.99 } as const;
    expect([1, 50].map((groups) => judgeBurnRate(level, windows, groups).found)).toEqual(['bad', 'good']);
  });

  test('each goes on from its own state, whatever the others do', () => {
    const rule = { kind: 'above', value: 1 } as const;
    const before: MonitorLook = {
      ...{ status: 'waiting', since: 't0', until: null, value: null, expected: null, rows: 0, sentence: '' },
      ...{ bad: 0, good: 0, problem: null },
    };
    const found = fc.constantFrom('bad' as const, 'good' as const, 'nothing' as const);
    const looks = fc.array(fc.record({ a: found, b: found }), { minLength: 1, maxLength: 12 });
    type Looks = readonly { a: 'bad' | 'good' | 'nothing'; b: 'bad' | 'good' | 'nothing' }[];
    const play = (all: Looks, names: readonly ('a' | 'b')[]) => {
      let look = before;
      const told: string[] = [];
      for (const [i, one] of all.entries()) {
        const seen = names.map((name) => ({
          ...{ name, found: one[name], sentence: '', expected: null, value: 1, rows: 5, q: '' },
        }));
        const at = new Date(mondayMs + i * hourMs).toISOString();
        const next = nextGroups({ rule, alertOnNoData: false }, look, { seen, at, until: at, windowMs: null });
        const stepOf = new Map(next.steps.map(({ group, step }) => [group.name, step.kind]));
        if (stepOf.has('a')) told.push(`${i} ${stepOf.get('a')}`);
        const idOf = (name: string | null, was: string | null) =>
          stepOf.get(name) === 'open' ? `al ${name}` : stepOf.get(name) === 'close' ? null : was;
        look = {
          ...look,
          groups: next.groups.map((group) => ({ ...group, alertId: idOf(group.name, group.alertId) })),
        };
      }
      return told;
    };
    fc.assert(
      fc.property(looks, (all) => {
        expect(play(all, ['a', 'b'])).toEqual(play(all, ['a']));
      }),
    );
  });
});

describe('what the month comes to', () => {
  const dayMs = 24 * hourMs;
  const days = (from: number, count: number, usd: number) =>
    Array.from({ length: count }, (_, i) => ({ startMs: from + i * dayMs, usd }));

  test('is what was spent, and what days as the last seven cost for those that are left', () => {
    const nowMs = Date.UTC(2026, 3, 16);
    const steady = days(Date.UTC(2026, 3, 1), 15, 10);
    expect(monthSpend(steady, nowMs)).toEqual({ spentUsd: 150, dayUsd: 10, expectedUsd: 300 });
    const grown = [...days(Date.UTC(2026, 3, 1), 8, 10), ...days(Date.UTC(2026, 3, 9), 7, 40)];
    expect(monthSpend(grown, nowMs)).toMatchObject({ spentUsd: 360, dayUsd: 40, expectedUsd: 960 });
    // On the first, days of the month before say what days cost.
    const first = Date.UTC(2026, 3, 1, 12);
    expect(monthSpendFromMs(first)).toBe(Date.UTC(2026, 2, 25));
    expect(monthSpend(days(Date.UTC(2026, 2, 25), 7, 10), first)).toMatchObject({ spentUsd: 0, expectedUsd: 295 });
    // A project of two days has no week.
    expect(monthSpend(days(Date.UTC(2026, 3, 14), 2, 30), nowMs)).toMatchObject({ dayUsd: 30 });
    expect(monthSpend([], nowMs)).toEqual({ spentUsd: 0, dayUsd: 0, expectedUsd: 0 });
    expect(monthSpend([{ startMs: nowMs, usd: 6 }], nowMs + 6 * hourMs).dayUsd).toBe(24);
  });

  test('is never less than what was spent', () => {
    const day = fc.record({ day: fc.integer({ min: 0, max: 30 }), usd: fc.integer({ min: 0, max: 100 }) });
    fc.assert(
      fc.property(fc.array(day), fc.integer({ min: 1, max: 719 }), (all, hour) => {
        const nowMs = Date.UTC(2026, 3, 1) + hour * hourMs;
        const known = all.map(({ day: n, usd }) => ({ startMs: Date.UTC(2026, 2, 25) + n * dayMs, usd }));
        const { spentUsd, expectedUsd } = monthSpend(
          known.filter(({ startMs }) => startMs <= nowMs),
          nowMs,
        );
        expect(expectedUsd).toBeGreaterThanOrEqual(spentUsd);
      }),
    );
  });
});

test('a budget of a day has room while another look as dear as the last fits into it', () => {
  const morning = '2026-01-05T08:00:00.000Z';
  const once = withSpent(undefined, { at: morning, nanoUsd: 400_000_000n });
  expect(once).toEqual({ day: '2026-01-05', nanoUsd: '400000000', lastNanoUsd: '400000000' });
  const twice = withSpent(once, { at: morning, nanoUsd: 400_000_000n });
  const room = (spent: typeof once, at = morning) => hasRoom(spent, { at, budgetUsd: 1 });
  expect([room(undefined), room(once), room(twice)]).toEqual([true, true, false]);
  expect(room(twice, '2026-01-06T00:00:00.000Z')).toBe(true);
  expect(spentOn(twice, '2026-01-06T00:00:00.000Z')).toBe(0n);
  expect(withSpent(twice, { at: morning, nanoUsd: 0n })).toBe(twice);
});
