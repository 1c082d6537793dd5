import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Recipe } from '@wheelhouse/core/records';
import type { ResponseBody } from '@wheelhouse/sdk';
import { ArrowDown, ArrowUp, Plus, X } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useMay } from '../../data/access-queries.ts';
import { useData } from '../../data/data-context.tsx';
import { firstRowsQuery } from '../../data/dataset-queries.ts';
import { asText, count, exampleText, plural } from '../../data/format.ts';
import { datasetQuery, datasetsQuery } from '../../data/queries.ts';
import {
  newStep,
  type RecipeDraft,
  recipeDraftOf,
  recipeOf,
  stepKinds,
  stepProblem,
  stepTexts,
} from '../../data/recipe-draft.ts';
import { livingRows, recipePreview } from '../../data/recipe-preview.ts';
import { Field } from '../../parts/field.tsx';
import { ErrorText } from '../../parts/request-state.tsx';
import { useToast } from '../../parts/toast.tsx';
import { useSettled } from '../../parts/use-settled.ts';
import { LatestJob } from './job-line.tsx';
import { StepFields } from './step-fields.tsx';

type Detail = ResponseBody<'getDataset'>;
type Part = { draft: RecipeDraft; onChange: (draft: RecipeDraft) => void };

function useSource({ from, version }: RecipeDraft) {
  const { client } = useData();
  const detail = useQuery({ ...datasetQuery(client, from), enabled: from !== '' }).data;
  const number = version === '' ? detail?.dataset.head : Number(version);
  return { detail, number };
}

function SourceFields({ name, draft, onChange }: Part & { name: string }) {
  const { client } = useData();
  const others = useQuery(datasetsQuery(client)).data?.filter((one) => one.name !== name) ?? [];
  const { detail, number } = useSource(draft);
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      <Field
        label="From"
        hint={
          number === 0 ? (
            <span className="text-warn">
              ▲ It has no version yet.{' '}
              <Link to="/datasets/$name" params={{ name: draft.from }} className="link underline">
                Freeze it first
              </Link>
            </span>
          ) : others.length === 0 ? (
            'There is no other dataset.'
          ) : undefined
        }
      >
        {(id) => (
          <select
            id={id}
            className="field mono"
            required
            value={draft.from}
            onChange={(event) => onChange({ ...draft, from: event.target.value, version: '' })}
          >
            <option value="" disabled>
              choose a dataset
            </option>
            {others.map((one) => (
              <option key={one.name}>{one.name}</option>
            ))}
          </select>
        )}
      </Field>
      <Field label="Version">
        {(id) => (
          <select
            id={id}
            className="field"
            value={draft.version}
            onChange={(event) => onChange({ ...draft, version: event.target.value })}
          >
            <option value="">
              the newest at each run{detail && detail.dataset.head > 0 && `, now v${detail.dataset.head}`}
            </option>
            {detail?.versions.map((one) => (
              <option key={one.number} value={one.number}>
                v{one.number} · {plural(one.count, 'example')}
              </option>
            ))}
          </select>
        )}
      </Field>
    </div>
  );
}

/** What the first rows of the source become; null: not known now. */
function usePreview(draft: RecipeDraft) {
  const { client } = useData();
  const settled = useSettled(draft);
  const { detail, number } = useSource(settled);
  const version = number === undefined || number === 0 ? undefined : number;
  const source = useQuery({ ...firstRowsQuery(client, settled.from, version), enabled: version !== undefined }).data;
  const recipe = recipeOf(settled);
  const preview = useQuery({
    queryKey: ['recipe-preview', recipe, version],
    queryFn: () => recipePreview(livingRows(source ?? []), recipe?.steps ?? []),
    enabled: recipe !== null && source !== undefined,
    retry: false,
  });
  const of = detail?.versions.find((one) => one.number === version)?.count;
  return { from: source && livingRows(source).length, of, ...preview };
}

