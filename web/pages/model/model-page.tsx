import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { ModelDetailBody, ModelVersionBody } from '@wheelhouse/sdk';
import { ArrowRightLeft, ChevronDown, Pencil, Plus, Rocket, TrendingUp } from 'lucide-react';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { modelQuery } from '../../data/queries.ts';
import { percent } from '../../data/release-words.ts';
import { Comments } from '../../parts/comments.tsx';
import { May } from '../../parts/may.tsx';
import { Menu } from '../../parts/menu.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Pill } from '../../parts/pill.tsx';
import { Loading, PageError } from '../../parts/request-state.tsx';
import { useShortcuts } from '../../parts/shortcuts.tsx';
import { AboutForm } from './about-form.tsx';
import { AliasesTab } from './aliases-tab.tsx';
import { MoveAlias, RemoveAlias } from './move-alias.tsx';
import { RollBack, rolledBackFirst } from './roll-back.tsx';
import { UsageTab } from './usage-tab.tsx';
import { VersionForm } from './version-form.tsx';
import { VersionReader, Versions } from './versions-tab.tsx';

const OptimizationForm = lazy(async () => ({
  default: (await import('../../parts/optimization-form.tsx')).OptimizationForm,
}));
const LineageTab = lazy(async () => ({ default: (await import('./lineage-tab.tsx')).LineageTab }));
const ReleaseForm = lazy(async () => ({ default: (await import('../../parts/release-form.tsx')).ReleaseForm }));
const VersionPlayground = lazy(async () => ({
  default: (await import('./version-playground.tsx')).VersionPlayground,
}));

const route = getRouteApi('/models/$name');

type Alias = ModelDetailBody['model']['aliases'][number];
type Open = { what: 'version' | 'about' } | { what: 'move' | 'remove'; alias: string } | { what: 'back'; alias: Alias };

function Aliases({ detail, onOpen }: { detail: ModelDetailBody; onOpen: (open: Open) => void }) {
  return detail.model.aliases.map((one) => {
    const { alias, version, before } = one;
    return (
      <Menu
        key={alias}
        trigger={
          <button type="button" className="btn !min-h-6 !border-transparent !bg-accent-bg !text-accent">
            @{alias} → v{version}
            <ChevronDown size={12} strokeWidth={1.75} aria-hidden="true" />
          </button>
        }
        items={[
          { label: 'Move to another version …', run: () => onOpen({ what: 'move', alias }) },
          ...(before === null
            ? []
            : [{ label: `Roll back to v${before} …`, run: () => onOpen({ what: 'back', alias: one }) }]),
          { label: 'Remove …', run: () => onOpen({ what: 'remove', alias }) },
        ]}
      />
    );
  });
}

const tabs = [
  { tab: undefined, label: 'Versions' },
  { tab: 'playground', label: 'Playground' },
  { tab: 'usage', label: 'Usage' },
  { tab: 'aliases', label: 'Aliases' },
  { tab: 'lineage', label: 'Lineage' },
  { tab: 'comments', label: 'Comments' },
] as const;
type Tab = (typeof tabs)[number]['tab'];

function Tabs({ name, tab, version }: { name: string; tab: Tab; version: number | undefined }) {
  return (
    <nav
      aria-label="Parts of the model"
      className="flex flex-none flex-wrap items-center gap-1 border-b border-line px-2 py-1"
    >
      {tabs.map((one) => (
        <Link
          key={one.label}
          to="/models/$name"
          params={{ name }}
          search={{
            ...(version === undefined ? {} : { version }),
            ...(one.tab === undefined ? {} : { tab: one.tab }),
          }}
          className={`btn !min-h-6 ${one.tab === tab ? '!border-line-strong' : 'btn-quiet'}`}
          aria-current={one.tab === tab ? 'page' : undefined}
        >
          {one.label}
        </Link>
      ))}
    </nav>
  );
}

type TabBodyProps = { detail: ModelDetailBody; version: ModelVersionBody; tab: Tab; against: number | undefined };

