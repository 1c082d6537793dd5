import type { PanelBody, PanelDataBody } from '@wheelhouse/sdk';
import { asText, count, plural } from '../../data/format.ts';
import { TimeChart } from '../../parts/time-chart.tsx';
import { lookOf, short } from '../overview/measures.ts';
import { isNumeric, type SqlData, sqlLines } from './sql-lines.ts';

type PanelSqlProps = {
  panel: Extract<PanelBody, { kind: 'sql' }>;
  title: string;
  data: Extract<PanelDataBody, { kind: 'sql' }>;
  height: number;
  /** The same as rows, whatever its shape is. */
  asTable: boolean;
};

function SqlTable({ data, title }: { data: SqlData; title: string }) {
  return (
    <table aria-label={title} className="w-full text-sm">
      <thead>
        <tr>
          {data.columns.map(({ name, type }) => (
            <th
              key={name}
              className={`h-6 pr-3 text-xs font-medium whitespace-nowrap text-text-3 ${isNumeric(type) ? 'text-right' : 'text-left'}`}
            >
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {data.rows.map((row, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: rows of an answer never move.
          <tr key={at} className="border-t border-line">
            {data.columns.map(({ name, type }, i) => (
              <td key={name} className={`max-w-64 truncate pr-3 ${isNumeric(type) ? 'mono text-right' : ''}`}>
                {typeof row[i] === 'number' ? count(Number(row[i].toPrecision(6))) : asText(row[i])}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** What SQL gave: as rows, or as lines over the times of its first column. */
export function PanelSql({ panel, title, data, height, asTable }: PanelSqlProps) {
  const drawn = panel.shape === 'line' && !asTable ? sqlLines(data) : null;
  return (
    <div className="min-h-0 overflow-auto px-3 pb-2">
      {data.rows.length === 0 && <p className="text-text-3">It gave no rows.</p>}
      {panel.shape === 'line' && !asTable && drawn === null && data.rows.length > 0 && (
        <p className="mb-1 text-sm text-text-2">
          A line takes a first column of times and another of numbers, so these are rows.
        </p>
      )}
      {drawn ? (
        <TimeChart
          label={`${title} over ${plural(drawn.times.size, 'step')} of time: ${drawn.lines.map(({ name }) => name).join(', ')}`}
          lines={drawn.lines.map((line, i) => ({ ...line, ...lookOf(i) }))}
          times={drawn.times}
          text={(value) => (Math.abs(value) < 1 ? String(Number(value.toPrecision(3))) : short(value))}
          cursor={null}
          onCursor={() => {}}
          onPick={() => {}}
          height={height}
        />
      ) : (
        data.rows.length > 0 && <SqlTable data={data} title={title} />
      )}
      {data.truncated && <p className="text-sm text-warn">There are more rows than these {data.rows.length}.</p>}
    </div>
  );
}
