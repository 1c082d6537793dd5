import { expect, it } from 'vitest';
import { sqlLines } from './sql-lines.ts';

const columns = [
  { name: 'at', type: 'DateTime(UTC)' },
  { name: 'traces', type: 'UInt64' },
  { name: 'model', type: 'String' },
  { name: 'p90', type: 'Nullable(Float64)' },
];

it('lines stand over the times of the first column, with gaps where there is no row', () => {
  const rows = [
    ['2026-11-22 02:00:00', '3', 'a', null],
    ['2026-11-22 00:00:00', '1', 'b', 0.5],
    ['2026-11-22 01:00:00', '2', 'c', 1],
    ['2026-11-22 04:00:00', '4', 'd', 2],
  ];
  expect(sqlLines({ columns, rows })).toEqual({
    times: { fromMs: Date.UTC(2026, 10, 22), stepMs: 3_600_000, size: 5 },
    lines: [
      { name: 'traces', values: [1, 2, 3, null, 4] },
      { name: 'p90', values: [0.5, 1, null, null, 2] },
    ],
  });
});

it('no lines of what has no times, or no numbers', () => {
  expect(sqlLines({ columns, rows: [] })).toBeNull();
  expect(sqlLines({ columns, rows: [['a', 1, 'b', 2]] })).toBeNull();
  expect(sqlLines({ columns: columns.slice(0, 1), rows: [['2026-11-22 00:00:00']] })).toBeNull();
});

it('far times are no more steps than a chart draws', () => {
  const rows = [
    ['2020-01-01 00:00:00', 1, '', 1],
    ['2020-01-01 00:00:01', 1, '', 1],
    ['2026-01-01 00:00:00', 2, '', 2],
  ];
  expect(sqlLines({ columns, rows })?.times.size).toBeLessThanOrEqual(2001);
});
