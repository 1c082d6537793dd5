import type { PanelBody, PanelDataBody } from '@wheelhouse/sdk';
import { expect, it } from 'vitest';
import { panelLines } from './dashboard-report.ts';
import { sparkline } from './sparkline.ts';
import type { Terminal } from './terminal.ts';

const plainStyle = { bold: (text: string) => text, red: String, green: String, dim: String };
const terminal = { outStyle: plainStyle } as unknown as Terminal;
const place = { id: 'p1', title: 'One\u001b[31m', width: 6, height: 2 } as const;

it('a sparkline goes from 0 to the highest, with gaps, in so many columns at most', () => {
  expect(sparkline([0, 1, null, 4, 8])).toBe('▁▂ ▅█');
  expect(sparkline([0, 0])).toBe('▁▁');
  expect(sparkline([])).toBe('');
  expect(sparkline(Array.from({ length: 100 }, (_, i) => (i === 99 ? 1 : 0)))).toMatch(/^▁{33}█$/);
});

it('SQL is a table of its first rows, whose texts cannot steer the terminal', () => {
  const data: PanelDataBody = {
    ...{ kind: 'sql', truncated: false, elapsedMs: 1 },
    columns: [
      { name: 'model', type: 'String' },
      { name: 'usd', type: 'Float64' },
    ],
    rows: Array.from({ length: 21 }, (_, i) => [`m${i}\u001b[2J`, 0.1 + 0.2 + i]),
  };
  const panel: PanelBody = { ...place, kind: 'sql', sql: 'SELECT', shape: 'table' };
  const lines = panelLines(panel, data, terminal);
  expect(lines[0]).toBe('  One[31m');
  expect(lines[2]).toBe('  m0[2J     0.3');
  expect(lines).toHaveLength(2 + 20 + 1);
  expect(lines.join('')).not.toContain('\u001b');
});

it('a measure of nothing says so', () => {
  const panel: PanelBody = {
    ...{
      ...place,
      kind: 'measure',
      q: '',
      view: null,
      measure: { kind: 'traces' },
      by: 'model',
      top: 7,
      shape: 'line',
    },
  };
  const data: PanelDataBody = {
    ...{ kind: 'measure', step: 60, fromNs: '0', untilNs: '60000000000', q: '', unpriced: 0, groups: [] },
  };
  expect(panelLines(panel, data, terminal)).toEqual(['  One[31m', '  Nothing was measured in this time.']);
});
