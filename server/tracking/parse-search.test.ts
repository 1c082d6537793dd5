import { describe, expect, it } from 'vitest';
import { parseExperimentFilter, parseExperimentOrder, parseRunFilter, parseRunOrder } from './parse-search.ts';

describe("MLflow's filter", () => {
  it.each([
    ['', []],
    ['metrics.loss < 1e-3', [{ field: { of: 'metric', key: 'loss' }, test: { op: '<', value: 0.001 } }]],
    ['metric.`eval loss`>=-2.5', [{ field: { of: 'metric', key: 'eval loss' }, test: { op: '>=', value: -2.5 } }]],
    ['metrics.eval/f1 = 1', [{ field: { of: 'metric', key: 'eval/f1' }, test: { op: '=', value: 1 } }]],
    ['params."lr" like "0.%"', [{ field: { of: 'param', key: 'lr' }, test: { op: 'LIKE', value: '0.%' } }]],
    [
      "tag.mlflow.user != 'o''neil'",
      [{ field: { of: 'tag', key: 'mlflow.user' }, test: { op: '!=', value: "o'neil" } }],
    ],
    [
      "Created > 5 and run.`Run name` = 'a AND b' AND tags.x is not null",
      [
        { field: { of: 'time', name: 'start_time' }, test: { op: '>', value: 5 } },
        { field: { of: 'text', name: 'run_name' }, test: { op: '=', value: 'a AND b' } },
        { field: { of: 'tag', key: 'x' }, test: { op: 'IS NOT NULL' } },
      ],
    ],
    [
      "run_id NOT IN ('a', 'b)')",
      [{ field: { of: 'text', name: 'run_id' }, test: { op: 'NOT IN', values: ['a', 'b)'] } }],
    ],
  ])('reads %s', (text, conditions) => {
    expect(parseRunFilter(text)).toEqual(conditions);
  });

  it.each([
    ['metrics.a > 1 metrics.b > 2', 'Invalid clause'],
    ['metrics.a > 1 AND', 'Invalid clause'],
    ["status IN ('RUNNING')", 'comparison with a list'],
    ['run_id IN ()', 'parsing a list'],
    ["metrics.a IN ('1')", 'Expected numeric value'],
    ['start_time IS NULL', 'only supported for tags and params'],
    ["params.a > 'x'", 'Invalid comparator'],
    ["run_id = 'a", 'Error on parsing'],
    ['; drop table', 'Error on parsing'],
  ])('refuses %s', (text, message) => {
    expect(() => parseRunFilter(text)).toThrow(message);
  });

  it('reads orders, and the filter of experiments', () => {
    expect(parseRunOrder(['metrics.`a b` desc', 'end_time'])).toEqual([
      { field: { of: 'metric', key: 'a b' }, descending: true },
      { field: { of: 'time', name: 'end_time' }, descending: false },
    ]);
    expect(() => parseRunOrder(['dataset.name'])).toThrow('dataset');
    expect(parseExperimentFilter("name ILIKE '%x%' AND tags.team = 'a'")).toHaveLength(2);
    expect(parseExperimentOrder(['creation_time ASC'])).toHaveLength(1);
    expect(() => parseExperimentFilter("params.a = 'x'")).toThrow('Invalid entity type');
  });
});
