import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { ExampleBody } from '@wheelhouse/sdk';
import { Plus, Search, Sparkles, Upload } from 'lucide-react';
import { useCallback, useState } from 'react';
import { useMay } from '../../data/access-queries.ts';
import { useData } from '../../data/data-context.tsx';
import { datasetLabelsQuery, examplesQuery } from '../../data/dataset-queries.ts';
import { count } from '../../data/format.ts';
import { clientOptions, useHere } from '../../data/here.ts';
import { CommentsFold } from '../../parts/comments-fold.tsx';
import { Empty } from '../../parts/empty.tsx';
import { May } from '../../parts/may.tsx';
import { ErrorText, Loading, RequestError } from '../../parts/request-state.tsx';
import { useShortcuts } from '../../parts/shortcuts.tsx';
import { useToast } from '../../parts/toast.tsx';
import { ExampleList } from './example-list.tsx';

const route = getRouteApi('/datasets/$name');

/** null: a new one. */
export type EditedExample = { example: ExampleBody | null };

function useRemove(name: string) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const toast = useToast();
  return useMutation({
    mutationFn: (example: ExampleBody) => client.call('removeExample', { params: { name, exampleId: example.id } }),
    onSuccess: async () => {
      toast('Removed from the draft; frozen versions keep it.');
      await Promise.all([
        queryClient.invalidateQueries({ queryKey: ['dataset', name] }),
        queryClient.invalidateQueries({ queryKey: ['datasets'] }),
      ]);
    },
  });
}

type NoExamplesProps = { name: string; onAdd: () => void; onImport: () => void };

function NoExamples({ name, onAdd, onImport }: NoExamplesProps) {
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
          title: 'From a file',
          text: 'CSV, JSON Lines, JSON or Parquet, of any size; you say which field is what.',
          code: `wheelhouse dataset import ${name} ./cases.csv --input question --expected answer`,
        },
        {
          title: 'From a terminal',
          text: 'Up to 10,000 at once.',
          code: `curl ${origin}/api/v1/datasets/${name}/examples ${curl} \\
  -d '{"examples":[{"input":"Do you ship to Norway?","expected":"Yes, in 3 to 6 days."}]}'`,
        },
        {
          title: 'From code',
          text: 'From a table, or wherever the rows are.',
          code: `import { createClient, openDataset } from '@wheelhouse/sdk';

const dataset = openDataset(createClient(${clientOptions(origin, needsKey)}), '${name}');
await dataset.add(...rows.map(({ question, answer }) => ({ input: question, expected: answer })));`,
        },
      ]}
    >
      <May call="addExamples">
        <button type="button" className="btn btn-primary" onClick={onAdd}>
          <Plus size={13} strokeWidth={1.75} aria-hidden="true" />
          Add the first by hand <kbd>n</kbd>
        </button>
        <button type="button" className="btn" onClick={onImport}>
          <Upload size={13} strokeWidth={1.75} aria-hidden="true" />
          Import a file
        </button>
      </May>
    </Empty>
  );
}

type Slice = { q?: string; split?: string; tag?: string };