type Preview = ReturnType<typeof usePreview>;

function Outcome({ preview: { from, of, data, error } }: { preview: Preview }) {
  if (error) return <ErrorText error={error} />;
  if (from === undefined || of === undefined || !data) return null;
  const { counts, rows } = data;
  return (
    <section aria-label="What comes of it" className="rounded-2 border border-line">
      <p role="status" className="bg-sunken px-3 py-2">
        {of > from ? `The first ${count(from)} of ${plural(of, 'row')}` : plural(from, 'row')} become{' '}
        <b className="font-semibold">{plural(counts.at(-1) ?? from, 'row')}</b>.
        {of > from && <span className="text-text-2"> What all become, the run says.</span>}
      </p>
      <ul className="divide-y divide-line">
        {rows.slice(0, 3).map((row) => (
          <li key={row.id} className="grid gap-x-3 px-3 py-1 sm:grid-cols-2">
            <span className="said line-clamp-2">{exampleText(row.input)}</span>
            <span className="said line-clamp-2 text-text-2">{asText(row.expected) || 'nothing expected'}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

type StepProps = Part & { at: number; after: number | undefined };

function Step({ draft, onChange, at, after }: StepProps) {
  const one = draft.steps[at];
  if (one === undefined) return null;
  const { step, key } = one;
  const problem = stepProblem(step);
  const put = (steps: RecipeDraft['steps']) => onChange({ ...draft, steps });
  const move = (to: number) => put(draft.steps.toSpliced(at, 1).toSpliced(to, 0, one));
  return (
    <li className="flex flex-col gap-3 rounded-2 border border-line bg-surface p-3">
      <div className="flex flex-wrap items-center gap-2">
        <h2 className="font-semibold">
          {at + 1}. {stepTexts[step.do]}
        </h2>
        {after !== undefined && <span className="mono text-text-3">→ {plural(after, 'row')}</span>}
        <span className="ml-auto flex">
          <button
            type="button"
            className="btn btn-quiet btn-icon"
            aria-label={`Step ${at + 1} earlier`}
            disabled={at === 0}
            onClick={() => move(at - 1)}
          >
            <ArrowUp size={13} strokeWidth={1.75} />
          </button>
          <button
            type="button"
            className="btn btn-quiet btn-icon"
            aria-label={`Step ${at + 1} later`}
            disabled={at === draft.steps.length - 1}
            onClick={() => move(at + 1)}
          >
            <ArrowDown size={13} strokeWidth={1.75} />
          </button>
          <button
            type="button"
            className="btn btn-quiet btn-icon"
            aria-label={`Take out step ${at + 1}`}
            onClick={() => put(draft.steps.toSpliced(at, 1))}
          >
            <X size={13} strokeWidth={1.75} />
          </button>
        </span>
      </div>
      <StepFields
        dataset={draft.from}
        step={step}
        onChange={(next) => put(draft.steps.with(at, { key, step: next }))}
      />
      {problem !== null && <p className="text-warn">▲ {problem}</p>}
    </li>
  );
}

function Steps({ draft, onChange, preview }: Part & { preview: Preview }) {
  const known = preview.data?.counts.length === draft.steps.length ? preview.data.counts : [];
  const nextKey = Math.max(-1, ...draft.steps.map(({ key }) => key)) + 1;
  return (
    <>
      <ol aria-label="Steps" className="flex flex-col gap-2">
        {draft.steps.map(({ key }, at) => (
          <Step key={key} draft={draft} onChange={onChange} at={at} after={known[at]} />
        ))}
      </ol>
      <fieldset className="flex flex-wrap gap-2">
        <legend className="mb-1 text-sm font-medium">Add a step</legend>
        {stepKinds.map((kind) => (
          <button
            key={kind}
            type="button"
            className="btn"
            onClick={() => onChange({ ...draft, steps: [...draft.steps, { key: nextKey, step: newStep(kind) }] })}
          >
            <Plus size={13} strokeWidth={1.75} aria-hidden="true" />
            {stepTexts[kind]}
          </button>
        ))}
      </fieldset>
    </>
  );
}

/** Outside of the form, which begins anew when what it saved comes back. */
function useRecipe({ dataset: { name } }: Detail) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const toast = useToast();
  const changed = () => queryClient.invalidateQueries({ queryKey: ['dataset', name] });
  const put = (recipe: Recipe) => client.call('setDatasetRecipe', { params: { name }, body: recipe });
  const save = useMutation({ mutationFn: put, onSuccess: () => toast('✓ Saved'), onSettled: changed });
  const run = useMutation({
    mutationFn: async (recipe: Recipe | null) => {
      if (recipe !== null) await put(recipe);
      await client.call('runDatasetRecipe', { params: { name } });
    },
    onSettled: changed,
  });
  return { save, run };
}

type RecipeFormProps = { detail: Detail } & ReturnType<typeof useRecipe>;

function RecipeForm({ detail, save, run }: RecipeFormProps) {
  const { name, recipe: saved, head, draftCount, changed } = detail.dataset;
  const may = useMay()('setDatasetRecipe');
  const [draft, setDraft] = useState(() => recipeDraftOf(saved as Recipe | null));
  const preview = usePreview(draft);
  const recipe = recipeOf(draft);
  const { number } = useSource(draft);
  const isChanged =
    recipe === null || JSON.stringify(recipe) !== JSON.stringify(saved && recipeOf(recipeDraftOf(saved as Recipe)));
  const error = save.error ?? run.error;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.reset();
    run.mutate(isChanged ? recipe : null);
  };
  return (
    <form className="flex flex-col gap-4 p-4" onSubmit={submit}>
      <fieldset disabled={!may} className="flex min-w-0 max-w-[860px] flex-col gap-4">
        <legend className="sr-only">How it is made</legend>
        <SourceFields name={name} draft={draft} onChange={setDraft} />
        {draft.from !== '' && <Steps draft={draft} onChange={setDraft} preview={preview} />}
        <Outcome preview={preview} />
        {draftCount > 0 && (
          <p className={changed && saved === null ? 'text-warn' : 'text-text-2'}>
            {changed && saved === null && '▲ '}A run makes the draft what the recipe says: rows that did not come by it
            are taken out{changed ? ', and changes that were not frozen are lost' : ''}. Frozen versions stay.
          </p>
        )}
        {error && <ErrorText error={error} />}
        {may && (
          <div className="flex flex-wrap gap-2">
            <button type="submit" className="btn btn-primary" disabled={recipe === null || !number || run.isPending}>
              {run.isPending ? 'Starting …' : isChanged ? `Save and make v${head + 1}` : `Make v${head + 1}`}
            </button>
            <button
              type="button"
              className="btn"
              disabled={recipe === null || !isChanged || save.isPending}
              onClick={() => {
                run.reset();
                if (recipe) save.mutate(recipe);
              }}
            >
              Save
            </button>
          </div>
        )}
      </fieldset>
    </form>
  );
}

/** How the dataset is made from another one, again and again. */
export function RecipeTab({ detail }: { detail: Detail }) {
  const { name, recipe } = detail.dataset;
  const acts = useRecipe(detail);
  return (
    <>
      <p className="border-b border-line px-4 py-2 text-text-2">
        {recipe === null
          ? 'A recipe makes this dataset from another one, step by step; each run is a version that says what it was made from.'
          : `Made from ${recipe.from}${recipe.version === null ? '' : ` v${recipe.version}`} in ${plural(recipe.steps.length, 'step')}.`}
      </p>
      <LatestJob dataset={name} kind="recipe" />
      {/* Begins anew when somebody else has changed it. */}
      <RecipeForm key={JSON.stringify(recipe)} detail={detail} {...acts} />
    </>
  );
}