function TabBody({ detail, version, tab, against }: TabBodyProps) {
  const { name } = detail.model;
  const of = `version:${name}@${version.number}`;
  switch (tab) {
    case undefined:
      return (
        <div className="flex min-h-0 flex-1 max-lg:flex-none max-lg:flex-col">
          <Versions detail={detail} selected={version.number} />
          <VersionReader detail={detail} version={version} against={against} />
        </div>
      );
    case 'playground':
      return (
        <Suspense fallback={<Loading what="the playground" />}>
          <VersionPlayground key={version.number} name={name} version={version} />
        </Suspense>
      );
    case 'usage':
      return <UsageTab name={name} />;
    case 'aliases':
      return <AliasesTab detail={detail} />;
    case 'lineage':
      return (
        <Suspense fallback={<Loading what="the lineage" />}>
          <LineageTab of={of} />
        </Suspense>
      );
    case 'comments':
      return (
        <div className="w-full max-w-[760px] p-4">
          <p className="mb-3 text-text-2">
            On <span className="mono">{`${name}@${version.number}`}</span>.
          </p>
          <Comments key={of} on={of} />
        </div>
      );
  }
}

function Dialogs(props: {
  open: Open | null;
  detail: ModelDetailBody;
  version: ModelVersionBody | undefined;
  onClose: () => void;
  onMade: (version: number) => void;
}) {
  const { open, detail, version, onClose, onMade } = props;
  const { model, versions } = detail;
  switch (open?.what) {
    case 'version':
      return (
        <VersionForm
          model={{ name: model.name, latest: versions[0] }}
          onClose={onClose}
          onDone={(_, number) => onMade(number)}
        />
      );
    case 'about':
      return <AboutForm model={model} onClose={onClose} />;
    case 'move':
      return version ? (
        <MoveAlias detail={detail} alias={open.alias} version={version.number} onClose={onClose} />
      ) : null;
    case 'remove':
      return <RemoveAlias detail={detail} alias={open.alias} onClose={onClose} />;
    case 'back':
      return <RollBack name={model.name} alias={open.alias} onClose={onClose} />;
    default:
      return null;
  }
}

/** Versions on their way to its aliases. */
function Releases({ model: { aliases } }: { model: ModelDetailBody['model'] }) {
  return aliases.map(
    ({ alias, release }) =>
      release && (
        <Link key={alias} to="/releases/$releaseId" params={{ releaseId: release.id }}>
          <Pill tone="accent">
            ■ v{release.candidate} {release.isShadow ? 'listens to' : 'has'} {percent(release.share)} of @{alias}
          </Pill>
        </Link>
      ),
  );
}

/** The one that the version most likely is to take over. */
const releasedAlias = (aliases: readonly Alias[], version: number): string | undefined => {
  const others = aliases.filter((one) => one.version !== version);
  return (others.find(({ alias }) => alias === 'production') ?? others[0])?.alias;
};

type ActionsProps = {
  /** Whether there is something to optimize: other flavors have nothing to tune. */
  isTunable: boolean;
  /** Whether it may take an alias over. */
  isReleasable: boolean;
  disabled: boolean;
  onMove: () => void;
  onNew: () => void;
};

function Actions({ isTunable, isReleasable, disabled, onMove, onNew }: ActionsProps) {
  return (
    <>
      {isTunable && (
        <May call="createOptimization">
          <Link to="." search={(old: object) => ({ ...old, open: 'optimize' }) as never} className="btn">
            <TrendingUp size={13} strokeWidth={1.75} aria-hidden="true" />
            Optimize …
          </Link>
        </May>
      )}
      {isReleasable && (
        <May call="startRelease">
          <Link to="." search={(old: object) => ({ ...old, open: 'release' }) as never} className="btn">
            <Rocket size={13} strokeWidth={1.75} aria-hidden="true" />
            Release …
          </Link>
        </May>
      )}
      <May call="moveAlias">
        <button type="button" className="btn" disabled={disabled} onClick={onMove}>
          <ArrowRightLeft size={13} strokeWidth={1.75} aria-hidden="true" />
          Move alias <kbd>p</kbd>
        </button>
      </May>
      <May call="createVersion">
        <button type="button" className="btn btn-primary" onClick={onNew}>
          <Plus size={13} strokeWidth={1.75} aria-hidden="true" />
          New version <kbd>n</kbd>
        </button>
      </May>
    </>
  );
}

function About({ model, onEdit }: { model: ModelDetailBody['model']; onEdit: () => void }) {
  return (
    <>
      {model.owner !== null && <span className="text-text-2">{model.owner}</span>}
      {model.tags.map((tag) => (
        <Link key={tag} to="/models" search={{ tag }}>
          <Pill tone="mute">{tag}</Pill>
        </Link>
      ))}
      {model.description !== '' && <span className="min-w-0 break-words text-text-2">{model.description}</span>}
      <May call="changeModel">
        <button
          type="button"
          className="btn btn-quiet btn-icon"
          aria-label="Edit description, tags and owner"
          title="Edit description, tags and owner (e)"
          onClick={onEdit}
        >
          <Pencil size={13} strokeWidth={1.75} />
        </button>
      </May>
    </>
  );
}

