import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { ExampleBody, ResponseBody } from '@wheelhouse/sdk';
import { FlaskConical, Plus, Snowflake } from 'lucide-react';
import { type ReactNode, useCallback, useState } from 'react';
import { useMay } from '../../data/access-queries.ts';
import { useData } from '../../data/data-context.tsx';
import { dateTime, plural, shortHash } from '../../data/format.ts';
import { clientOptions, useHere } from '../../data/here.ts';
import { datasetQuery, examplesQuery } from '../../data/queries.ts';
import { CommentsFold } from '../../parts/comments-fold.tsx';
import { CompareForm } from '../../parts/compare-form.tsx';
import { Empty } from '../../parts/empty.tsx';
import { May } from '../../parts/may.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { ErrorText, Loading, PageError, RequestError } from '../../parts/request-state.tsx';
import { useShortcuts } from '../../parts/shortcuts.tsx';
import { useToast } from '../../parts/toast.tsx';
import { ExampleForm } from './example-form.tsx';
import { ExampleList } from './example-list.tsx';

const route = getRouteApi('/datasets/$name');

type Detail = ResponseBody<'getDataset'>;
type Open = { what: 'compare' } | { what: 'example'; example: ExampleBody | null };

function useChanges(name: string) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const toast = useToast();
  const reread = () =>
    Promise.all([
      queryClient.invalidateQueries({ queryKey: ['dataset', name] }),
      queryClient.invalidateQueries({ queryKey: ['datasets'] }),
    ]);
  const freeze = useMutation({
    mutationFn: () => client.call('freezeDataset', { params: { name } }),
    onSuccess: async (version) => {
      toast(`✓ Frozen as v${version.number}, ${plural(version.count, 'example')}`);
      await reread();
    },
  });
  const remove = useMutation({
    mutationFn: (example: ExampleBody) => client.call('removeExample', { params: { name, exampleId: example.id } }),
    onSuccess: async () => {
      toast('Removed from the draft; frozen versions keep it.');
      await reread();
    },
  });
  return { freeze, remove };
}

function VersionSelect({ detail, version }: { detail: Detail; version: number | undefined }) {
  const navigate = useNavigate();
  const { dataset, versions } = detail;
  return (
    <select
      aria-label="Version"
      className="field !w-auto"
      value={version ?? ''}
      onChange={(event) =>
        void navigate({
          to: '/datasets/$name',
          params: { name: dataset.name },
          search: event.target.value === '' ? {} : { version: Number(event.target.value) },
        })
      }
    >
      <option value="">draft · {plural(dataset.draftCount, 'example')}</option>
      {versions.map((one) => (
        <option key={one.number} value={one.number}>
          v{one.number} · {plural(one.count, 'example')} · {shortHash(one.hash)}
        </option>
      ))}
    </select>
  );
}

/** Why the draft cannot be frozen now; null when it can. */
function notFreezable({ dataset }: Detail): string | null {
  if (dataset.draftCount === 0) return 'There is nothing to freeze yet.';
  if (!dataset.changed) return `The draft equals v${dataset.head}.`;
  return null;
}

function Header({ detail, onOpen }: { detail: Detail; onOpen: (open: Open) => void }) {
  const { version } = route.useSearch();
  const { dataset, versions } = detail;
  const { freeze } = useChanges(dataset.name);
  const why = notFreezable(detail);
  const frozen = versions.find((one) => one.number === version);
  return (
    <>
      <PageHeader
        title={dataset.name}
        parent={
          <Link to="/datasets" className="link">
            Datasets
          </Link>
        }
        actions={
          <>
            <May call="addExamples">
              <button type="button" className="btn" onClick={() => onOpen({ what: 'example', example: null })}>
                <Plus size={13} strokeWidth={1.75} aria-hidden="true" />
                Add example
              </button>
            </May>
            <May call="freezeDataset">
              <button
                type="button"
                className="btn"
                disabled={why !== null || freeze.isPending}
                title={why ?? 'Versions never change'}
                onClick={() => freeze.mutate()}
              >
                <Snowflake size={13} strokeWidth={1.75} aria-hidden="true" />
                Freeze v{dataset.head + 1}
              </button>
            </May>
            <May call="createComparison">
              <button
                type="button"
                className="btn btn-primary"
                disabled={dataset.draftCount === 0}
                onClick={() => onOpen({ what: 'compare' })}
              >
                <FlaskConical size={13} strokeWidth={1.75} aria-hidden="true" />
                Compare two models on it
              </button>
            </May>
          </>
        }
      >
        <VersionSelect detail={detail} version={version} />
        {frozen ? (
          <span className="text-text-2">
            <span className="mono" title={frozen.hash}>
              {shortHash(frozen.hash)}
            </span>{' '}
            · frozen {dateTime(frozen.createdAt)}
          </span>
        ) : (
          <span className="text-text-2">{why ?? 'changed since the last freeze'}</span>
        )}
        {dataset.description && <span className="text-text-3">{dataset.description}</span>}
      </PageHeader>
      {freeze.error && (
        <div className="p-3">
          <ErrorText error={freeze.error} />
        </div>
      )}
    </>
  );
}

