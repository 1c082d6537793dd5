import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { EvaluationBody, ReviewQueueBody } from '@wheelhouse/sdk';
import { type FormEvent, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { evaluationQuery, evaluationsQuery } from '../../data/evaluation-queries.ts';
import { plural } from '../../data/format.ts';
import { Dialog, DialogActions } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { ErrorText } from '../../parts/request-state.tsx';
import { ShareField } from '../../parts/share-field.tsx';
import { bodyOf, type ItemsDraft, newItems, picks, type Source, sourcesOf } from './items-draft.ts';

const sourceNames: Record<Source, string> = {
  traces: 'Traces',
  sessions: 'Conversations',
  evaluation: 'Answers of an evaluation',
  pairs: 'Pairs of answers',
};
const pickNames: Record<ItemsDraft['pick'], string> = {
  evenly: 'by chance, all alike: corrects a judge',
  doubt: 'by chance, doubtful ones more often: corrects a judge with fewer labels',
  disagreement: 'where two scorers disagree most',
  flaky: 'where repetitions differ',
};

type Part = { draft: ItemsDraft; set: (change: Partial<ItemsDraft>) => void };

/** By filter and sample. */
function FilterFields({ draft, set }: Part) {
  return (
    <>
      <Field
        label="Filter"
        hint={draft.source === 'traces' ? 'As in Traces; newest first.' : 'Conversations of which a trace fits.'}
      >
        {(id) => (
          <input
            id={id}
            className="field mono"
            spellCheck={false}
            placeholder="score.feedback:false last:7d"
            value={draft.q}
            onChange={(event) => set({ q: event.target.value })}
          />
        )}
      </Field>
      <ShareField value={draft.share} onChange={(share) => set({ share })} />
    </>
  );
}

const nameOf = ({ name, dataset, datasetVersion, runs }: EvaluationBody) =>
  `${name === '' ? `${dataset} v${datasetVersion}` : name}: ${runs.map(({ label }) => label).join(', ')}`;

function EvaluationSelect({ draft, set }: Part) {
  const { client } = useData();
  const evaluations = useInfiniteQuery(evaluationsQuery(client)).data?.pages.flatMap(({ data }) => data) ?? [];
  const isListed = draft.evaluation === '' || evaluations.some(({ id }) => id === draft.evaluation);
  return (
    <Field label="Evaluation">
      {(id) => (
        <select
          id={id}
          className="field"
          required
          value={draft.evaluation}
          onChange={(event) => set({ evaluation: event.target.value, runs: [], measure: '', other: '' })}
        >
          <option value="" disabled>
            choose one
          </option>
          {!isListed && <option value={draft.evaluation}>{draft.evaluation}</option>}
          {evaluations.map((one) => (
            <option key={one.id} value={one.id}>
              {nameOf(one)}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

function RunChecks({ draft, set, evaluation }: Part & { evaluation: EvaluationBody }) {
  const isOn = (id: string) => draft.runs.length === 0 || draft.runs.includes(id);
  const toggle = (id: string) => {
    const on = evaluation.runs.map((run) => run.id).filter((one) => isOn(one) !== (one === id));
    set({ runs: on.length === evaluation.runs.length ? [] : on });
  };
  return (
    <fieldset className="flex flex-wrap gap-x-4 gap-y-1">
      <legend className="mb-1 text-sm font-medium">Runs</legend>
      {evaluation.runs.map(({ id, label }) => (
        <label key={id} className="flex min-h-6 items-center gap-2">
          <input type="checkbox" checked={isOn(id)} onChange={() => toggle(id)} />
          {label}
        </label>
      ))}
    </fieldset>
  );
}

function ScorerSelect({
  label,
  value,
  scorers,
  onChange,
}: {
  label: string;
  value: string;
  scorers: string[];
  onChange: (scorer: string) => void;
}) {
  return (
    <Field label={label}>
      {(id) => (
        <select id={id} className="field" value={value} onChange={(event) => onChange(event.target.value)}>
          {scorers.map((scorer) => (
            <option key={scorer}>{scorer}</option>
          ))}
        </select>
      )}
    </Field>
  );
}

/** Of which runs, and how rows are picked. */
function EvaluationFields({ draft, set }: Part) {
  const { client } = useData();
  const evaluation = useQuery({
    ...evaluationQuery(client, draft.evaluation),
    enabled: draft.evaluation !== '',
  }).data;
  const scorers = evaluation?.scorers ?? [];
  const measure = draft.measure || (scorers[0] ?? '');
  const others = scorers.filter((scorer) => scorer !== measure);
  return (
    <>
      <EvaluationSelect draft={draft} set={set} />
      {evaluation && evaluation.runs.length > 1 && <RunChecks draft={draft} set={set} evaluation={evaluation} />}
      {draft.source === 'evaluation' && (
        <>
          <Field label="Rows">
            {(id) => (
              <select
                id={id}
                className="field"
                value={draft.pick}
                onChange={(event) => set({ pick: event.target.value as ItemsDraft['pick'] })}
              >
                {picks.map((pick) => (
                  <option key={pick} value={pick}>
                    {pickNames[pick]}
                  </option>
                ))}
              </select>
            )}
          </Field>
          {scorers.length > 0 && (
            <div className="grid grid-cols-2 gap-3">
              <ScorerSelect
                label={draft.pick === 'disagreement' ? 'One scorer' : 'Scorer'}
                value={measure}
                scorers={scorers}
                onChange={(next) => set({ measure: next, other: '' })}
              />
              {draft.pick === 'disagreement' && (
                <ScorerSelect
                  label="The other"
                  value={draft.other || (others[0] ?? '')}
                  scorers={others}
                  onChange={(next) => set({ other: next })}
                />
              )}
            </div>
          )}
        </>
      )}
      {draft.source === 'pairs' && (
        <p className="text-text-2">
          Chance draws the rows and says which answer stands left. Answers that are equal are not asked about.
        </p>
      )}
    </>
  );
}

type AddItemsProps = { queue: ReviewQueueBody; evaluation: string | undefined; onClose: () => void };

/** Fills a queue: by filter, sample, chance or disagreement. */
export function AddItems({ queue, evaluation, onClose }: AddItemsProps) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const [draft, setDraft] = useState(() => newItems(queue, evaluation));
  const set = (change: Partial<ItemsDraft>) => setDraft((before) => ({ ...before, ...change }));
  const add = useMutation({
    mutationFn: () => client.call('addReviewItems', { params: { queue: queue.name }, body: bodyOf(draft) }),
    onSuccess: async (filled) => {
      queryClient.setQueryData(['review-queue', queue.name], filled.queue);
      for (const key of [['review-queues'], ['review-queue', queue.name]])
        await queryClient.invalidateQueries({ queryKey: key });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  const offered = sourcesOf(queue);
  const isFilter = draft.source === 'traces' || draft.source === 'sessions';
  return (
    <Dialog title={`Add items to ${queue.name}`} onClose={onClose} width={560}>
      <form className="flex flex-col gap-3" onSubmit={submit}>
        {offered.length > 1 && (
          <fieldset className="flex flex-wrap gap-2">
            <legend className="mb-1 text-sm font-medium">From</legend>
            {offered.map((source) => (
              <button
                key={source}
                type="button"
                className="btn"
                aria-pressed={draft.source === source}
                onClick={() => set({ source })}
              >
                {sourceNames[source]}
              </button>
            ))}
          </fieldset>
        )}
        {isFilter ? <FilterFields draft={draft} set={set} /> : <EvaluationFields draft={draft} set={set} />}
        <Field label={isFilter ? 'At most' : 'Rows, with those that were drawn before'}>
          {(id) => (
            <input
              id={id}
              type="number"
              min={1}
              max={2000}
              className="field"
              required
              value={draft.count}
              onChange={(event) => set({ count: event.target.value })}
            />
          )}
        </Field>
        {add.error && <ErrorText error={add.error} />}
        {add.data && (
          <p role="status">
            ✓ {plural(add.data.added, 'item')} added
            {add.data.present > 0 && `, ${plural(add.data.present, 'item')} there already`}.
          </p>
        )}
        <DialogActions>
          <button type="button" className="btn" onClick={onClose}>
            {add.data ? 'Close' : 'Cancel'}
          </button>
          <button type="submit" className="btn btn-primary" disabled={add.isPending}>
            {add.isPending ? 'Adding …' : 'Add'}
          </button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
