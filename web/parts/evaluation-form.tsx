import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useData } from '../data/data-context.tsx';
import { datasetLabelsQuery } from '../data/dataset-queries.ts';
import { bodyOf, type EvaluationDraft, newDraft } from '../data/evaluation-draft.ts';
import { estimateQuery } from '../data/evaluation-queries.ts';
import { plural, usd } from '../data/format.ts';
import { datasetsQuery } from '../data/queries.ts';
import { roughTime } from '../data/rough-time.ts';
import { DatasetVersionField } from './dataset-version-field.tsx';
import { Dialog } from './dialog.tsx';
import { DollarField } from './dollar-field.tsx';
import { Field } from './field.tsx';
import { ErrorText } from './request-state.tsx';
import { firstGuess, RunFields, useRunChoices } from './run-fields.tsx';
import { ScorerFields } from './scorer-fields.tsx';
import { StartFooter } from './start-footer.tsx';
import { useSettled } from './use-settled.ts';

type Part = { draft: EvaluationDraft; set: (change: Partial<EvaluationDraft>) => void };

/** Which rows: of which version, and maybe only some. */
function RowFields({ draft, set, isFixed }: Part & { isFixed: boolean }) {
  const { client } = useData();
  const datasets = useQuery(datasetsQuery(client));
  const version = draft.version === '' ? undefined : Number(draft.version);
  const labels = useQuery({
    ...datasetLabelsQuery(client, draft.dataset, version),
    enabled: draft.dataset !== '',
  }).data;
  const splits = labels?.splits.flatMap(({ split }) => split ?? []) ?? [];
  const tags = labels?.tags.map(({ tag }) => tag) ?? [];
  const some = (label: string, key: 'split' | 'tag', values: string[]) => (
    <Field label={label}>
      {(id) => (
        <select
          id={id}
          className="field"
          value={draft[key]}
          disabled={values.length === 0}
          onChange={(event) => set({ [key]: event.target.value })}
        >
          <option value="">{values.length === 0 ? 'none' : 'any'}</option>
          {values.map((value) => (
            <option key={value}>{value}</option>
          ))}
        </select>
      )}
    </Field>
  );
  return (
    <div className="grid grid-cols-2 gap-3 sm:grid-cols-[2fr_2fr_1fr_1fr_1fr]">
      <Field label="Dataset">
        {(id) => (
          <select
            id={id}
            className="field"
            required
            disabled={isFixed}
            value={draft.dataset}
            onChange={(event) => set({ dataset: event.target.value, version: '', split: '', tag: '' })}
          >
            {datasets.data?.map((one) => (
              <option key={one.name}>{one.name}</option>
            ))}
          </select>
        )}
      </Field>
      <DatasetVersionField
        dataset={draft.dataset}
        value={draft.version}
        onChange={(version) => set({ version, split: '', tag: '' })}
      />
      {some('Split', 'split', splits)}
      {some('Tag', 'tag', tags)}
      <Field label="First">
        {(id) => (
          <input
            id={id}
            type="number"
            min={1}
            className="field"
            placeholder="all"
            value={draft.first}
            onChange={(event) => set({ first: event.target.value })}
          />
        )}
      </Field>
      {datasets.data?.length === 0 && (
        <p className="col-span-full text-text-2">
          ▲ There is no dataset yet.{' '}
          <Link to="/datasets" className="link underline">
            Make one first
          </Link>
        </p>
      )}
    </div>
  );
}

function NumberFields({ draft, set }: Part) {
  const number = (label: string, key: 'repetitions' | 'concurrency', most: number) => (
    <Field label={label}>
      {(id) => (
        <input
          id={id}
          type="number"
          min={1}
          max={most}
          className="field"
          value={draft[key]}
          onChange={(event) => set({ [key]: event.target.value })}
        />
      )}
    </Field>
  );
  return (
    <div className="grid grid-cols-3 gap-3">
      {number('Repetitions', 'repetitions', 50)}
      {number('Calls at one time', 'concurrency', 256)}
      <DollarField value={draft.cap} onChange={(cap) => set({ cap })} />
    </div>
  );
}