function NoExamples({ name, onAdd }: { name: string; onAdd: () => void }) {
  const { origin, curl, needsKey } = useHere();
  return (
    <Empty
      heading="No examples yet"
      text="An example is an input, and the answer you expect, if there is one. This page changes by itself when the first one lands."
      ways={[
        {
          title: 'From real traffic',
          text: (
            <>
              In{' '}
              <Link to="/traces" className="link underline">
                Traces
              </Link>{' '}
              press <kbd>a</kbd> on an answer: it comes here with its trace linked.
            </>
          ),
        },
        {
          title: 'From a terminal',
          text: 'Up to 10,000 at once.',
          code: `curl ${origin}/api/v1/datasets/${name}/examples ${curl} \\
  -d '{"examples":[{"input":"Do you ship to Norway?","expected":"Yes, in 3 to 6 days."}]}'`,
        },
        {
          title: 'From code',
          text: 'From a file, a table, or wherever the rows are.',
          code: `import { createClient } from '@wheelhouse/sdk';

const client = createClient(${clientOptions(origin, needsKey)});
await client.call('addExamples', {
  params: { name: '${name}' },
  body: { examples: rows.map(({ question, answer }) => ({ input: question, expected: answer })) },
});`,
        },
      ]}
    >
      <May call="addExamples">
        <button type="button" className="btn btn-primary" onClick={onAdd}>
          <Plus size={13} strokeWidth={1.75} aria-hidden="true" />
          Add the first by hand <kbd>n</kbd>
        </button>
      </May>
    </Empty>
  );
}

function Examples({ name, onOpen }: { name: string; onOpen: (open: Open) => void }) {
  const { client } = useData();
  const { version } = route.useSearch();
  const [current, setCurrent] = useState<string | null>(null);
  const query = useInfiniteQuery(examplesQuery(client, name, version));
  const { remove } = useChanges(name);
  const { fetchNextPage, isFetchingNextPage, hasNextPage } = query;
  const more = useCallback(() => {
    if (!isFetchingNextPage) void fetchNextPage();
  }, [fetchNextPage, isFetchingNextPage]);
  const examples = query.data?.pages.flatMap((page) => page.data) ?? [];
  const editable = useMay()('replaceExample') && version === undefined;
  const at = examples.findIndex((example) => example.id === current);
  const edit = (example: ExampleBody | undefined) =>
    example?.erasedAt === null && editable && onOpen({ what: 'example', example });
  const move = (step: number) =>
    setCurrent(examples[at < 0 ? 0 : Math.max(0, Math.min(examples.length - 1, at + step))]?.id ?? null);
  useShortcuts('Dataset', [
    { keys: 'j', label: 'next', hint: true, run: () => move(1) },
    { keys: 'k', label: 'previous', hint: true, run: () => move(-1) },
    { keys: 'ArrowDown', label: 'next', run: () => move(1) },
    { keys: 'ArrowUp', label: 'previous', run: () => move(-1) },
    { needs: 'replaceExample', keys: 'e', label: 'edit', hint: editable, run: () => edit(examples[at]) },
    { needs: 'replaceExample', keys: 'Enter', label: 'edit', run: () => edit(examples[at]) },
    {
      needs: 'addExamples',
      keys: 'n',
      label: 'add example',
      hint: editable,
      run: () => onOpen({ what: 'example', example: null }),
    },
    { needs: 'createComparison', keys: 'c', label: 'compare', hint: true, run: () => onOpen({ what: 'compare' }) },
  ]);
  if (query.isPending) return <Loading what="examples" />;
  if (query.error && !query.data) return <RequestError error={query.error} onRetry={() => void query.refetch()} />;
  return (
    <>
      {remove.error && (
        <div className="p-3">
          <ErrorText error={remove.error} />
        </div>
      )}
      {examples.length === 0 ? (
        <NoExamples name={name} onAdd={() => onOpen({ what: 'example', example: null })} />
      ) : (
        <ExampleList
          examples={examples}
          current={current}
          more={hasNextPage}
          onMore={more}
          onCurrent={setCurrent}
          onEdit={editable ? edit : null}
          onRemove={remove.mutate}
        />
      )}
      {at >= 0 && (
        <div className="flex-none border-t border-line bg-surface px-1">
          <CommentsFold key={current} on={`example:${name}/${current}`} />
        </div>
      )}
    </>
  );
}

export function DatasetPage(): ReactNode {
  const { name } = route.useParams();
  const { client } = useData();
  const [open, setOpen] = useState<Open | null>(null);
  const query = useQuery(datasetQuery(client, name));
  const close = () => setOpen(null);
  if (!query.data) {
    if (!query.error) return <Loading what="the dataset" />;
    return <PageError error={query.error} what={`The dataset ${name}`} onRetry={() => void query.refetch()} />;
  }
  return (
    <>
      <Header detail={query.data} onOpen={setOpen} />
      <Examples key={name} name={name} onOpen={setOpen} />
      {open?.what === 'example' && <ExampleForm dataset={name} example={open.example} onClose={close} />}
      {open?.what === 'compare' && <CompareForm dataset={name} onClose={close} />}
    </>
  );
}
