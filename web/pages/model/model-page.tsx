import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { ModelDetailBody, ModelVersionBody } from '@wheelhouse/sdk';
import { ArrowRightLeft, ChevronDown, Plus } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { dateTime, plural, shortHash } from '../../data/format.ts';
import { useHere } from '../../data/here.ts';
import { modelQuery } from '../../data/queries.ts';
import { Snippet } from '../../parts/copy-button.tsx';
import { LineDiff } from '../../parts/diff-text.tsx';
import { May } from '../../parts/may.tsx';
import { Menu } from '../../parts/menu.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Pill } from '../../parts/pill.tsx';
import { Loading, PageError } from '../../parts/request-state.tsx';
import { useShortcuts } from '../../parts/shortcuts.tsx';
import { DefinitionView, definitionText } from './definition-view.tsx';
import { MoveAlias, RemoveAlias } from './move-alias.tsx';
import { TryBox } from './try-box.tsx';
import { VersionForm } from './version-form.tsx';

const route = getRouteApi('/models/$name');

type Open = { what: 'version' } | { what: 'move' | 'remove'; alias: string };

function Aliases({ detail, onOpen }: { detail: ModelDetailBody; onOpen: (open: Open) => void }) {
  return detail.model.aliases.map(({ alias, version }) => (
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
        { label: 'Remove …', run: () => onOpen({ what: 'remove', alias }) },
      ]}
    />
  ));
}

