import { describe, expect, test } from 'vitest';
import type { MonitorLook } from '../../records/index.ts';
import { uniformFrom } from '../../stats/index.ts';
import { expectedOf, learnBaseline, type MeasuredWindow } from './baseline.ts';
import { judgeBurnRate, judgeThreshold, judgeUnusual } from './judge-window.ts';
import { nextLook } from './next-look.ts';

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
