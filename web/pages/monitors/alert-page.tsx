import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { AlertDetailBody, MonitorBody } from '@wheelhouse/sdk';
import { Activity } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { dateTime } from '../../data/format.ts';
import { hasChart } from '../../data/monitor-draft.ts';
import { lineOf } from '../../data/monitor-lines.ts';
import { alertQuery, monitorsQuery } from '../../data/monitor-queries.ts';
import { alertTime, lookValue, watchText } from '../../data/monitor-words.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Pill } from '../../parts/pill.tsx';
import { Loading, PageError } from '../../parts/request-state.tsx';
import { useShortcuts } from '../../parts/shortcuts.tsx';
import { WatchTabs } from '../../parts/watch-tabs.tsx';
import { AlertState } from './alert-cells.tsx';
import { MonitorChart } from './monitor-chart.tsx';

const route = getRouteApi('/alerts/$alertId');

const messageLooks = {
  waiting: { tone: 'warn', glyph: '…', text: 'waiting' },
  delivered: { tone: 'good', glyph: '✓', text: 'delivered' },
  failed: { tone: 'bad', glyph: '✕', text: 'given up' },
} as const;

function Messages({ messages }: Pick<AlertDetailBody, 'messages'>) {
  return (
    <section aria-labelledby="messages" className="min-w-0">
      <h2 id="messages" className="px-4 pt-4 pb-2 font-semibold">
        Who was told
      </h2>
      {messages.length === 0 ? (
        <p className="px-4 pb-3 text-text-2">Nobody.</p>
      ) : (
        <DataTable
          label="Messages"
          heads={['Channel', 'That it', 'State', 'Attempts', 'Arrived', 'Last error']}
          right={[3]}
          rows={messages.map(({ channel, event, status, attempts, endedAt, error }) => ({
            key: `${channel} ${event}`,
            cells: [
              channel,
              event === 'opened' ? 'opened' : 'ended',
              <Pill key="status" tone={messageLooks[status].tone}>
                {messageLooks[status].glyph} {messageLooks[status].text}
              </Pill>,
              <span key="attempts" className="mono">
                {attempts}
              </span>,
              <span key="at" className="whitespace-nowrap text-text-2">
                {endedAt === null || status !== 'delivered' ? '–' : dateTime(endedAt)}
              </span>,
              <span key="error" className="break-words text-text-2">
                {error ?? '–'}
              </span>,
            ],
          }))}
        />
      )}
    </section>
  );
}

function Figures({ alert, monitor }: { alert: AlertDetailBody; monitor: MonitorBody | undefined }) {
  const show = (value: number) => (monitor ? lookValue(monitor, value) : String(Number(value.toPrecision(4))));
  const figures = [
    ...(alert.value === null ? [] : [{ name: 'Measured', text: show(alert.value) }]),
    ...(alert.expected === null
      ? []
      : [{ name: 'Usual', text: `${show(alert.expected.low)} … ${show(alert.expected.high)}` }]),
    { name: alert.closedAt === null ? 'Open for' : 'Lasted', text: alertTime(alert, Date.now()) },
    { name: 'Opened', text: dateTime(alert.openedAt) },
    ...(alert.closedAt === null ? [] : [{ name: 'Ended', text: dateTime(alert.closedAt) }]),
  ];
  return (
    <dl className="mt-3 flex flex-wrap gap-x-8 gap-y-2">
      {figures.map(({ name, text }) => (
        <div key={name}>
          <dt className="text-xs text-text-3">{name}</dt>
          <dd className="text-lg font-semibold whitespace-nowrap">{text}</dd>
        </div>
      ))}
    </dl>
  );
}

function Alert({ alert }: { alert: AlertDetailBody }) {
  const { client } = useData();
  const navigate = route.useNavigate();
  const [lines, setLines] = useState(() => [lineOf({ name: alert.group })]);
  const monitor = useQuery(monitorsQuery(client)).data?.find(({ name }) => name === alert.monitor);
  useShortcuts('Alert', [
    {
      keys: 'r',
      label: 'traces behind it',
      hint: true,
      run: () => void navigate({ to: '/traces', search: { q: alert.q } }),
    },
  ]);
  return (
    <>
      <PageHeader
        title={`Alert of ${alert.monitor}${alert.group === null ? '' : `, ${alert.group}`}`}
        heading={
          monitor ? (
            <Link to="/monitors/$monitor" params={{ monitor: alert.monitor }}>
              {alert.monitor}
            </Link>
          ) : (
            alert.monitor
          )
        }
        parent={
          <Link to="/alerts" className="link">
            Alerts
          </Link>
        }
        actions={
          <Link to="/traces" search={{ q: alert.q }} className="btn btn-primary">
            <Activity size={13} strokeWidth={1.75} aria-hidden="true" />
            Traces behind it <kbd>r</kbd>
          </Link>
        }
      >
        <AlertState alert={alert} />
      </PageHeader>
      <WatchTabs now="/alerts" />
      <div className="border-b border-line bg-surface p-4">
        <p className="text-lg break-words">{alert.sentence}</p>
        <p className="text-sm text-text-2">{monitor ? watchText(monitor) : 'Its monitor was removed.'}</p>
        <Figures alert={alert} monitor={monitor} />
        <p className="mt-3">
          <code className="mono text-sm break-words text-text-2">{alert.q}</code>
        </p>
        {monitor?.rule.kind === 'drift' && (
          <p className="mt-2">
            <Link
              to="/monitors/$monitor"
              params={{ monitor: alert.monitor }}
              search={{ look: 'now' }}
              className="link underline"
            >
              What changed, feature by feature, as it is now
            </Link>
          </p>
        )}
      </div>
      {monitor && hasChart(monitor) && (
        <div className="p-4">
          <MonitorChart monitor={monitor} lines={lines} onLines={setLines} />
        </div>
      )}
      <Messages messages={alert.messages} />
    </>
  );
}

export function AlertPage(): ReactNode {
  const { alertId } = route.useParams();
  const { client } = useData();
  const query = useQuery(alertQuery(client, alertId));
  if (query.data) return <Alert key={alertId} alert={query.data} />;
  if (query.error)
    return <PageError error={query.error} what={`The alert ${alertId}`} onRetry={() => void query.refetch()} />;
  return <Loading what="the alert" />;
}
