import { changeText, intervalText, panelGroupName, panelMeasureName, panelText } from '@wheelhouse/core/watch';
import type { PanelBody, PanelDataBody } from '@wheelhouse/sdk';
import { sparkline } from './sparkline.ts';
import { type CellText, renderTable } from './table.ts';
import type { Terminal } from './terminal.ts';
import { cut, plain } from './text.ts';

type MeasurePanel = Extract<PanelBody, { kind: 'measure' }>;
type MeasureData = Extract<PanelDataBody, { kind: 'measure' }>;
type SqlData = Extract<PanelDataBody, { kind: 'sql' }>;

const sqlRows = 20;
const widestCell = 40;

/** Numbers with where the truth may lie, of how many they are, and how it went. */
function measureLines({ measure, by, shape }: MeasurePanel, data: MeasureData, { outStyle }: Terminal): string[] {
  const isCompared = shape === 'number' || shape === 'table';
  const paint = { good: outStyle.green, bad: outStyle.red, none: outStyle.dim };
  const rows = data.groups.map((group): (string | CellText)[] => {
    const { total, points } = group;
    const change = changeText(measure, group);
    return [
      cut(by === null ? panelMeasureName(measure) : plain(panelGroupName(group)), widestCell),
      total.value === null ? '–' : panelText(measure, total.value),
      intervalText(measure, total) ?? '',
      total.n.toLocaleString('en'),
      sparkline(points.map(({ value }) => value)),
      ...(isCompared ? [change ? { text: change.text, paint: paint[change.tone] } : ''] : []),
    ];
  });
  if (rows.length === 0) return ['  Nothing was measured in this time.'];
  const heads = [by ?? '', '', '95 % interval', 'n', '', ...(isCompared ? ['change'] : [])];
  return renderTable([heads, ...rows], ['left', 'right', 'left', 'right', 'left', 'left']);
}

function sqlLines({ columns, rows, truncated }: SqlData): string[] {
  const said = (cell: unknown): string => {
    if (typeof cell === 'number' && !Number.isInteger(cell)) return String(Number(cell.toPrecision(6)));
    return typeof cell === 'string' ? cell : JSON.stringify(cell);
  };
  const text = (cell: unknown) => cut(plain(said(cell)), widestCell);
  const shown = rows.slice(0, sqlRows).map((row) => row.map(text));
  const align = columns.map((_, at) => (typeof rows[0]?.[at] === 'number' ? 'right' : 'left') as 'left' | 'right');
  const more = truncated || rows.length > sqlRows ? [`  … of more than ${sqlRows} rows; --json has more`] : [];
  return [...renderTable([columns.map(({ name }) => name), ...shown], align), ...more];
}

/** What a panel shows, as lines; of a text the text. */
export function panelLines(panel: PanelBody, data: PanelDataBody | null, terminal: Terminal): string[] {
  const title = `  ${terminal.outStyle.bold(plain(panel.title))}`;
  if (panel.kind === 'text') return [title, ...panel.text.split('\n').map((line) => `  ${plain(line)}`.trimEnd())];
  if (data?.kind === 'sql') return [title, ...sqlLines(data)];
  return panel.kind === 'measure' && data?.kind === 'measure'
    ? [title, ...measureLines(panel, data, terminal)]
    : [title];
}
