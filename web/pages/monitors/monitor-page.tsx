import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { MonitorBody } from '@wheelhouse/sdk';
import { BellOff, LayoutDashboard, Pencil, Telescope, Trash2 } from 'lucide-react';
import { lazy, type ReactNode, Suspense, useMemo, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { dateTime, dollars, usd } from '../../data/format.ts';
import { panelDraftOfMonitor } from '../../data/measure-link.ts';
import { draftOf, hasChart, monitorBody } from '../../data/monitor-draft.ts';
import { linesText, readLines } from '../../data/monitor-lines.ts';
import { alertsQuery, monitorQuery, monitorTestQuery } from '../../data/monitor-queries.ts';
import { lookValue, watchText } from '../../data/monitor-words.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { May } from '../../parts/may.tsx';
import { Menu } from '../../parts/menu.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { ErrorText, Loading, PageError } from '../../parts/request-state.tsx';
import { useShortcuts } from '../../parts/shortcuts.tsx';
import { useToast } from '../../parts/toast.tsx';
import { WatchTabs } from '../../parts/watch-tabs.tsx';
import { alertCells, alertHeads } from './alert-cells.tsx';
import { DriftParts } from './drift-parts.tsx';
import { DriftTable, FoundLine } from './found.tsx';
import { FoundGroups, GroupTable } from './group-table.tsx';
import { isSilent, MonitorState } from './monitor-cells.tsx';
import { MonitorChart } from './monitor-chart.tsx';

const AddToDashboard = lazy(async () => ({
  default: (await import('../../parts/add-to-dashboard.tsx')).AddToDashboard,
}));
const MonitorForm = lazy(async () => ({ default: (await import('./monitor-form.tsx')).MonitorForm }));

const route = getRouteApi('/monitors/$monitor');

const silences = [
  { minutes: 60, label: 'for an hour' },
  { minutes: 240, label: 'for 4 hours' },
  { minutes: 1440, label: 'for a day' },
  { minutes: 10_080, label: 'for a week' },
] as const;

function SilenceMenu({ monitor }: { monitor: MonitorBody }) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const toast = useToast();
  const { name } = monitor;
  const silence = useMutation({
    mutationFn: (minutes: number) => client.call('silenceMonitor', { params: { monitor: name }, body: { minutes } }),
    onSuccess: async (made) => {
      queryClient.setQueryData(['monitors', name], made);
      toast(
        made.silencedUntil === null ? '✓ It tells again' : `✓ It tells nobody until ${dateTime(made.silencedUntil)}`,
      );
      await queryClient.invalidateQueries({ queryKey: ['monitors'] });
    },
    onError: (error) => toast(`✕ ${error.message}`),
  });
  const items = silences.map(({ minutes, label }) => ({ label, run: () => silence.mutate(minutes) }));
  return (
    <Menu
      trigger={
        <button type="button" className="btn">
          <BellOff size={13} strokeWidth={1.75} aria-hidden="true" />
          Silence …
        </button>
      }
      items={isSilent(monitor) ? [{ label: 'tell again', run: () => silence.mutate(0) }, ...items] : items}
    />
  );
}

/** Puts what it watches on a dashboard, where a panel measures that. */
function ToDashboard({ monitor }: { monitor: MonitorBody }) {
  const [open, setOpen] = useState(false);
  const draft = hasChart(monitor) ? panelDraftOfMonitor(monitor) : null;
  if (draft === null) return null;
  return (
    <May call="setDashboard">
      <button type="button" className="btn" onClick={() => setOpen(true)}>
        <LayoutDashboard size={13} strokeWidth={1.75} aria-hidden="true" />
        To a dashboard …
      </button>
      <Suspense fallback={null}>{open && <AddToDashboard draft={draft} onClose={() => setOpen(false)} />}</Suspense>
    </May>
  );
}

type ActionsProps = { monitor: MonitorBody; onLook: () => void; onEdit: () => void; onRemove: () => void };

function Actions({ monitor, onLook, onEdit, onRemove }: ActionsProps) {
  return (
    <>
      <May call="removeMonitor">
        <button
          type="button"
          className="btn btn-icon"
          aria-label="Delete this monitor"
          title="Delete"
          onClick={onRemove}
        >
          <Trash2 size={13} strokeWidth={1.75} />
        </button>
      </May>
      <May call="silenceMonitor">
        <SilenceMenu monitor={monitor} />
      </May>
      <ToDashboard monitor={monitor} />
      <button type="button" className="btn" onClick={onLook}>
        <Telescope size={13} strokeWidth={1.75} aria-hidden="true" />
        Look now <kbd>l</kbd>
      </button>
      <May call="setMonitor">
        <button type="button" className="btn btn-primary" onClick={onEdit}>
          <Pencil size={13} strokeWidth={1.75} aria-hidden="true" />
          Change … <kbd>e</kbd>
        </button>
      </May>
    </>
  );
}

