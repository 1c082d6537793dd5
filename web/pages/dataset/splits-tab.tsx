import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { splitOf } from '@wheelhouse/core/dataset';
import type { SplitRule } from '@wheelhouse/core/records';
import type { ResponseBody } from '@wheelhouse/sdk';
import { type FormEvent, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { datasetLabelsQuery, firstRowsQuery } from '../../data/dataset-queries.ts';
import { count, plural } from '../../data/format.ts';
import { livingRows } from '../../data/recipe-preview.ts';
import { newSplit, splitDraftOf, splitProblem, splitRuleOf, splitText } from '../../data/split-draft.ts';
import { May } from '../../parts/may.tsx';
import { ErrorText } from '../../parts/request-state.tsx';
import { useToast } from '../../parts/toast.tsx';
import { LatestJob } from './job-line.tsx';
import { Shares } from './shares.tsx';
import { SplitFields } from './split-fields.tsx';

type Detail = ResponseBody<'getDataset'>;

/** How the first rows would be divided, by the code that the server runs. */
function Preview({ detail, rule }: { detail: Detail; rule: SplitRule }) {
  const { client } = useData();
  const { name, draftCount } = detail.dataset;
  const rows = livingRows(useQuery(firstRowsQuery(client, name, undefined)).data ?? []);
  if (rows.length === 0) return null;
  const counts = new Map(Object.keys(rule.parts).map((part) => [part, 0]));
  let moved = 0;
  for (const row of rows) {
    const split = splitOf(row, rule) ?? '';
    counts.set(split, (counts.get(split) ?? 0) + 1);
    if (split !== row.split) moved++;
  }
  return (
    <p role="status" className="rounded-2 bg-sunken px-3 py-2">
      {draftCount > rows.length ? `Of the first ${count(rows.length)} rows` : `Of ${plural(rows.length, 'row')}`}:{' '}
      {[...counts].map(([part, many], i) => (
        <span key={part}>
          {i > 0 && ', '}
          {part} <b className="mono font-semibold">{count(many)}</b>
        </span>
      ))}
      .{' '}
      <span className="text-text-2">
        {moved === 0 ? 'All have that split already.' : `${plural(moved, 'row')} would get another split.`}
      </span>
    </p>
  );
}

function SplitForm({ detail }: { detail: Detail }) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const toast = useToast();
  const { name, splits, draftCount } = detail.dataset;
  const [draft, setDraft] = useState(() => (splits === null ? newSplit : splitDraftOf(splits)));
  const changed = () => queryClient.invalidateQueries({ queryKey: ['dataset', name] });
  const split = useMutation({
    mutationFn: (rule: SplitRule) => client.call('splitDataset', { params: { name }, body: rule }),
    onSuccess: changed,
  });
  const stop = useMutation({
    mutationFn: () => client.call('changeDataset', { params: { name }, body: { splits: null } }),
    onSuccess: async () => {
      toast('✓ Rows that come keep the split that they come with.');
      await changed();
    },
  });
  const problem = splitProblem(draft);
  const rule = problem === null ? splitRuleOf(draft) : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (rule) split.mutate(rule);
  };
  const error = split.error ?? stop.error;
  return (
    <form className="flex flex-col gap-3 p-4" onSubmit={submit}>
      <SplitFields dataset={name} draft={draft} onChange={setDraft} />
      {problem !== null && <p className="text-warn">▲ {problem}</p>}
      {rule && <Preview detail={detail} rule={rule} />}
      {error && <ErrorText error={error} />}
      <div className="flex flex-wrap gap-2">
        <button
          type="submit"
          className="btn btn-primary"
          disabled={rule === null || draftCount === 0 || split.isPending}
          title={draftCount === 0 ? 'There is no row yet' : 'Rows that come later get theirs by the same rule'}
        >
          {split.isPending ? 'Starting …' : 'Split the rows'}
        </button>
        {splits !== null && (
          <button type="button" className="btn" disabled={stop.isPending} onClick={() => stop.mutate()}>
            Forget the rule
          </button>
        )}
      </div>
    </form>
  );
}

/** Which splits there are, and the rule by which rows get theirs. */
export function SplitsTab({ detail }: { detail: Detail }) {
  const { client } = useData();
  const { name, splits, draftCount } = detail.dataset;
  const labels = useQuery(datasetLabelsQuery(client, name, undefined)).data;
  const shares = labels?.splits.map(({ split, count: rows }) => ({ name: split ?? 'in no split', rows })) ?? [];
  return (
    <>
      <p className="border-b border-line px-4 py-2 text-text-2">
        {splits === null
          ? 'No rule: rows have the split that they came with.'
          : `Rows that come without a split get theirs by the rule: ${splitText(splits)}, by ${splits.by}.`}
      </p>
      <LatestJob dataset={name} kind="split" />
      <div className="grid md:grid-cols-[minmax(0,1fr)_minmax(0,2fr)]">
        {shares.length > 0 ? (
          <Shares title="Splits of the draft" shares={shares} of={draftCount} />
        ) : (
          <p className="p-4 text-text-2">There is no row yet.</p>
        )}
        <May call="splitDataset">
          <SplitForm key={JSON.stringify(splits)} detail={detail} />
        </May>
      </div>
    </>
  );
}