function ModelReader({ detail }: { detail: ModelDetailBody }) {
  const search = route.useSearch();
  const navigate = useNavigate();
  const [open, setOpen] = useState<Open | null>(null);
  const { model, versions } = detail;
  const { name } = model;
  const version = versions.find((one) => one.number === search.version) ?? versions[0];
  const isTunable = version?.definition.flavor === 'prompt' || version?.definition.flavor === 'program';
  const isReleasable = version !== undefined && model.aliases.some((alias) => alias.version !== version.number);
  const select = (number: number) =>
    void navigate({
      to: '/models/$name',
      params: { name },
      search: { version: number, ...(search.tab === undefined ? {} : { tab: search.tab }) },
    });
  const step = (by: number) => {
    const next = versions[(version ? versions.indexOf(version) : -1) + by];
    if (next) select(next.number);
  };
  const move = () => setOpen({ what: 'move', alias: model.aliases[0]?.alias ?? 'production' });
  const about = () => setOpen({ what: 'about' });
  const { open: _, ...kept } = search;
  const closeForm = () => void navigate({ to: '/models/$name', params: { name }, search: kept, replace: true });
  const back = rolledBackFirst(model.aliases);
  const tryIt = () =>
    void navigate({
      to: '/models/$name',
      params: { name },
      search: { tab: 'playground', ...(version ? { version: version.number } : {}) },
    });
  useShortcuts('Model', [
    { keys: 'j', label: 'older version', hint: true, run: () => step(1) },
    { keys: 'k', label: 'newer version', hint: true, run: () => step(-1) },
    { needs: 'moveAlias', keys: 'p', label: 'move an alias', hint: true, run: move },
    { needs: 'createVersion', keys: 'n', label: 'new version', hint: true, run: () => setOpen({ what: 'version' }) },
    { needs: 'changeModel', keys: 'e', label: 'description, tags, owner', run: about },
    { needs: 'readDraft', keys: 'v', label: 'playground', hint: true, run: tryIt },
    ...(back
      ? [
          {
            needs: 'rollBackAlias' as const,
            keys: 'b',
            label: `roll @${back.alias} back`,
            hint: true,
            run: () => setOpen({ what: 'back', alias: back }),
          },
        ]
      : []),
  ]);
  return (
    <>
      <PageHeader
        title={name}
        parent={
          <Link to="/models" className="link">
            Models
          </Link>
        }
        actions={
          <Actions
            {...{ isTunable, isReleasable }}
            disabled={!version}
            onMove={move}
            onNew={() => setOpen({ what: 'version' })}
          />
        }
      >
        <Aliases detail={detail} onOpen={setOpen} />
        <Releases model={model} />
        <About model={model} onEdit={about} />
      </PageHeader>
      <Tabs name={name} tab={search.tab} version={search.version} />
      {version ? (
        <TabBody detail={detail} version={version} tab={search.tab} against={search.against} />
      ) : (
        <p className="p-4 text-text-2">No version yet. Make the first with “New version”.</p>
      )}
      <Dialogs
        open={open}
        detail={detail}
        version={version}
        onClose={() => setOpen(null)}
        onMade={(number) => void navigate({ to: '/models/$name', params: { name }, search: { version: number } })}
      />
      <Suspense fallback={null}>
        {search.open === 'optimize' && isTunable && (
          <OptimizationForm program={`${name}@${version.number}`} onClose={closeForm} />
        )}
        {search.open === 'release' && isReleasable && (
          <ReleaseForm
            model={name}
            alias={releasedAlias(model.aliases, version.number)}
            candidate={version.number}
            onClose={closeForm}
          />
        )}
      </Suspense>
    </>
  );
}

export function ModelPage(): ReactNode {
  const { name } = route.useParams();
  const { client } = useData();
  const query = useQuery(modelQuery(client, name));
  if (query.data) return <ModelReader key={name} detail={query.data} />;
  if (query.error)
    return <PageError error={query.error} what={`The model ${name}`} onRetry={() => void query.refetch()} />;
  return <Loading what="the model" />;
}
