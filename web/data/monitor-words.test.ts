import { expect, it } from 'vitest';
import { alertTime, measureName, measureValue, watchText, windowText } from './monitor-words.ts';

it('says what is watched in a line', () => {
  const latency = { kind: 'latency', quantile: 'p90' } as const;
  const watched = { measure: latency, rule: { kind: 'above', value: 2500 }, windowMinutes: 30 } as const;
  expect(watchText(watched)).toBe('latency, p90 of 30 min, above 2.50 s');
  const level = { kind: 'burn_rate', objective: 0.995 } as const;
  expect(watchText({ measure: { kind: 'error_rate' }, rule: level, windowMinutes: 60 })).toBe(
    'failing share of an hour, service level 99.5 % over 30 days',
  );
  const drift = { kind: 'drift', against: { kind: 'filter', q: 'release:1' }, embed: null, budgetUsd: 1 } as const;
  expect(watchText({ measure: { kind: 'traces' }, rule: drift, windowMinutes: 1440 })).toBe(
    'everything that traces tell, drift against release:1, by a day',
  );
  const by = { measure: { kind: 'cost' }, rule: { kind: 'above', value: 5 }, windowMinutes: 60, by: 'user' } as const;
  expect(watchText(by)).toBe('cost of an hour, by user, above $5.00');
  const month = { measure: { kind: 'month_spend' }, rule: { kind: 'above', value: 250 }, windowMinutes: 60 } as const;
  expect(watchText(month)).toBe('cost of this month at its end, above $250.00');
  expect([1, 15, 60, 180, 1440, 2880].map(windowText)).toEqual([
    ...['a minute', '15 min', 'an hour', '3 h', 'a day', '2 days'],
  ]);
});

it('writes values in the unit of what is measured', () => {
  const said = (kind: Parameters<typeof measureValue>[0]['kind'], value: number) => measureValue({ kind }, value);
  expect([said('cost', 12.5), said('error_rate', 0.0714), said('latency', 812), said('score', 0.7123)]).toEqual([
    ...['$12.50', '7.14 %', '812 ms', '0.712'],
  ]);
  expect(said('traces', 12_345)).toBe('12,350');
  expect(measureName({ kind: 'share', q: 'score.grounded<0.5' })).toBe('share of score.grounded<0.5');
});

it('says how long an alert went on, or goes on', () => {
  const openedAt = '2026-11-20T10:00:00.000Z';
  const nowMs = Date.parse('2026-11-20T10:12:00.000Z');
  expect(alertTime({ openedAt, closedAt: null }, nowMs)).toBe('12 min');
  expect(alertTime({ openedAt, closedAt: '2026-11-20T13:00:00.000Z' }, nowMs)).toBe('3 h');
});