/** What it would find now; nothing of that is kept. */
function LookNow({ monitor }: { monitor: MonitorBody }) {
  const { client } = useData();
  const body = monitorBody(draftOf(monitor));
  const found = useQuery({ ...monitorTestQuery(client, body ?? {}), enabled: body !== null });
  return (
    <section aria-label="A look now" className="border-b border-line">
      <div className="p-4">
        {found.isPending && <p className="text-text-3">Looking …</p>}
        {found.error && <ErrorText error={found.error} />}
        {found.data && <FoundLine found={found.data} />}
      </div>
      {found.data && <DriftTable drift={found.data.drift} />}
      {found.data && <DriftParts drift={found.data.drift} />}
      {found.data && <FoundGroups of={monitor} groups={found.data.groups} />}
    </section>
  );
}

function Alerts({ monitor: { name } }: { monitor: MonitorBody }) {
  const { client } = useData();
  const query = useInfiniteQuery(alertsQuery(client, { monitor: name }));
  const alerts = query.data?.pages[0]?.data.slice(0, 10) ?? [];
  const nowMs = Date.now();
  return (
    <section aria-labelledby="alerts-of-it" className="min-w-0">
      <h2 id="alerts-of-it" className="flex items-baseline gap-3 px-4 pt-4 pb-2 font-semibold">
        Its alerts
        {alerts.length > 0 && (
          <Link to="/alerts" search={{ monitor: name }} className="link text-sm font-normal">
            all
          </Link>
        )}
      </h2>
      {query.isSuccess && alerts.length === 0 && <p className="px-4 pb-4 text-text-2">None yet.</p>}
      {alerts.length > 0 && (
        <DataTable
          label="Alerts of this monitor"
          heads={alertHeads}
          right={[3]}
          rows={alerts.map((alert) => ({ key: alert.id, cells: alertCells(alert, nowMs) }))}
        />
      )}
    </section>
  );
}

/** How alike the answers of a probe were, the newest first. */
function ProbeRuns({ probe }: { probe: NonNullable<MonitorBody['probe']> }) {
  const runs = probe.runs.toReversed().slice(0, 30);
  return (
    <section aria-labelledby="probe-runs" className="min-w-0">
      <h2 id="probe-runs" className="px-4 pt-4 font-semibold">
        What it answered
      </h2>
      <p className="px-4 pb-2 text-sm text-text-2">
        {probe.changedAt === null
          ? 'As far as is known it answers as it did.'
          : `It last began to answer otherwise at ${dateTime(probe.changedAt)}.`}
      </p>
      {runs.length > 0 && (
        <DataTable
          label="Times it was asked"
          heads={['Asked', 'Alike to before', 'How much']}
          right={[1]}
          rows={runs.map(({ at, alike }) => ({
            key: at,
            cells: [
              dateTime(at),
              <span key="alike" className="mono">
                {alike === null ? '–' : `${Number((alike * 100).toPrecision(3))} %`}
              </span>,
              <span key="bar" aria-hidden="true" className="block h-1.5 w-40 overflow-hidden rounded-1 bg-line">
                <span className="block h-full bg-accent" style={{ width: `${(alike ?? 0) * 100}%` }} />
              </span>,
            ],
          }))}
        />
      )}
    </section>
  );
}

/** What it spent on the last day that it asked a model. */
const spentText = (spent: MonitorBody['spent'], budgetUsd: number) =>
  spent === null
    ? `nothing of ${dollars(budgetUsd)} a day`
    : `${usd(spent.nanoUsd)} of ${dollars(budgetUsd)} on ${spent.day}`;

