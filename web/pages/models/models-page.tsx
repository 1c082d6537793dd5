import { useInfiniteQuery, useQueries } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { ModelBody } from '@wheelhouse/sdk';
import { Play, Plus, X } from 'lucide-react';
import { type ReactNode, useCallback, useEffect, useEffectEvent, useRef, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { count, duration, usd } from '../../data/format.ts';
import { clientOptions, type Here, useHere } from '../../data/here.ts';
import { modelPagesQuery, modelUseQuery } from '../../data/registry-queries.ts';
import { Empty, type Way } from '../../parts/empty.tsx';
import { May } from '../../parts/may.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Pill } from '../../parts/pill.tsx';
import { QueryState } from '../../parts/request-state.tsx';
import { useShortcuts } from '../../parts/shortcuts.tsx';
import { type Column, VirtualTable } from '../../parts/virtual-table.tsx';
import { perCall, type VersionUse } from '../model/use-figures.ts';
import { VersionForm } from '../model/version-form.tsx';

const route = getRouteApi('/models');

const ways = ({ origin, curl, needsKey }: Here): Way[] => [
  {
    title: 'Here',
    text: (
      <>
        “New model”, or <kbd>n</kbd>: a name, a base model and a prompt with {'{{variables}}'}.
      </>
    ),
  },
  {
    title: 'From a terminal',
    text: 'Its first version comes with it.',
    code: `curl ${origin}/api/v1/models ${curl} \\
  -d '{
  "name": "support-bot",
  "version": {
    "definition": {
      "flavor": "prompt",
      "baseModel": "sim/echo",
      "messages": [{ "role": "system", "content": "You answer for {{company}}." }]
    }
  }
}'`,
  },
  {
    title: 'From code',
    text: 'Then it is called by its name from any OpenAI client: model: "support-bot@1".',
    code: `import { createClient } from '@wheelhouse/sdk';

const client = createClient(${clientOptions(origin, needsKey)});
await client.call('createModel', {
  body: { name: 'support-bot', version: { definition: { flavor: 'base', baseModel: 'sim/echo' } } },
});`,
  },
];

const hours = 168;

type Row = {
  model: ModelBody;
  version: number;
  /** That lead to this version, the one that callers most likely use first. */
  aliases: string[];
  /** Whether it is the model's first row, which says what holds for all of them. */
  first: boolean;
  use: VersionUse | undefined;
};

/** A row for each version behind aliases, so that no call is counted twice; production first. */
function rowsOf(model: ModelBody, uses: readonly VersionUse[]): Row[] {
  const inOrder = model.aliases.toSorted((a, b) => Number(b.alias === 'production') - Number(a.alias === 'production'));
  const versions = [...new Set(inOrder.map(({ version }) => version))];
  return (versions.length === 0 ? [model.latest] : versions).map((version, i) => ({
    model,
    version,
    aliases: inOrder.filter((one) => one.version === version).map(({ alias }) => alias),
    first: i === 0,
    use: uses.find((one) => one.model === model.name && one.version === version),
  }));
}

const mono = (text: string) => <span className="mono">{text}</span>;
const unknown = <span className="text-text-3">–</span>;

/** The score with the most judgements behind it. */
const bestKnown = ({ scores }: VersionUse) =>
  scores.filter(({ mean }) => mean !== null).toSorted((a, b) => b.count - a.count)[0];

function Quality({ use }: { use: VersionUse | undefined }) {
  const score = use && bestKnown(use);
  if (!score || score.mean === null) return unknown;
  return (
    <span className="mono" title={`${score.name}, ${count(score.count)} scores`}>
      {score.mean.toFixed(2)} <span className="text-text-3">n={count(score.count)}</span>
    </span>
  );
}

const columns: Column<Row>[] = [
  {
    name: 'Name',
    width: 'minmax(128px,220px)',
    cell: ({ model, aliases, first }) =>
      first ? model.name : <span className="sr-only">{`${model.name}@${aliases[0]}`}</span>,
  },
  {
    name: 'Alias',
    width: 'minmax(128px,190px)',
    cell: ({ version, aliases: [alias, ...others] }) => {
      if (alias === undefined) return mono(version === 0 ? '–' : `v${version}`);
      const also = others.map((one) => `@${one}`).join(' ');
      return (
        <span title={[`@${alias}`, also, `→ v${version}`].filter((part) => part !== '').join(' ')}>
          <Pill tone="accent">
            @{alias} → v{version}
          </Pill>
          {also !== '' && <span className="ml-1 text-xs text-text-3">{also}</span>}
        </span>
      );
    },
  },
  {
    name: 'Description',
    width: 'minmax(120px,1fr)',
    least: 820,
    cell: ({ model, first }) => first && model.description,
  },
  {
    name: 'Tags',
    width: 'minmax(60px,140px)',
    least: 1040,
    cell: ({ model, first }) =>
      first &&
      model.tags.map((tag) => (
        <Pill key={tag} tone="mute">
          {tag}
        </Pill>
      )),
  },
  {
    name: 'Calls 7 d',
    width: '76px',
    right: true,
    least: 520,
    cell: ({ use }) => (use ? mono(count(use.calls)) : unknown),
  },
  { name: 'Quality', width: '104px', right: true, least: 640, cell: ({ use }) => <Quality use={use} /> },
  {
    name: 'Cost / call',
    width: '92px',
    right: true,
    least: 640,
    cell: ({ use }) => (use ? mono(usd(perCall(use))) : unknown),
  },
  {
    name: 'p95',
    width: '84px',
    right: true,
    least: 520,
    cell: ({ use }) => (use?.latencyNs ? mono(duration(use.latencyNs.p95)) : unknown),
  },
];

/** What the versions behind each model's aliases did lately; one request for a page of rows. */
function useRows(pages: ModelBody[][]): Row[] {
  const { client } = useData();
  const uses = useQueries({
    queries: pages.map((models) => ({
      ...modelUseQuery(
        client,
        models.map(({ name }) => name),
        hours,
      ),
      enabled: models.length > 0,
    })),
    combine: (results) => results.map(({ data }) => data?.data ?? []),
  });
  return pages.flatMap((models, i) => models.flatMap((model) => rowsOf(model, uses[i] ?? [])));
}

type Search = { q?: string; tag?: string; owner?: string };

/** Finds by a piece of the name or the description; tags and owners stand beside it, to be taken away. */
function SearchBar({ search, onSearch }: { search: Search; onSearch: (search: Search) => void }) {
  const box = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState(search.q ?? '');
  useShortcuts('Models', [{ keys: '/', label: 'search', hint: true, run: () => box.current?.focus() }]);
  const find = useEffectEvent((text: string) => {
    const { q: _, ...rest } = search;
    onSearch(text === '' ? rest : { ...rest, q: text });
  });
  useEffect(() => {
    const timer = setTimeout(() => find(typed), 200);
    return () => clearTimeout(timer);
  }, [typed]);
  const without = (name: 'tag' | 'owner') => {
    const { [name]: _, ...rest } = search;
    onSearch(rest);
  };
  return (
    <div className="flex flex-none flex-wrap items-center gap-2 border-b border-line px-4 py-2">
      <input
        ref={box}
        type="search"
        aria-label="Search models"
        placeholder="Search by name or description"
        className="field max-w-sm"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
      {(['tag', 'owner'] as const).map(
        (name) =>
          search[name] !== undefined && (
            <button key={name} type="button" className="btn !min-h-6" onClick={() => without(name)}>
              {name}: {search[name]} <X size={12} strokeWidth={1.75} aria-label="remove" />
            </button>
          ),
      )}
    </div>
  );
}

/** A page of names at a time: some projects have thousands. */
export function ModelsPage(): ReactNode {
  const { client } = useData();
  const navigate = useNavigate();
  const search = route.useSearch();
  const [making, setMaking] = useState(false);
  const query = useInfiniteQuery(modelPagesQuery(client, search));
  const rows = useRows(query.data?.pages.map((page) => page.data) ?? []);
  const here = useHere();
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const onMore = useCallback(() => {
    if (!isFetchingNextPage) void fetchNextPage();
  }, [isFetchingNextPage, fetchNextPage]);
  useShortcuts('Models', [
    { needs: 'createModel', keys: 'n', label: 'new model', hint: true, run: () => setMaking(true) },
  ]);
  const button = (
    <May call="createModel">
      <button type="button" className="btn btn-primary" onClick={() => setMaking(true)}>
        <Plus size={13} strokeWidth={1.75} aria-hidden="true" />
        New model
      </button>
    </May>
  );
  const searching = Object.keys(search).length > 0;
  return (
    <>
      <PageHeader
        title="Models"
        actions={
          <>
            <Link to="/playground" className="btn">
              <Play size={13} strokeWidth={1.75} aria-hidden="true" />
              Playground
            </Link>
            {button}
          </>
        }
      />
      {(searching || rows.length > 0) && (
        <SearchBar search={search} onSearch={(next) => void navigate({ to: '/models', search: next, replace: true })} />
      )}
      <QueryState query={query} what="models" />
      {query.isSuccess && rows.length === 0 && searching && (
        <p className="p-4 text-text-2">No model fits. A search looks at names and descriptions.</p>
      )}
      {query.isSuccess && rows.length === 0 && !searching && (
        <Empty
          heading="No models yet"
          text="A model is what you call by a name of your own: a prompt with its base model and parameters, in immutable versions, behind aliases that you move."
          ways={ways(here)}
        >
          {button}
        </Empty>
      )}
      {rows.length > 0 && (
        <VirtualTable
          label="Models"
          keysTitle="Models"
          rows={rows}
          columns={columns}
          keyOf={({ model, version }) => `${model.name}@${version}`}
          hrefOf={({ model, version, first }) =>
            `/models/${encodeURIComponent(model.name)}${first ? '' : `?version=${version}`}`
          }
          more={hasNextPage}
          onMore={onMore}
        />
      )}
      {making && (
        <VersionForm
          model={null}
          onClose={() => setMaking(false)}
          onDone={(name) => void navigate({ to: '/models/$name', params: { name } })}
        />
      )}
    </>
  );
}
