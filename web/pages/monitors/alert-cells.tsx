import { Link } from '@tanstack/react-router';
import type { AlertBody } from '@wheelhouse/sdk';
import type { ReactNode } from 'react';
import { dateTime } from '../../data/format.ts';
import { alertTime } from '../../data/monitor-words.ts';
import { Pill } from '../../parts/pill.tsx';

/** Whether it goes on, and of what kind it is. */
export function AlertState({ alert }: { alert: AlertBody }) {
  const what = alert.kind === 'no_data' ? 'no data' : 'alert';
  return (
    <span className="flex flex-wrap gap-1">
      {alert.closedAt === null ? (
        <Pill tone={alert.kind === 'alert' ? 'bad' : 'warn'}>
          {alert.kind === 'alert' ? '✕' : '?'} {what}, open
        </Pill>
      ) : (
        <Pill tone="mute">✓ {what}, over</Pill>
      )}
      {alert.untold === 'silenced' && <Pill tone="mute">silent</Pill>}
    </span>
  );
}

export const alertHeads = ['Alert', 'State', 'Opened', 'Lasted', 'Behind it'];

/** An alert in a list: what was found, whether it goes on, and the way to the traces. */
export const alertCells = (alert: AlertBody, nowMs: number): ReactNode[] => [
  <span key="alert" className="block min-w-0">
    <Link to="/alerts/$alertId" params={{ alertId: alert.id }} className="link break-words">
      {alert.sentence}
    </Link>
    <span className="block text-sm break-words text-text-2">
      {alert.monitor}
      {alert.group !== null && <span className="mono"> · {alert.group}</span>}
    </span>
  </span>,
  <AlertState key="state" alert={alert} />,
  <span key="opened" className="whitespace-nowrap text-text-2">
    {dateTime(alert.openedAt)}
  </span>,
  <span key="lasted" className="mono whitespace-nowrap">
    {alertTime(alert, nowMs)}
  </span>,
  <Link key="behind" to="/traces" search={{ q: alert.q }} className="link underline">
    traces
  </Link>,
];
