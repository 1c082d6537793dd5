import { Link } from '@tanstack/react-router';
import type { MonitorBody, ResponseBody } from '@wheelhouse/sdk';
import { count, dateTime } from '../../data/format.ts';
import { lookValue, monitorStates } from '../../data/monitor-words.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { Pill } from '../../parts/pill.tsx';

type Watched = Pick<MonitorBody, 'rule' | 'measure' | 'by'>;
type Tried = ResponseBody<'testMonitor'>['groups'];

const name = (group: string | null) => group ?? <span className="text-text-3">none</span>;

function Value({ of, value, expected }: { of: Watched } & Pick<MonitorBody['look'], 'value' | 'expected'>) {
  if (value === null) return <span className="text-text-3">–</span>;
  const show = (one: number) => lookValue(of, one);
  return (
    <span className="block">
      <span className="mono whitespace-nowrap">{show(value)}</span>
      {expected !== null && (
        <span className="block text-xs whitespace-nowrap text-text-3">
          usual {show(expected.low)} … {show(expected.high)}
        </span>
      )}
    </span>
  );
}

function State({ status }: Pick<MonitorBody['groups'][number], 'status'>) {
  const { tone, glyph, text } = monitorStates[status];
  return (
    <Pill tone={tone}>
      {glyph} {text}
    </Pill>
  );
}

/** Each group that is looked at with its own state; those with an alert first. */
export function GroupTable({ monitor }: { monitor: MonitorBody }) {
  const { by, groups } = monitor;
  if (by === null || groups.length === 0) return null;
  return (
    <div className="min-w-0">
      <h2 className="px-4 pt-4 pb-2 font-semibold">Each {by}</h2>
      <DataTable
        label={`Each ${by}`}
        heads={[by, 'State', 'Last', 'What it saw', 'Traces', 'So since']}
        right={[2, 4]}
        rows={groups.map(({ name: group, status, value, expected, rows, sentence, since, alertId }) => {
          return {
            key: group ?? '\0',
            cells: [
              <span key="name" className="mono break-words">
                {name(group)}
              </span>,
              alertId === null ? (
                <State key="state" status={status} />
              ) : (
                <Link key="state" to="/alerts/$alertId" params={{ alertId }}>
                  <State status={status} />
                </Link>
              ),
              <Value key="value" of={monitor} value={value} expected={expected} />,
              <span key="why" className="block text-sm break-words text-text-2">
                {sentence}
              </span>,
              <span key="rows" className="mono">
                {count(rows)}
              </span>,
              <span key="since" className="whitespace-nowrap text-text-2">
                {dateTime(since)}
              </span>,
            ],
          };
        })}
      />
    </div>
  );
}

const looks = {
  bad: { tone: 'bad', text: '✕ would alert' },
  good: { tone: 'good', text: '✓ would not alert' },
  nothing: { tone: 'warn', text: '? no data' },
} as const;

/** What a look found of each group, with the traces behind it. */
export function FoundGroups({ of, groups }: { of: Watched; groups: Tried }) {
  if (groups.length === 0) return null;
  return (
    <DataTable
      label="What a look found of each"
      heads={[of.by ?? '', 'Found', 'Value', 'What it saw', 'Traces']}
      right={[2, 4]}
      rows={groups.map(({ name: group, found, value, expected, rows, sentence, q }) => ({
        key: group ?? '\0',
        cells: [
          <span key="name" className="mono break-words">
            {name(group)}
          </span>,
          <Pill key="found" tone={looks[found].tone}>
            {looks[found].text}
          </Pill>,
          <Value key="value" of={of} value={value} expected={expected} />,
          <span key="why" className="block text-sm break-words text-text-2">
            {sentence}
          </span>,
          <Link key="rows" to="/traces" search={{ q }} className="link mono underline">
            {count(rows)}
          </Link>,
        ],
      }))}
    />
  );
}
