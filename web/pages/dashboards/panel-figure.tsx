import { changeText, intervalText, panelMeasureName, panelText } from '@wheelhouse/core/watch';
import { count } from '../../data/format.ts';
import type { MeasureData } from '../../data/panel-words.ts';
import { hrefOfGroup, type MeasurePanel } from './panel-parts.ts';
import { TracesLink } from './traces-link.tsx';

const tones = { good: 'text-good', bad: 'text-bad', none: 'text-text-2' };
const glyphs = { good: '▼ ', bad: '▲ ', none: '' };

type PanelFigureProps = { panel: MeasurePanel; data: MeasureData };

/** One number, where the truth may lie, and the same of the time before. */
export function PanelFigure({ panel: { measure }, data }: PanelFigureProps) {
  const [group] = data.groups;
  if (!group) return <p className="p-3 text-text-3">Nothing was measured in this time.</p>;
  const { total } = group;
  const change = changeText(measure, group);
  const interval = intervalText(measure, total);
  return (
    <div className="flex min-h-0 flex-1 flex-col overflow-auto px-3 pb-1 [justify-content:safe_center]">
      <p className="flex flex-wrap items-baseline gap-x-3">
        <TracesLink
          href={hrefOfGroup(data, group)}
          className="mono text-xl font-semibold hover:underline"
          label={`${panelMeasureName(measure)}: ${total.value === null ? 'nothing measured' : panelText(measure, total.value)}; its traces`}
        >
          {total.value === null ? '–' : panelText(measure, total.value)}
        </TracesLink>
        {interval && <span className="mono text-xs text-text-2">{interval}</span>}
      </p>
      <p className="flex flex-wrap gap-x-3 text-xs text-text-2">
        {measure.kind !== 'traces' && <span>n {count(total.n)}</span>}
        {data.unpriced > 0 && (measure.kind === 'cost' || measure.kind === 'trace_cost') && (
          <span>+ {count(data.unpriced)} unpriced</span>
        )}
        {change && (
          <span>
            <span className={tones[change.tone]}>
              {glyphs[change.tone]}
              {change.text}
            </span>{' '}
            <span className="text-text-3">{change.note}</span>
          </span>
        )}
      </p>
    </div>
  );
}
