import { changeText, intervalText, panelGroupName, panelText } from '@wheelhouse/core/watch';
import { count } from '../../data/format.ts';
import type { MeasureData } from '../../data/panel-words.ts';
import { timeText } from '../../parts/time-chart.tsx';
import { hrefOfGroup, hrefOfStep, type MeasurePanel, timesOf } from './panel-parts.ts';
import { TracesLink } from './traces-link.tsx';

type TableProps = { panel: MeasurePanel; title: string; data: MeasureData };

const head = 'h-6 pr-3 text-left text-xs font-medium whitespace-nowrap text-text-3 last:pr-0';
const number = 'mono pr-3 text-right whitespace-nowrap last:pr-0';

/** A row for each group: its value, where the truth may lie, of how many, and how it was before. */
export function GroupTable({ panel: { measure, by }, title, data }: TableProps) {
  return (
    <table aria-label={title} className="w-full text-sm">
      <thead>
        <tr>
          <th className={head}>{by ?? ''}</th>
          {['value', '95 % interval', 'n', 'before', 'change'].map((name) => (
            <th key={name} className={`${head} !text-right`}>
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {data.groups.map((group) => {
          const { total, before } = group;
          return (
            <tr key={`${group.rest} ${group.value}`} className="border-t border-line">
              <td className="max-w-48 truncate pr-3">
                <TracesLink href={hrefOfGroup(data, group)}>{panelGroupName(group)}</TracesLink>
              </td>
              <td className={number}>{total.value === null ? '–' : panelText(measure, total.value)}</td>
              <td className={number}>{intervalText(measure, total) ?? '–'}</td>
              <td className={number}>{count(total.n)}</td>
              <td className={number}>{before?.value == null ? '–' : panelText(measure, before.value)}</td>
              <td className={number}>{changeText(measure, group)?.text ?? '–'}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** A chart as rows, each value a link to the traces behind it. */
export function StepTable({ panel: { measure }, title, data }: TableProps) {
  const times = timesOf(data);
  const steps = Array.from({ length: times.size }, (_, at) => at).filter((at) =>
    data.groups.some(({ points }) => (points[at]?.n ?? 0) > 0),
  );
  return (
    <table aria-label={`${title}, step by step`} className="w-full text-sm">
      <thead>
        <tr>
          <th className={head}>From</th>
          {data.groups.map((group) => (
            <th key={`${group.rest} ${group.value}`} className={`${head} max-w-32 truncate !text-right`}>
              {panelGroupName(group)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {steps.map((at) => (
          <tr key={at} className="border-t border-line">
            <td className="pr-3 whitespace-nowrap">
              <TracesLink href={hrefOfStep(data, at)}>{timeText(times, at)}</TracesLink>
            </td>
            {data.groups.map((group) => {
              const point = group.points[at];
              const interval = point && intervalText(measure, point);
              if (!point || point.value === null)
                return (
                  <td key={`${group.rest} ${group.value}`} className={number}>
                    –
                  </td>
                );
              return (
                <td key={`${group.rest} ${group.value}`} className={number}>
                  <TracesLink href={hrefOfStep(data, at, group)}>{panelText(measure, point.value)}</TracesLink>{' '}
                  <span className="text-xs text-text-3">{interval ?? `n ${count(point.n)}`}</span>
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
