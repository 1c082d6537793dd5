import { parseFilter } from '@wheelhouse/core/query';
import { expect, it } from 'vitest';
import {
  callsBehind,
  type Rail,
  type RailReading,
  railChange,
  railInterval,
  railRule,
  railState,
  railValue,
} from './release-words.ts';

const rails: Rail[] = [
  { kind: 'quality', name: 'thumbs', score: 'thumbs', low: 0, high: 1, effect: 0.05 },
  { kind: 'quality', name: 'stars', score: 'star rating', low: 1, high: 5, effect: 0.05 },
  { kind: 'latency', name: 'latency', slowNs: '2500000000', effect: 0.1 },
  { kind: 'cost', name: 'cost', capNanoUsd: '10000000', effect: 0.1 },
  { kind: 'errors', name: 'errors', effect: 0.03 },
  { kind: 'refusals', name: 'refusals', effect: 0.03 },
];
const reading = (more: Partial<RailReading>): RailReading => ({
  ...{ name: 'thumbs', kind: 'quality', state: 'open', unit: 'share', better: 'higher', effect: 0.05 },
  ...{ incumbent: { count: 80, mean: 0.86 }, candidate: { count: 31, mean: 0.8 } },
  ...{ difference: -0.06, interval: { low: -0.2, high: 0.031 } },
  ...more,
});
const release = {
  ...{
    id: 'rel_1',
    shadow: null,
    model: 'support-bot',
    incumbent: 3,
    candidate: 4,
    endedAt: null,
    startedAt: '2026-11-20T10:00:00.000Z',
  },
  verdict: { verdict: 'hold' as const, sentence: '', rails: [reading({})] },
};

it('writes values, differences and intervals of a rail in its unit', () => {
  const [share, cost, score] = [{ unit: 'share' }, { unit: 'nano_usd' }, { unit: 'score' }] as const;
  expect([
    railValue(0.864, share),
    railValue(2_500_000, cost),
    railValue(3.256, score),
    railValue(null, share),
  ]).toEqual([...['86.4 %', '$0.00250', '3.26', '–']]);
  expect([railChange(0.027, share), railChange(-0.027, share), railChange(0, share), railChange(null, share)]).toEqual([
    ...['+2.7 pp', '−2.7 pp', '0.0 pp', '?'],
  ]);
  expect(railInterval(reading({}))).toBe('−20.0 pp … +3.1 pp');
  expect(railInterval(reading({ interval: { low: null, high: 0.1 } }))).toBe('? … +10.0 pp');
  expect(railInterval(reading({ interval: { low: null, high: null } }))).toBe('anything yet');
});

it('says what of a rail is watched, and how it stands', () => {
  expect(rails.map(railRule)).toEqual([
    'score thumbs, worse by 5 pp',
    'score star rating, of 1 to 5, lower by 0.20',
    'calls over 2.50 s, worse by 10 pp',
    'dearer by $0.00100, up to $0.0100 a call',
    'share of calls that fail, worse by 3 pp',
    'share of calls that are refused, worse by 3 pp',
  ]);
  expect(railState(reading({ state: 'too_few' }), 50)).toBe('not enough data: 31 of 50');
  expect(railState(reading({ state: 'broken' }), 50)).toBe('worse');
});

it('leads to copies, which are no traffic, of a version that only listens', () => {
  const listening = { ...release, shadow: { budgetNanoUsd: null, outside: false } };
  expect(callsBehind(listening, 'candidate')).toContain('run:rel_1');
  expect(callsBehind(listening, 'incumbent')).not.toContain('run:');
});

it('leads to the calls of a side, and to those that are worse than usual by a rail', () => {
  const since = 'since:2026-11-20T10:00:00Z';
  expect(callsBehind(release, 'incumbent')).toBe(`model:support-bot@3 ${since}`);
  expect(callsBehind({ ...release, endedAt: '2026-11-20T11:00:00.000Z' }, 'candidate')).toBe(
    `model:support-bot@4 ${since} until:2026-11-20T11:00:00Z`,
  );
  const worse = rails.map((rail) => callsBehind(release, 'candidate', rail));
  expect(worse).toEqual([
    `model:support-bot@4 score.thumbs<0.86 ${since}`,
    `model:support-bot@4 score."star rating"<3 ${since}`,
    `model:support-bot@4 latency>2500ms ${since}`,
    `model:support-bot@4 cost>0 ${since}`,
    `model:support-bot@4 status:error ${since}`,
    null,
  ]);
  for (const q of worse) if (q !== null) expect(parseFilter(q).ok, q).toBe(true);
});
