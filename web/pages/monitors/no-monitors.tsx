import type { ReactNode } from 'react';
import { commandAt, type Here, useHere } from '../../data/here.ts';
import { Empty, type Way } from '../../parts/empty.tsx';

const ways = ({ origin, curl }: Here): Way[] => [
  {
    title: 'From a terminal',
    text: 'Errors that are not usual at that hour and weekday. Others: --above 4s, --objective 99.5%, --drift.',
    code: `${commandAt(origin)}wheelhouse monitor new errors --of error_rate`,
  },
  {
    title: 'Over HTTP',
    text: 'The same request twice is one monitor, so a file of them can be applied as often as one likes.',
    code: `curl -X PUT ${origin}/api/v1/monitors/errors ${curl} \\
  -d '${JSON.stringify({ measure: { kind: 'error_rate' }, rule: { kind: 'unusual', direction: 'up' } })}'`,
  },
];

export function NoMonitors({ children }: { children: ReactNode }) {
  return (
    <Empty
      heading="No monitors yet"
      text="A monitor is a filter, a measure, a window and a rule. The server looks when it is due; when the rule holds, an alert opens, which leads to the traces behind it, and channels are told."
      ways={ways(useHere())}
    >
      {children}
    </Empty>
  );
}
