import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { type DashboardBody, type PanelBody, WheelhouseApiError } from '@wheelhouse/sdk';
import { EllipsisVertical, Plus, Undo2 } from 'lucide-react';
import { lazy, type ReactNode, type RefObject, Suspense, useRef, useState } from 'react';
import { useMay } from '../../data/access-queries.ts';
import { dashboardFile, dashboardQuery } from '../../data/dashboard-queries.ts';
import { useData } from '../../data/data-context.tsx';
import { monitorLink } from '../../data/measure-link.ts';
import { copyPanel, freshPanelId, movePanel, placeAt, removePanel, resizePanel } from '../../data/panel-places.ts';
import { useFollow } from '../../data/use-follow.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { May } from '../../parts/may.tsx';
import { Menu } from '../../parts/menu.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Loading, PageError } from '../../parts/request-state.tsx';
import { useShortcuts } from '../../parts/shortcuts.tsx';
import { WatchTabs } from '../../parts/watch-tabs.tsx';
import { askedKeys, HeadFilter, Ranges } from '../overview/asked-head.tsx';
import { askedOf } from '../overview/asked-of.ts';
import { FilterError } from '../traces/filter-box.tsx';
import { MeanwhileNotice } from './meanwhile-notice.tsx';
import { gridGap, type PanelActions, PanelCard, rowHeight } from './panel-card.tsx';
import type { Asked } from './panel-view.tsx';
import { saveFile } from './save-file.ts';
import { useDashboardEdits } from './use-dashboard-edits.ts';

const PanelForm = lazy(async () => ({ default: (await import('./panel-form.tsx')).PanelForm }));
const RenameForm = lazy(async () => ({ default: (await import('./rename-form.tsx')).RenameForm }));

const route = getRouteApi('/dashboards/$dashboard');
const followMs = 10_000;

type Search = ReturnType<typeof route.useSearch>;
/** All panels of a page are of one moment, so that what they share is read once. */
function useMoment(): string {
  const [at, setAt] = useState(() => new Date().toISOString());
  useFollow(() => setAt(new Date().toISOString()), followMs);
  return at;
}

/** The form that is open: of a new panel, of one that is there, or of the title. */
type Open = 'new' | 'rename' | 'remove' | { panel: PanelBody } | null;

function NoPanels({ onAdd }: { onAdd: () => void }) {
  return (
    <div className="flex max-w-xl flex-col items-start gap-3 p-2">
      <p className="text-text-2">
        Nothing is here yet. A panel is a measure of the traces that fit a filter, a text, or one SELECT. The list of
        traces has “To a dashboard” for the filter one looks at, and so has every monitor.
      </p>
      <May call="setDashboard">
        <button type="button" className="btn btn-primary" onClick={onAdd}>
          <Plus size={13} strokeWidth={1.75} aria-hidden="true" />
          Add the first panel
        </button>
      </May>
    </div>
  );
}

type HeaderProps = {
  dashboard: DashboardBody;
  search: Search;
  box: RefObject<HTMLInputElement | null>;
  canUndo: boolean;
  onUndo: () => void;
  onOpen: (open: Open) => void;
  onChange: (next: Search) => void;
};

function Header({ dashboard, search, box, canUndo, onUndo, onOpen, onChange }: HeaderProps) {
  const { name, title } = dashboard;
  const mayEdit = useMay()('setDashboard');
  const items = [
    { label: 'Export as JSON', run: () => saveFile(`${name}.json`, dashboardFile(dashboard)) },
    ...(mayEdit ? [{ label: 'Rename …', run: () => onOpen('rename') }] : []),
    ...(mayEdit ? [{ label: 'Delete …', run: () => onOpen('remove') }] : []),
  ];
  return (
    <PageHeader
      title={title}
      parent={
        <Link to="/dashboards" className="link">
          Dashboards
        </Link>
      }
      actions={
        <>
          <Ranges search={search} onChange={onChange} />
          {canUndo && (
            <button type="button" className="btn" onClick={onUndo}>
              <Undo2 size={13} strokeWidth={1.75} aria-hidden="true" />
              Undo <kbd>u</kbd>
            </button>
          )}
          <Menu
            trigger={
              <button type="button" className="btn btn-icon" aria-label="More of this dashboard">
                <EllipsisVertical size={13} strokeWidth={1.75} />
              </button>
            }
            items={items}
          />
          {mayEdit && (
            <button type="button" className="btn btn-primary" onClick={() => onOpen('new')}>
              <Plus size={13} strokeWidth={1.75} aria-hidden="true" />
              New panel <kbd>n</kbd>
            </button>
          )}
        </>
      }
    >
      <HeadFilter search={search} box={box} onChange={onChange} />
    </PageHeader>
  );
}

type FormsProps = {
  dashboard: DashboardBody;
  open: Open;
  asked: Asked;
  edits: ReturnType<typeof useDashboardEdits>;
  onClose: () => void;
};

