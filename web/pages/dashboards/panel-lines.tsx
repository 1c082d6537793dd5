import { useNavigate } from '@tanstack/react-router';
import { intervalText, isTotal, panelGroupName, panelMeasureName, panelText } from '@wheelhouse/core/watch';
import { useMemo } from 'react';
import { count, plural } from '../../data/format.ts';
import type { MeasureData } from '../../data/panel-words.ts';
import { LineSample } from '../../parts/line-sample.tsx';
import { TimeChart } from '../../parts/time-chart.tsx';
import { lookOf, short } from '../overview/measures.ts';
import { hrefOfStep, type MeasurePanel, onlyGroup, timesOf } from './panel-parts.ts';

/** Beside several lines, bands would hide each other. */
const mostBands = 3;

const bandOf = (points: MeasureData['groups'][number]['points']) =>
  points.map(({ low, high }) => (low === null || high === null ? null : { low: Math.max(0, low), high }));

type PanelLinesProps = {
  panel: MeasurePanel;
  title: string;
  data: MeasureData;
  height: number;
  cursor: number | null;
  onCursor: (at: number | null) => void;
};

/** The measure over time, a line for each group; columns of what is counted of all. */
export function PanelLines({ panel, title, data, height, cursor, onCursor }: PanelLinesProps) {
  const { measure } = panel;
  const navigate = useNavigate();
  const isCount = isTotal(measure) && measure.kind !== 'cost';
  const lines = useMemo(
    () =>
      data.groups.map((group, i) => ({
        ...{ name: panelGroupName(group), ...lookOf(i), values: group.points.map(({ value }) => value) },
        notes: group.points.map((point) => intervalText(measure, point) ?? (isCount ? null : `n ${count(point.n)}`)),
        ...(data.groups.length <= mostBands ? { band: bandOf(group.points) } : {}),
      })),
    [data, measure, isCount],
  );
  const only = onlyGroup(data);
  const times = timesOf(data);
  const interval = only && intervalText(measure, only.total);
  const text = (value: number) => (isCount ? short(value) : panelText(measure, value));
  const whole = only && `${only.total.value === null ? '–' : panelText(measure, only.total.value)}`;
  if (lines.every(({ values }) => values.every((value) => value === null)))
    return <p className="px-3 pb-3 text-text-3">Nothing was measured in this time.</p>;
  return (
    <>
      <p className="flex flex-wrap items-baseline gap-x-3 px-3 text-xs text-text-2">
        {only ? (
          <>
            <span className="mono text-base font-semibold text-text">{whole}</span>
            {interval && <span className="mono">{interval}</span>}
            {measure.kind !== 'traces' && <span>n {count(only.total.n)}</span>}
          </>
        ) : (
          lines.map((line) => (
            <span key={line.name} className="inline-flex items-center gap-1">
              <LineSample color={line.color} dash={line.dash} />
              <span className="max-w-28 truncate">{line.name}</span>
            </span>
          ))
        )}
      </p>
      <div className="px-1 pt-1">
        <TimeChart
          label={`${title}: ${panelMeasureName(measure)} over ${plural(times.size, 'step')} of time${only ? `; in all ${whole}` : `: ${lines.map(({ name }) => name).join(', ')}`}`}
          lines={lines}
          times={times}
          text={text}
          cursor={cursor}
          onCursor={onCursor}
          height={height}
          columns={panel.shape === 'bars' && only !== null}
          onPick={(at) => {
            const href = hrefOfStep(data, at);
            if (href !== null) void navigate({ href });
          }}
        />
      </div>
    </>
  );
}
