import { describe, expect, test } from 'vitest';
import { type MonitorOptions, monitorOf, parseLimit, parseMeasure } from './parse-monitor.ts';

const monitor = (options: Partial<MonitorOptions>) => monitorOf('', { of: 'traces', tell: [], ask: [], ...options });

describe('what is typed for a monitor', () => {
  test.each([
    ['traces', { kind: 'traces' }],
    ['latency', { kind: 'latency', quantile: 'p90' }],
    ['first_token:p50', { kind: 'first_token', quantile: 'p50' }],
    ['score:is it: good', { kind: 'score', name: 'is it: good' }],
    ['month_spend', { kind: 'month_spend' }],
    ['budget:bud_1', { kind: 'budget', budget: 'bud_1' }],
    ['share:latency>2s or status:error', { kind: 'share', q: 'latency>2s or status:error' }],
  ])('%s is a measure', (text, measure) => {
    expect(parseMeasure(text)).toEqual(measure);
  });

  test.each(['weather', 'latency:p42', 'score', 'share:', 'traces:all', ''])('%j is none', (text) => {
    expect(() => parseMeasure(text)).toThrow('is no measure');
  });

  test.each([
    ['2s', 'latency', 2_000],
    ['1.5 min', 'first_token', 90_000],
    ['800ms', 'latency', 800],
    ['5%', 'error_rate', 0.05],
    ['99.9%', 'share', 0.999],
    ['$0.25', 'cost', 0.25],
    ['10', 'month_spend', 10],
    ['0.7', 'score', 0.7],
    ['500', 'traces', 500],
  ] as const)('%s of %s is the limit %d', (text, kind, limit) => {
    expect(parseLimit(text, { kind })).toBe(limit);
  });

  test.each([
    ['4', 'latency', 'Say 2s or 800ms.'],
    ['2s', 'cost', 'Say $10.'],
    ['5%', 'traces', 'Say 500.'],
    ['$5', 'error_rate', 'Say 5% or 0.05.'],
    ['$5%', 'share', 'Say 5% or 0.05.'],
  ] as const)('%s of %s is refused, with what to say', (text, kind, hint) => {
    expect(() => parseLimit(text, { kind })).toThrow(expect.objectContaining({ hint }));
  });

  test('a rule is one, and what is unusual unless another is said', () => {
    expect(monitor({})).toEqual({
      ...{ q: '', measure: { kind: 'traces' }, rule: { kind: 'unusual', direction: 'both' }, channels: [] },
    });
    expect(monitor({ objective: '99.5%', of: 'error_rate' }).rule).toEqual({ kind: 'burn_rate', objective: 0.995 });
    expect(monitor({ drift: true }).rule).toEqual({ kind: 'drift' });
    const probe = { kind: 'probe', model: 'openai/gpt', prompts: ['a', 'b'] };
    expect(monitor({ probe: 'openai/gpt', ask: ['a', 'b'] }).rule).toEqual(probe);
    expect(() => monitor({ probe: 'openai/gpt' })).toThrow('A probe asks something.');
    expect(() => monitor({ ask: ['a'] })).toThrow('--ask goes with --probe.');
    expect(monitor({ probe: 'openai/gpt', ask: ['a', 'b'], budget: '$0.50' }).rule).toEqual({
      ...probe,
      budgetUsd: 0.5,
    });
    expect(monitor({ drift: true, embed: 'openai/e', budget: '2' }).rule).toEqual({
      ...{ kind: 'drift', embed: 'openai/e', budgetUsd: 2 },
    });
    expect(monitor({ by: 'model' })).toMatchObject({ by: 'model' });
    expect(monitor({ drift: 'release:1' }).rule).toEqual({
      kind: 'drift',
      against: { kind: 'filter', q: 'release:1' },
    });
    expect(monitor({ below: '3', window: '30m', least: 5, noData: true })).toMatchObject({
      ...{ rule: { kind: 'below', value: 3 }, windowMinutes: 30, leastRows: 5, alertOnNoData: true },
    });
    expect(monitor({ window: '1d' })).toMatchObject({ windowMinutes: 1440 });
  });

  test.each([
    [{ above: '1', below: '2' }, 'There is one rule.'],
    [{ above: 'much' }, 'is no limit'],
    [{ embed: 'e', above: '1' }, '--embed goes with --drift.'],
    [{ budget: '1', above: '1' }, '--budget goes with --probe or --embed.'],
    [{ drift: true as const, embed: 'e', budget: 'much' }, 'is no sum'],
    [{ by: 'weather' }, 'groups nothing'],
    [{ above: '-1' }, 'is no limit'],
    [{ unusual: 'sideways' }, 'is no direction'],
    [{ window: 'long' }, 'is no window'],
  ])('%j is refused', (options, said) => {
    expect(() => monitor(options)).toThrow(said);
  });
});
