import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useData } from '../data/data-context.tsx';
import { count, plural, usd } from '../data/format.ts';
import {
  efforts,
  newOptimizationDraft,
  type OptimizationDraft,
  optimizationBody,
  optimizerChoices,
  optionsOf,
} from '../data/optimization-draft.ts';
import { optimizationEstimateQuery } from '../data/optimization-queries.ts';
import { datasetsQuery } from '../data/queries.ts';
import { BudgetFields } from './budget-fields.tsx';
import { DatasetVersionField } from './dataset-version-field.tsx';
import { Dialog } from './dialog.tsx';
import { Field } from './field.tsx';
import { ErrorText } from './request-state.tsx';
import { RunSelect, useRunChoices } from './run-fields.tsx';
import { ScorerFields } from './scorer-fields.tsx';
import { StartFooter } from './start-footer.tsx';
import { useSettled } from './use-settled.ts';

type Part = { draft: OptimizationDraft; set: (change: Partial<OptimizationDraft>) => void };

/** What is optimized, and who is asked: the models that it names unless others are chosen. */
function ProgramFields({ draft, set }: Part) {
  const { models, base } = useRunChoices();
  const asked = (label: string, key: 'model' | 'proposer', otherwise: string) => (
    <Field label={label}>
      {(id) => (
        <select
          id={id}
          className="field mono"
          value={draft[key]}
          onChange={(event) => set({ [key]: event.target.value })}
        >
          <option value="">{otherwise}</option>
          {base.map((ref) => (
            <option key={ref}>{ref}</option>
          ))}
        </select>
      )}
    </Field>
  );
  return (
    <div className="grid gap-3 sm:grid-cols-3">
      <Field label="Program or prompt">
        {(id) => (
          <RunSelect models={models} base={[]} id={id} value={draft.program} onChange={(program) => set({ program })} />
        )}
      </Field>
      {asked('Model', 'model', 'as it says')}
      {asked('Writes instructions', 'proposer', 'the same model')}
    </div>
  );
}