/** What is asked before something changes. */
function Forms({ dashboard: { name, title }, open, asked, edits, onClose }: FormsProps) {
  const { client } = useData();
  const navigate = useNavigate();
  if (open === null) return null;
  if (open === 'rename') return <RenameForm title={title} onSave={edits.rename} onClose={onClose} />;
  if (open === 'remove')
    return (
      <Confirm
        title={`Delete ${title}`}
        action="Delete"
        done="It is gone."
        changes={['dashboards']}
        run={async () => {
          await client.call('removeDashboard', { params: { dashboard: name } });
          await navigate({ to: '/dashboards' });
        }}
        onClose={onClose}
      >
        Its panels go with it. Export it first to bring it back later; traces, views and monitors stay.
      </Confirm>
    );
  const was = open === 'new' ? undefined : open.panel;
  return (
    <PanelForm
      panel={was}
      asked={asked}
      onClose={onClose}
      onSave={(shown) => {
        onClose();
        const height = shown.kind === 'text' ? 1 : 2;
        edits.change((all) =>
          // One that somebody else took away meanwhile comes again.
          was === undefined || !all.some(({ id }) => id === was.id)
            ? [...all, { ...shown, id: freshPanelId(all), width: 6, height }]
            : all.map((one) => {
                const { id, width, height } = one;
                return id === was.id ? { ...shown, id, width, height } : one;
              }),
        );
      }}
    />
  );
}

function Dashboard({ first, read }: { first: DashboardBody; read: DashboardBody | null }) {
  const navigate = useNavigate();
  const search = route.useSearch();
  const box = useRef<HTMLInputElement>(null);
  const at = useMoment();
  const [cursor, setCursor] = useState<number | null>(null);
  const [open, setOpen] = useState<Open>(null);
  const edits = useDashboardEdits(first, read);
  const { dashboard, meanwhile } = edits;
  const { name, panels } = dashboard;
  const { q, problem, asked } = askedOf(search);
  const go = (next: Search) => {
    const filled = Object.fromEntries(Object.entries(next).filter(([, value]) => value)) as Search;
    void navigate({ to: '/dashboards/$dashboard', params: { dashboard: name }, search: filled, replace: true });
  };
  useShortcuts('Dashboard', [
    ...askedKeys({ search, box, onChange: go }),
    { needs: 'setDashboard', keys: 'n', label: 'new panel', hint: true, run: () => setOpen('new') },
    { needs: 'setDashboard', keys: 'u', label: 'undo', hint: true, run: edits.undo },
  ]);
  const actionsOf = (panel: PanelBody): PanelActions => {
    const link = monitorLink(panel);
    const { id } = panel;
    const placeOf = (all: readonly PanelBody[], other: string) => all.findIndex((one) => one.id === other);
    return {
      move: (step) => edits.change((all) => movePanel(all, id, step)),
      placeOn: (other) => edits.change((all) => placeAt(all, id, placeOf(all, other))),
      resize: (by) => edits.change((all) => resizePanel(all, id, by)),
      size: (size) => edits.change((all) => all.map((one) => (one.id === id ? { ...one, ...size } : one))),
      edit: () => setOpen({ panel }),
      copy: () => edits.change((all) => copyPanel(all, id)),
      remove: () => edits.change((all) => removePanel(all, id), `✓ ${panel.title} is gone; u brings it back`),
      monitor: link === null ? null : () => void navigate({ to: '/monitors', search: { open: 'new', ...link } }),
    };
  };
  const moment = { q: asked, at };
  return (
    <>
      <Header
        {...{ dashboard, search, box, canUndo: edits.canUndo, onUndo: edits.undo }}
        onOpen={setOpen}
        onChange={go}
      />
      <WatchTabs now="/dashboards" />
      {meanwhile && (
        <MeanwhileNotice mine={dashboard} meanwhile={meanwhile} onTheirs={edits.showTheirs} onAgain={edits.makeAgain} />
      )}
      {problem ? (
        <FilterError q={q} problem={problem} />
      ) : (
        <section
          aria-label="Panels"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
          tabIndex={0}
          className="min-h-0 flex-1 overflow-auto p-4 -outline-offset-2"
        >
          {panels.length === 0 && <NoPanels onAdd={() => setOpen('new')} />}
          <div data-grid="" className="grid grid-cols-12" style={{ gap: gridGap, gridAutoRows: rowHeight }}>
            {panels.map((panel) => (
              <PanelCard
                key={panel.id}
                {...{ panel, asked: moment, cursor, onCursor: setCursor, actions: actionsOf(panel) }}
              />
            ))}
          </div>
        </section>
      )}
      <Suspense fallback={null}>
        <Forms {...{ dashboard, open, asked: moment, edits }} onClose={() => setOpen(null)} />
      </Suspense>
    </>
  );
}

export function DashboardPage(): ReactNode {
  const { dashboard: name } = route.useParams();
  const { client } = useData();
  const query = useQuery(dashboardQuery(client, name));
  const isGone = query.error instanceof WheelhouseApiError && query.error.status === 404;
  if (query.data) return <Dashboard key={name} first={query.data} read={isGone ? null : query.data} />;
  if (query.error)
    return <PageError error={query.error} what={`The dashboard ${name}`} onRetry={() => void query.refetch()} />;
  return <Loading what="the dashboard" />;
}