/** Which rows of the version are shown; what is chosen is in the URL. */
function SliceBar({ name, onVary }: { name: string; onVary: () => void }) {
  const { client } = useData();
  const navigate = useNavigate();
  const { q, split, tag, ...rest } = route.useSearch();
  const labels = useQuery(datasetLabelsQuery(client, name, rest.version)).data;
  const splits = labels?.splits.flatMap((one) => (one.split === null ? [] : [{ value: one.split, count: one.count }]));
  const tags = labels?.tags.map((one) => ({ value: one.tag, count: one.count }));
  const now: Slice = {
    ...(q === undefined ? {} : { q }),
    ...(split === undefined ? {} : { split }),
    ...(tag === undefined ? {} : { tag }),
  };
  const go = (key: keyof Slice, value: string) => {
    const { [key]: _, ...others } = now;
    void navigate({
      to: '/datasets/$name',
      params: { name },
      search: { ...rest, ...others, ...(value === '' ? {} : { [key]: value }) },
      replace: true,
    });
  };
  const choose = (label: string, key: 'split' | 'tag', values: { value: string; count: number }[] | undefined) =>
    values && (values.length > 0 || now[key] !== undefined) ? (
      <select
        aria-label={label}
        className="field !w-auto max-w-48"
        value={now[key] ?? ''}
        onChange={(event) => go(key, event.target.value)}
      >
        <option value="">any {label.toLowerCase()}</option>
        {values.map((one) => (
          <option key={one.value} value={one.value}>
            {one.value} · {count(one.count)}
          </option>
        ))}
      </select>
    ) : null;
  return (
    <search className="flex flex-none flex-wrap items-center gap-2 border-b border-line px-4 py-2">
      <form
        className="flex min-w-0 items-center gap-1"
        onSubmit={(event) => {
          event.preventDefault();
          go('q', String(new FormData(event.currentTarget).get('q') ?? '').trim());
        }}
      >
        <input
          key={q ?? ''}
          name="q"
          type="search"
          aria-label="Text in the rows"
          placeholder="Text in the rows"
          className="field !w-56 max-sm:!w-40"
          defaultValue={q ?? ''}
        />
        <button type="submit" className="btn btn-icon" aria-label="Find rows">
          <Search size={13} strokeWidth={1.75} />
        </button>
      </form>
      {choose('Split', 'split', splits)}
      {choose('Tag', 'tag', tags)}
      {Object.keys(now).length > 0 && (
        <Link to="/datasets/$name" params={{ name }} search={rest} replace className="link">
          Show all
        </Link>
      )}
      {rest.version === undefined && (
        <May call="synthesizeExamples">
          <button type="button" className="btn ml-auto" title="A model writes variants of rows" onClick={onVary}>
            <Sparkles size={13} strokeWidth={1.75} aria-hidden="true" />
            Vary …
          </button>
        </May>
      )}
    </search>
  );
}

type RowsTabProps = {
  name: string;
  onEdit: (edited: EditedExample) => void;
  onOpen: (open: 'import' | 'evaluate' | 'synthesis') => void;
};

/** The rows of the draft or of a version, with keys to go through them. */
export function RowsTab({ name, onEdit, onOpen }: RowsTabProps) {
  const { client } = useData();
  const { version, q, split, tag } = route.useSearch();
  const [current, setCurrent] = useState<string | null>(null);
  const query = useInfiniteQuery(examplesQuery(client, name, { version, text: q, split, tag }));
  const remove = useRemove(name);
  const { fetchNextPage, isFetchingNextPage, hasNextPage } = query;
  const more = useCallback(() => {
    if (!isFetchingNextPage) void fetchNextPage();
  }, [fetchNextPage, isFetchingNextPage]);
  const examples = query.data?.pages.flatMap((page) => page.data) ?? [];
  const isSlice = q !== undefined || split !== undefined || tag !== undefined;
  const editable = useMay()('replaceExample') && version === undefined;
  const at = examples.findIndex((example) => example.id === current);
  const edit = (example: ExampleBody | undefined) => {
    if (example?.erasedAt === null && editable) onEdit({ example });
  };
  const move = (step: number) =>
    setCurrent(examples[at < 0 ? 0 : Math.max(0, Math.min(examples.length - 1, at + step))]?.id ?? null);
  useShortcuts('Dataset', [
    { keys: 'j', label: 'next', hint: true, run: () => move(1) },
    { keys: 'k', label: 'previous', hint: true, run: () => move(-1) },
    { keys: 'ArrowDown', label: 'next', run: () => move(1) },
    { keys: 'ArrowUp', label: 'previous', run: () => move(-1) },
    { needs: 'replaceExample', keys: 'e', label: 'edit', hint: editable, run: () => edit(examples[at]) },
    { needs: 'replaceExample', keys: 'Enter', label: 'edit', run: () => edit(examples[at]) },
    { needs: 'addExamples', keys: 'n', label: 'add example', hint: editable, run: () => onEdit({ example: null }) },
    { needs: 'addExamples', keys: 'i', label: 'import a file', run: () => onOpen('import') },
    { needs: 'createEvaluation', keys: 'c', label: 'evaluate on it', hint: true, run: () => onOpen('evaluate') },
  ]);
  if (query.isPending) return <Loading what="examples" />;
  if (query.error && !query.data) return <RequestError error={query.error} onRetry={() => void query.refetch()} />;
  if (examples.length === 0 && !isSlice && version === undefined)
    return <NoExamples name={name} onAdd={() => onEdit({ example: null })} onImport={() => onOpen('import')} />;
  return (
    <>
      <SliceBar name={name} onVary={() => onOpen('synthesis')} />
      {remove.error && (
        <div className="p-3">
          <ErrorText error={remove.error} />
        </div>
      )}
      {examples.length === 0 ? (
        <p className="p-6 text-text-2">No row fits.</p>
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