/** How it is, and what it is. */
function About({ monitor }: { monitor: MonitorBody }) {
  const { look, q, channels, leastRows, alertOnNoData, createdBy, createdAt } = monitor;
  const show = (value: number) => lookValue(monitor, value);
  const facts = [
    ...(look.value === null ? [] : [{ name: 'Last value', text: show(look.value) }]),
    ...(look.expected === null
      ? []
      : [{ name: 'Usual', text: `${show(look.expected.low)} … ${show(look.expected.high)}` }]),
    { name: 'Watches', text: watchText(monitor) },
    ...(monitor.rule.kind === 'probe'
      ? [{ name: 'Asks', text: monitor.rule.prompts.join(' · ') }]
      : [{ name: 'Of', text: q === '' ? 'all traces' : q }]),
    { name: 'Least traces', text: `${leastRows}${alertOnNoData ? ', and tells of windows that tell nothing' : ''}` },
    { name: 'Tells', text: channels.length === 0 ? 'nobody' : channels.join(', ') },
    { name: 'Looked at until', text: look.until === null ? 'not looked at yet' : dateTime(look.until) },
    { name: 'So since', text: dateTime(look.since) },
    ...('budgetUsd' in monitor.rule && (monitor.rule.kind === 'probe' || monitor.rule.embed !== null)
      ? [{ name: 'Spent', text: spentText(monitor.spent, monitor.rule.budgetUsd) }]
      : []),
    { name: 'Made', text: `${dateTime(createdAt)}, ${createdBy}` },
  ];
  return (
    <div className="border-b border-line bg-surface p-4">
      <p className="text-lg break-words">{look.sentence}</p>
      {look.problem !== null && (
        <p role="alert" className="mt-2 break-words text-bad">
          ✕ It could not be looked at: {look.problem}
        </p>
      )}
      <dl className="mt-3 grid gap-x-8 gap-y-2 sm:grid-cols-2 lg:grid-cols-4">
        {facts.map(({ name, text }) => (
          <div key={name} className="min-w-0">
            <dt className="text-xs text-text-3">{name}</dt>
            <dd className="break-words">{text}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

function Monitor({ monitor }: { monitor: MonitorBody }) {
  const { client } = useData();
  const navigate = useNavigate();
  const { look: isLooking, open, lines } = route.useSearch();
  const [removes, setRemoves] = useState(false);
  const { name } = monitor;
  const go = (search: { look?: 'now'; open?: 'edit'; lines?: string }) =>
    void navigate({ to: '/monitors/$monitor', params: { monitor: name }, search, replace: true });
  const chosen = useMemo(() => readLines(lines), [lines]);
  const drawn = lines === undefined ? {} : { lines };
  const kept = { ...(isLooking === undefined ? {} : { look: isLooking }), ...drawn };
  const edit = () => go({ ...kept, open: 'edit' });
  const look = () => go({ look: 'now', ...drawn });
  useShortcuts('Monitor', [
    { keys: 'l', label: 'look now', hint: true, run: look },
    { needs: 'setMonitor', keys: 'e', label: 'change', hint: true, run: edit },
  ]);
  return (
    <>
      <PageHeader
        title={name}
        parent={
          <Link to="/monitors" className="link">
            Monitors
          </Link>
        }
        actions={<Actions monitor={monitor} onLook={look} onEdit={edit} onRemove={() => setRemoves(true)} />}
      >
        <MonitorState monitor={monitor} />
      </PageHeader>
      <WatchTabs now="/monitors" />
      <About monitor={monitor} />
      {isLooking === 'now' && <LookNow monitor={monitor} />}
      {monitor.probe !== null && <ProbeRuns probe={monitor.probe} />}
      <GroupTable monitor={monitor} />
      {hasChart(monitor) && (
        <div className="px-4 pt-4">
          <MonitorChart monitor={monitor} lines={chosen} onLines={(next) => go({ ...kept, lines: linesText(next) })} />
        </div>
      )}
      <Alerts monitor={monitor} />
      <Suspense fallback={null}>
        {open === 'edit' && <MonitorForm monitor={monitor} onClose={() => go(kept)} />}
      </Suspense>
      {removes && (
        <Confirm
          title={`Delete ${name}`}
          action="Delete"
          done="It watches no more."
          changes={['monitors', 'alerts']}
          run={async () => {
            await client.call('removeMonitor', { params: { monitor: name } });
            await navigate({ to: '/monitors' });
          }}
          onClose={() => setRemoves(false)}
        >
          It watches no more. Its alerts stay; one that is open ends, and whoever was told of it is told.
        </Confirm>
      )}
    </>
  );
}

export function MonitorPage(): ReactNode {
  const { monitor: name } = route.useParams();
  const { client } = useData();
  const query = useQuery(monitorQuery(client, name));
  if (query.data) return <Monitor key={name} monitor={query.data} />;
  if (query.error)
    return <PageError error={query.error} what={`The monitor ${name}`} onRetry={() => void query.refetch()} />;
  return <Loading what="the monitor" />;
}