/** The rows, by their splits. */
function RowFields({ draft, set }: Part) {
  const { client } = useData();
  const datasets = useQuery(datasetsQuery(client));
  if (datasets.data?.length === 0)
    return (
      <p className="text-text-2">
        ▲ There is no dataset yet.{' '}
        <Link to="/datasets" className="link underline">
          Make one first
        </Link>
      </p>
    );
  return (
    <div>
      <div className="grid grid-cols-2 gap-3">
        <Field label="Dataset">
          {(id) => (
            <select
              id={id}
              className="field"
              required
              value={draft.dataset}
              onChange={(event) => set({ dataset: event.target.value, version: '' })}
            >
              {draft.dataset === '' && <option value="">choose one</option>}
              {datasets.data?.map(({ name }) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          )}
        </Field>
        <DatasetVersionField dataset={draft.dataset} value={draft.version} onChange={(version) => set({ version })} />
      </div>
      <p className="mt-1 text-sm text-text-3">
        Rows of the split <span className="mono">validation</span> choose, those of <span className="mono">test</span>{' '}
        are held out, all others train.
      </p>
    </div>
  );
}

/** Which algorithm, and the few things that it is told. */
function OptimizerFields({ draft, set }: Part) {
  const chosen = optimizerChoices.find(({ name }) => name === draft.optimizer);
  const tell = (key: string, value: string) => set({ options: { ...draft.options, [key]: value } });
  return (
    <div className="grid grid-cols-2 gap-3 sm:grid-cols-4">
      <div className="col-span-2 sm:col-span-1">
        <Field label="Optimizer">
          {(id) => (
            <select
              id={id}
              className="field mono"
              value={draft.optimizer}
              onChange={(event) =>
                set({ optimizer: event.target.value as OptimizationDraft['optimizer'], options: {} })
              }
            >
              {optimizerChoices.map(({ name }) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          )}
        </Field>
      </div>
      {optionsOf(draft.optimizer).map((option) => (
        <Field key={option.key} label={option.label}>
          {(id) =>
            option.kind === 'count' ? (
              <input
                id={id}
                type="number"
                min={option.least}
                max={option.most}
                className="field"
                placeholder={String(option.usual)}
                value={draft.options[option.key] ?? ''}
                onChange={(event) => tell(option.key, event.target.value)}
              />
            ) : (
              <select
                id={id}
                className="field"
                value={draft.options[option.key] ?? ''}
                onChange={(event) => tell(option.key, event.target.value)}
              >
                {option.kind === 'effort'
                  ? efforts.map((effort, i) => (
                      <option key={effort} value={i === 0 ? '' : effort}>
                        {effort}
                      </option>
                    ))
                  : ['yes', 'no'].map((answer, i) => (
                      <option key={answer} value={i === 0 ? '' : answer}>
                        {answer}
                      </option>
                    ))}
              </select>
            )
          }
        </Field>
      ))}
      {chosen && <p className="col-span-full -mt-2 text-sm text-text-3">{chosen.text}</p>}
    </div>
  );
}

/** What it is called, and what decides how it is carried out. */
function MoreFields({ draft, set }: Part) {
  const number = (label: string, key: 'seed' | 'concurrency', bounds: { min?: number; max: number }) => (
    <Field label={label}>
      {(id) => (
        <input
          id={id}
          type="number"
          step={1}
          {...bounds}
          required
          className="field"
          value={draft[key]}
          onChange={(event) => set({ [key]: event.target.value })}
        />
      )}
    </Field>
  );
  return (
    <div className="grid grid-cols-2 gap-3 sm:grid-cols-3">
      <div className="max-sm:col-span-2">
        <Field label="Name">
          {(id) => (
            <input
              id={id}
              className="field"
              maxLength={200}
              autoComplete="off"
              placeholder="that of the program"
              value={draft.name}
              onChange={(event) => set({ name: event.target.value })}
            />
          )}
        </Field>
      </div>
      {number('Seed of every draw', 'seed', { max: 2_147_483_647 })}
      {number('Runs at one time', 'concurrency', { min: 1, max: 64 })}
    </div>
  );
}

/** What it would run on, and what its budget comes to; what is wrong with it before it starts. */
function Estimate({ draft }: { draft: OptimizationDraft }) {
  const { client } = useData();
  const body = useSettled(optimizationBody(draft));
  const { data, error } = useQuery({
    ...optimizationEstimateQuery(client, body ?? { program: '', dataset: '', budget: {} }),
    enabled: body !== null,
  });
  if (body === null)
    return (
      <p className="text-text-3">
        {draft.dollars + draft.calls + draft.minutes === ''
          ? 'Say what bounds it.'
          : 'Choose what, on which rows, and how it is scored.'}
      </p>
    );
  if (error) return <ErrorText error={error} />;
  if (!data) return <p className="text-text-3">Estimating …</p>;
  const { train, validation, heldOut } = data.rows;
  const unknown = data.judges.filter(({ nanoUsd }) => nanoUsd === null).map(({ scorer }) => scorer.split(' ')[0]);
  const judging = data.judges.reduce((sum, { calls }) => sum + calls, 0);
  return (
    <p role="status" className="rounded-2 bg-sunken px-3 py-2">
      {plural(train, 'row')} to train, {count(validation)} to choose by, {count(heldOut)} held out.{' '}
      {data.calls === null ? (
        'How many calls the budget comes to is not known'
      ) : (
        <>
          At most <b className="font-semibold">{plural(data.calls, 'call')}</b> of{' '}
          <span className="mono">{data.model}</span>
        </>
      )}
      , <b className="mono font-semibold">{usd(data.costNanoUsd)}</b>.
      {judging > 0 && ` Judges take about ${plural(Math.round(judging), 'call')} an answer beside that.`}
      {unknown.length > 0 && <span className="text-text-2"> Of {unknown.join(', ')} no price is known.</span>}
    </p>
  );
}

type OptimizationFormProps = {
  /** What is optimized, where that is known already: `name@version`. */
  program?: string | undefined;
  onClose: () => void;
};

/** Asks what to optimize and within which budget, says what it comes to, and starts it; its page shows the rest. */
export function OptimizationForm({ program, onClose }: OptimizationFormProps) {
  const { client } = useData();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const first = useQuery(datasetsQuery(client)).data?.[0]?.name ?? '';
  const [changes, setChanges] = useState<Partial<OptimizationDraft>>({});
  const draft = { ...newOptimizationDraft, dataset: first, program: program ?? '', ...changes };
  const set = (change: Partial<OptimizationDraft>) => setChanges((before) => ({ ...before, ...change }));
  const body = optimizationBody(draft);
  const create = useMutation({
    mutationFn: (asked: NonNullable<typeof body>) => client.call('createOptimization', { body: asked }),
    onSuccess: async (optimization) => {
      const { id: optimizationId } = optimization;
      queryClient.setQueryData(['optimization', optimizationId], optimization);
      void queryClient.invalidateQueries({ queryKey: ['optimizations'] });
      void queryClient.invalidateQueries({ queryKey: ['dataset', draft.dataset] });
      onClose();
      await navigate({ to: '/experiments/optimizations/$optimizationId', params: { optimizationId } });
    },
  });
  return (
    <Dialog title="Optimize" onClose={onClose} width={760}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (body) create.mutate(body);
        }}
      >
        <ProgramFields draft={draft} set={set} />
        <RowFields draft={draft} set={set} />
        <OptimizerFields draft={draft} set={set} />
        <BudgetFields limits={draft} onChange={set} />
        <ScorerFields
          scorers={draft.scorers}
          more={draft.more}
          onScorers={(scorers) => set({ scorers })}
          onMore={(more) => set({ more })}
        />
        <MoreFields draft={draft} set={set} />
        <StartFooter estimate={<Estimate draft={draft} />} start={create} isReady={body !== null} onClose={onClose} />
      </form>
    </Dialog>
  );
}
