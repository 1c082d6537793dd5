import { expect, it } from 'vitest';
import { createCounter, createHistogram } from './prometheus.ts';

it('writes counters and histograms as Prometheus reads them', () => {
  const counter = createCounter('calls_total', 'Calls.', ['model']);
  counter.add(2, 'a"b\n');
  counter.add(1, 'a"b\n');
  expect(counter.text()).toBe(
    '# HELP calls_total Calls.\n# TYPE calls_total counter\ncalls_total{model="a\\"b\\n"} 3\n',
  );
  const histogram = createHistogram('seconds', 'Time.', { labels: ['model'], buckets: [0.1, 1] });
  for (const value of [0.05, 0.1, 0.5, 7]) histogram.observe(value, 'm');
  expect(histogram.text().split('\n').slice(2)).toEqual([
    'seconds_bucket{model="m",le="0.1"} 2',
    'seconds_bucket{model="m",le="1"} 3',
    'seconds_bucket{model="m",le="+Inf"} 4',
    'seconds_sum{model="m"} 7.65',
    'seconds_count{model="m"} 4',
    '',
  ]);
});

it('counts ever new names together', () => {
  const counter = createCounter('calls_total', 'Calls.', ['model']);
  for (let i = 0; i < 5_000; i++) counter.add(1, `m${i}`);
  const lines = counter.text().trim().split('\n').slice(2);
  expect(lines.length).toBeLessThan(2_100);
  expect(lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)).toBe(5_000);
});
