import { Link } from '@tanstack/react-router';
import type { MonitorBody } from '@wheelhouse/sdk';
import type { ReactNode } from 'react';
import { dateTime } from '../../data/format.ts';
import { lookValue, monitorStates, watchText } from '../../data/monitor-words.ts';
import { Pill } from '../../parts/pill.tsx';

/** Whether it tells nobody now. */
export const isSilent = ({ silencedUntil }: MonitorBody): boolean =>
  silencedUntil !== null && Date.parse(silencedUntil) > Date.now();

export function MonitorState({ monitor }: { monitor: MonitorBody }) {
  const { tone, glyph, text } = monitorStates[monitor.look.status];
  return (
    <span className="flex flex-wrap gap-1">
      {monitor.alertId === null ? (
        <Pill tone={tone}>
          {glyph} {text}
        </Pill>
      ) : (
        <Link to="/alerts/$alertId" params={{ alertId: monitor.alertId }}>
          <Pill tone={tone}>
            {glyph} {text}
          </Pill>
        </Link>
      )}
      {isSilent(monitor) && (
        <span title={`Tells nobody until ${dateTime(monitor.silencedUntil ?? '')}`}>
          <Pill tone="mute">silent</Pill>
        </span>
      )}
    </span>
  );
}

/** The last value, and what would have been usual. */
function LastValue({ monitor }: { monitor: MonitorBody }) {
  const { look } = monitor;
  if (look.value === null) return <span className="text-text-3">–</span>;
  const show = (value: number) => lookValue(monitor, value);
  return (
    <span className="block">
      <span className="mono whitespace-nowrap">{show(look.value)}</span>
      {look.expected !== null && (
        <span className="block text-xs whitespace-nowrap text-text-3">
          usual {show(look.expected.low)} … {show(look.expected.high)}
        </span>
      )}
    </span>
  );
}

/** A monitor in the list: what it watches, how it is, and what it saw last. */
export const monitorCells = (monitor: MonitorBody): ReactNode[] => {
  const { name, q, look, channels } = monitor;
  return [
    <span key="name" className="block min-w-0">
      <Link to="/monitors/$monitor" params={{ monitor: name }} className="link break-words">
        {name}
      </Link>
      <span className="block text-sm break-words text-text-2">{watchText(monitor)}</span>
      {q !== '' && <code className="mono block text-xs break-words text-text-3">{q}</code>}
    </span>,
    <MonitorState key="state" monitor={monitor} />,
    <LastValue key="value" monitor={monitor} />,
    <span key="why" className="block text-sm break-words text-text-2">
      {look.problem === null ? look.sentence : <span className="text-bad">✕ {look.problem}</span>}
    </span>,
    <span key="until" className="whitespace-nowrap text-text-2">
      {look.until === null ? '–' : dateTime(look.until)}
    </span>,
    <span key="tells" className="break-words text-text-2">
      {channels.length === 0 ? <span className="text-text-3">nobody</span> : channels.join(', ')}
    </span>,
  ];
};