function Versions({ detail, selected }: { detail: ModelDetailBody; selected: number }) {
  const { model, versions } = detail;
  return (
    <nav aria-label="Versions" className="flex-none border-line max-lg:border-b lg:w-64 lg:overflow-auto lg:border-r">
      <h2 className="px-4 pt-3 pb-1 text-xs font-medium text-text-3">{plural(versions.length, 'version')}</h2>
      <ul className="max-lg:max-h-48 max-lg:overflow-auto">
        {versions.map((version) => (
          <li key={version.number}>
            <Link
              to="/models/$name"
              params={{ name: model.name }}
              search={{ version: version.number }}
              aria-current={version.number === selected ? 'true' : undefined}
              className={`block border-b border-line px-4 py-2 -outline-offset-2 hover:bg-sunken ${version.number === selected ? 'bg-accent-bg' : ''}`}
            >
              <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
                <span className="font-semibold">v{version.number}</span>
                <span className="mono text-text-3">{shortHash(version.hash)}</span>
                {model.aliases
                  .filter((alias) => alias.version === version.number)
                  .map((alias) => (
                    <Pill key={alias.alias} tone="accent">
                      @{alias.alias}
                    </Pill>
                  ))}
              </span>
              {version.message && <span className="block break-words">{version.message}</span>}
              <span className="block text-xs text-text-3">{dateTime(version.createdAt)}</span>
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function HowToCall({ detail, version }: { detail: ModelDetailBody; version: ModelVersionBody }) {
  const { model } = detail;
  const alias = model.aliases.find((one) => one.alias === 'production') ?? model.aliases[0];
  const properties = Object.keys((version.signature.input.properties ?? {}) as object);
  const variables = properties.map((name) => `"${name}": "…"`).join(', ');
  const { origin, curl } = useHere();
  const code = `curl ${origin}/v1/chat/completions ${curl} \\
  -d '{
  "model": "${model.name}@${alias?.alias ?? version.number}",${variables ? `\n  "variables": { ${variables} },` : ''}
  "messages": [{ "role": "user", "content": "hello" }]
}'`;
  return (
    <section aria-label="How to call it" className="card p-3">
      <h2 className="mb-2 font-semibold">How to call it</h2>
      <p className="mb-2 text-text-2">
        In any OpenAI client with base URL <span className="mono">{origin}/v1</span>:
      </p>
      <Snippet code={`model: "${model.name}@${alias?.alias ?? version.number}"`} label="The model's name for callers" />
      <p className="my-2 text-text-2">From a terminal:</p>
      <Snippet code={code} label="A call with curl" />
    </section>
  );
}

function VersionReader({ detail, version }: { detail: ModelDetailBody; version: ModelVersionBody }) {
  const before = detail.versions.find((one) => one.number === version.number - 1);
  return (
    <div className="min-w-0 flex-1 p-4 lg:overflow-auto">
      <div className="mb-3 flex flex-wrap items-baseline gap-x-3">
        <h2 className="text-lg font-semibold">v{version.number}</h2>
        <span className="mono break-all text-text-3">{version.hash}</span>
      </div>
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1.4fr)_minmax(0,1fr)]">
        <div className="flex min-w-0 flex-col gap-4">
          <DefinitionView version={version} />
          {before && (
            <section aria-label="What changed" className="card">
              <h2 className="border-b border-line px-3 py-2 font-semibold">
                v{before.number} → v{version.number}
              </h2>
              <LineDiff
                before={definitionText(before)}
                after={definitionText(version)}
                label={`Changes from v${before.number} to v${version.number}`}
              />
            </section>
          )}
        </div>
        <div className="flex min-w-0 flex-col gap-4">
          <May call="createVersion">
            <TryBox key={version.number} name={detail.model.name} version={version} />
          </May>
          <HowToCall detail={detail} version={version} />
        </div>
      </div>
    </div>
  );
}

function ModelReader({ detail }: { detail: ModelDetailBody }) {
  const search = route.useSearch();
  const navigate = useNavigate();
  const [open, setOpen] = useState<Open | null>(null);
  const { model, versions } = detail;
  const version = versions.find((one) => one.number === search.version) ?? versions[0];
  const close = () => setOpen(null);
  const select = (number: number) =>
    void navigate({ to: '/models/$name', params: { name: model.name }, search: { version: number } });
  const step = (by: number) => {
    const next = versions[(version ? versions.indexOf(version) : -1) + by];
    if (next) select(next.number);
  };
  const move = () => setOpen({ what: 'move', alias: model.aliases[0]?.alias ?? 'production' });
  useShortcuts('Model', [
    { keys: 'j', label: 'older version', hint: true, run: () => step(1) },
    { keys: 'k', label: 'newer version', hint: true, run: () => step(-1) },
    { needs: 'moveAlias', keys: 'p', label: 'move an alias', hint: true, run: move },
    { needs: 'createVersion', keys: 'n', label: 'new version', hint: true, run: () => setOpen({ what: 'version' }) },
  ]);
  return (
    <>
      <PageHeader
        title={model.name}
        parent={
          <Link to="/models" className="link">
            Models
          </Link>
        }
        actions={
          <>
            <May call="moveAlias">
              <button type="button" className="btn" disabled={!version} onClick={move}>
                <ArrowRightLeft size={13} strokeWidth={1.75} aria-hidden="true" />
                Move alias <kbd>p</kbd>
              </button>
            </May>
            <May call="createVersion">
              <button type="button" className="btn btn-primary" onClick={() => setOpen({ what: 'version' })}>
                <Plus size={13} strokeWidth={1.75} aria-hidden="true" />
                New version <kbd>n</kbd>
              </button>
            </May>
          </>
        }
      >
        <Aliases detail={detail} onOpen={setOpen} />
        <span className="text-text-2">{model.description}</span>
      </PageHeader>
      <div className="flex min-h-0 flex-1 max-lg:flex-none max-lg:flex-col">
        <Versions detail={detail} selected={version?.number ?? 0} />
        {version ? (
          <VersionReader detail={detail} version={version} />
        ) : (
          <p className="p-4 text-text-2">No version yet. Make the first with “New version”.</p>
        )}
      </div>
      {open?.what === 'version' && (
        <VersionForm
          model={{ name: model.name, latest: versions[0] }}
          onClose={close}
          onDone={(_, number) => select(number)}
        />
      )}
      {open?.what === 'move' && version && (
        <MoveAlias detail={detail} alias={open.alias} version={version.number} onClose={close} />
      )}
      {open?.what === 'remove' && <RemoveAlias detail={detail} alias={open.alias} onClose={close} />}
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
