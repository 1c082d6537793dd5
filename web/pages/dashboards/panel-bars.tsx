import { intervalText, panelGroupName, panelText } from '@wheelhouse/core/watch';
import { count } from '../../data/format.ts';
import type { MeasureData } from '../../data/panel-words.ts';
import { hrefOfGroup, type MeasurePanel } from './panel-parts.ts';
import { TracesLink } from './traces-link.tsx';

/** A bar for each group, with where the truth may lie. */
export function PanelBars({ panel: { measure }, data }: { panel: MeasurePanel; data: MeasureData }) {
  const ends = data.groups.flatMap(({ total }) => [total.value ?? 0, total.high ?? 0]);
  const most = Math.max(...ends, Number.MIN_VALUE);
  const share = (value: number) => `${Math.max(0, Math.min(100, (100 * value) / most))}%`;
  return (
    <ul className="grid grid-cols-[minmax(0,2fr)_minmax(0,3fr)_auto] gap-x-2 gap-y-1">
      {data.groups.map((group) => {
        const { value, low, high, n } = group.total;
        const interval = intervalText(measure, group.total);
        return (
          <li
            key={`${group.rest} ${group.value}`}
            className="col-span-3 grid min-h-6 grid-cols-subgrid items-center text-sm"
          >
            <span className="truncate" title={panelGroupName(group)}>
              <TracesLink href={hrefOfGroup(data, group)}>{panelGroupName(group)}</TracesLink>
            </span>
            <span aria-hidden="true" className="relative h-3">
              <span
                className="absolute inset-y-0 left-0 rounded-1 bg-[var(--k-llm)]"
                style={{ width: share(value ?? 0) }}
              />
              {low !== null && high !== null && (
                <span
                  className="absolute top-1/2 h-2 -translate-y-1/2 border-x border-b-0 border-text before:absolute before:inset-x-0 before:top-1/2 before:border-t before:border-text"
                  style={{ left: share(low), right: `calc(100% - ${share(high)})` }}
                />
              )}
            </span>
            <span className="mono text-right" title={interval ?? undefined}>
              {value === null ? '–' : panelText(measure, value)}
              <span className="text-text-3"> n {count(n)}</span>
            </span>
          </li>
        );
      })}
    </ul>
  );
}