/** What it would cost and how long it would take; what is wrong with it before it starts. */
function Estimate({ draft }: { draft: EvaluationDraft }) {
  const { client } = useData();
  const body = useSettled(bodyOf(draft));
  const { data, error } = useQuery({
    ...estimateQuery(client, body ?? { dataset: '', runs: [] }),
    enabled: body !== null,
  });
  if (body === null) return null;
  if (error) return <ErrorText error={error} />;
  if (!data) return <p className="text-text-3">Estimating …</p>;
  const unknown = [
    ...data.runs.filter(({ callNanoUsd }) => callNanoUsd === null).map(({ ref }) => ref ?? 'own code'),
    ...data.judges.filter(({ nanoUsd }) => nanoUsd === null).map(({ scorer }) => scorer.split(' ')[0]),
  ];
  const judging = data.judges.reduce((sum, { calls }) => sum + calls, 0) * data.calls;
  return (
    <p role="status" className="rounded-2 bg-sunken px-3 py-2">
      <b className="font-semibold">{plural(data.calls, 'call')}</b> ({plural(data.rows, 'row')} ×{' '}
      {plural(data.runs.length, 'run')}
      {draft.repetitions === '1' ? '' : ` × ${draft.repetitions}`}), about{' '}
      <b className="mono font-semibold">{usd(data.costNanoUsd)}</b>
      {judging > 0 && ` with about ${plural(Math.round(judging), 'call')} of judges`}
      {data.seconds !== null && `, ${roughTime(data.seconds * 1000)}`}.
      {unknown.length > 0 && <span className="text-text-2"> Of {unknown.join(', ')} no price is known.</span>}
    </p>
  );
}

type EvaluationFormProps = {
  /** The dataset, when it is not to be chosen. */
  dataset?: string;
  /** What the form begins with. */
  start?: EvaluationDraft;
  onClose: () => void;
};

/** Asks what to evaluate, says what it would cost, and starts it; the evaluation's page shows the rest. */
export function EvaluationForm({ dataset, start, onClose }: EvaluationFormProps) {
  const { client } = useData();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const { models } = useRunChoices();
  const first = useQuery(datasetsQuery(client)).data?.[0]?.name ?? '';
  const [changes, setChanges] = useState<Partial<EvaluationDraft>>({});
  const begin = start ?? { ...newDraft, dataset: dataset ?? first, runs: firstGuess(models) };
  const draft = { ...begin, ...changes };
  const set = (change: Partial<EvaluationDraft>) => setChanges((before) => ({ ...before, ...change }));
  const body = bodyOf(draft);
  const create = useMutation({
    mutationFn: (asked: NonNullable<typeof body>) => client.call('createEvaluation', { body: asked }),
    onSuccess: async (evaluation) => {
      queryClient.setQueryData(['evaluation', evaluation.id], evaluation);
      void queryClient.invalidateQueries({ queryKey: ['evaluations'] });
      void queryClient.invalidateQueries({ queryKey: ['dataset', draft.dataset] });
      onClose();
      await navigate({ to: '/experiments/$evaluationId', params: { evaluationId: evaluation.id } });
    },
  });
  return (
    <Dialog title={dataset ? `Evaluate on ${dataset}` : 'New evaluation'} onClose={onClose} width={760}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (body) create.mutate(body);
        }}
      >
        <RowFields draft={draft} set={set} isFixed={dataset !== undefined} />
        <RunFields runs={draft.runs} onChange={(runs) => set({ runs })} />
        <ScorerFields
          scorers={draft.scorers}
          more={draft.more}
          onScorers={(scorers) => set({ scorers })}
          onMore={(more) => set({ more })}
        />
        <Field label="Gates, one in a line" hint="What a candidate must keep; more than a point, an interval.">
          {(id) => (
            <textarea
              id={id}
              className="field mono"
              rows={2}
              spellCheck={false}
              placeholder={'exact >= baseline - 5pp\nlatency p95 <= 2.5s'}
              value={draft.gates}
              onChange={(event) => set({ gates: event.target.value })}
            />
          )}
        </Field>
        <NumberFields draft={draft} set={set} />
        <StartFooter estimate={<Estimate draft={draft} />} start={create} isReady={body !== null} onClose={onClose} />
      </form>
    </Dialog>
  );
}
