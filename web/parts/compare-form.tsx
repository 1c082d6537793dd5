import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import type { ModelBody } from '@wheelhouse/sdk';
import { type FormEvent, useState } from 'react';
import { useData } from '../data/data-context.tsx';
import { plural } from '../data/format.ts';
import { callableQuery, datasetsQuery, modelsQuery } from '../data/queries.ts';
import { Dialog, DialogActions } from './dialog.tsx';
import { Field } from './field.tsx';
import { ErrorText } from './request-state.tsx';

/** In the order of the picker: what is asked of any answer first, then of numbers and JSON, then of running text. */
const scorers = [
  { name: 'exact', text: 'the answer equals the expected one' },
  { name: 'levenshtein', text: 'how much of the expected text it shares' },
  { name: 'contains', text: 'it has the expected text, or all of a list' },
  { name: 'regex', text: 'the expected pattern occurs in it' },
  { name: 'numeric', text: 'it is the expected number' },
  { name: 'json_diff', text: 'share of JSON values that are equal' },
  { name: 'json_schema', text: 'it fits the expected JSON Schema' },
  { name: 'bleu', text: 'runs of words, as in translation' },
  { name: 'chrf', text: 'runs of letters; good for any language' },
  { name: 'ter', text: 'edits that it would still need' },
  { name: 'rouge_1', text: 'words, as in summaries' },
  { name: 'rouge_2', text: 'pairs of words' },
  { name: 'rouge_l', text: 'words in the same order' },
  { name: 'rouge_lsum', text: 'words in the same order, line by line' },
  { name: 'meteor', text: 'words and stems in the same order; English' },
] as const;
type ScorerName = (typeof scorers)[number]['name'];
const firstChosen: readonly ScorerName[] = ['exact', 'levenshtein'];

/** Refs of a model, what callers use first: aliases, then versions, newest first. */
const refsOf = (model: ModelBody) => [
  ...model.aliases.map((alias) => ({ ref: `${model.name}@${alias.alias}`, note: `v${alias.version}` })),
  ...Array.from({ length: model.latest }, (_, i) => ({ ref: `${model.name}@${model.latest - i}`, note: '' })),
];

type Side = { letter: 'A' | 'B'; value: string; onChange: (ref: string) => void };

function SideField({ letter, value, onChange, models, base }: Side & { models: ModelBody[]; base: string[] }) {
  return (
    <Field label={letter === 'A' ? '● A, the baseline' : '■ B, the candidate'}>
      {(id) => (
        <select
          id={id}
          className="field mono"
          required
          value={value}
          onChange={(event) => onChange(event.target.value)}
        >
          <option value="" disabled>
            choose a model
          </option>
          {models.map((model) => (
            <optgroup key={model.name} label={model.name}>
              {refsOf(model).map(({ ref, note }) => (
                <option key={ref} value={ref}>
                  {ref} {note && `(${note})`}
                </option>
              ))}
            </optgroup>
          ))}
          <optgroup label="Base models">
            {base.map((ref) => (
              <option key={ref}>{ref}</option>
            ))}
          </optgroup>
        </select>
      )}
    </Field>
  );
}

function useChoices() {
  const { client } = useData();
  const models = useQuery(modelsQuery(client)).data ?? [];
  const callable = useQuery(callableQuery()).data ?? [];
  const datasets = useQuery(datasetsQuery(client)).data ?? [];
  const names = new Set(models.map((model) => model.name));
  const base = callable.filter((id) => !names.has(id.split('@')[0] ?? ''));
  return { models: models.filter((model) => model.latest > 0), base, datasets };
}

/** The newest version against the one in production, or against the one before. */
function firstGuess(models: ModelBody[]): { a: string; b: string } {
  const model = models.find((one) => one.latest > 1);
  if (!model) return { a: '', b: '' };
  const live = model.aliases.find((alias) => alias.alias === 'production' && alias.version !== model.latest);
  return {
    a: live ? `${model.name}@${live.alias}` : `${model.name}@${model.latest - 1}`,
    b: `${model.name}@${model.latest}`,
  };
}

/** Asks what to compare and starts it; the comparison's page shows the rest. */
export function CompareForm({ dataset: fixed, onClose }: { dataset?: string; onClose: () => void }) {
  const { client } = useData();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const { models, base, datasets } = useChoices();
  const guess = firstGuess(models);
  const [chosenA, setA] = useState<string | null>(null);
  const [chosenB, setB] = useState<string | null>(null);
  const [chosenDataset, setDataset] = useState<string | null>(fixed ?? null);
  const [chosen, setChosen] = useState(firstChosen);
  const [repetitions, setRepetitions] = useState(1);
  const a = chosenA ?? guess.a;
  const b = chosenB ?? guess.b;
  const dataset = chosenDataset ?? datasets[0]?.name ?? '';
  const examples = datasets.find((one) => one.name === dataset)?.draftCount;
  const start = useMutation({
    mutationFn: () => client.call('createComparison', { body: { dataset, a, b, scorers: [...chosen], repetitions } }),
    onSuccess: async (comparison) => {
      queryClient.setQueryData(['comparison', comparison.id], comparison);
      void queryClient.invalidateQueries({ queryKey: ['comparisons'] });
      void queryClient.invalidateQueries({ queryKey: ['dataset', dataset] });
      await navigate({ to: '/experiments/$comparisonId', params: { comparisonId: comparison.id } });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    start.mutate();
  };
  const toggle = (name: ScorerName) =>
    setChosen(scorers.map((one) => one.name).filter((one) => chosen.includes(one) !== (one === name)));
  return (
    <Dialog title={fixed ? `Compare two models on ${fixed}` : 'Compare two models'} onClose={onClose} width={560}>
      <form className="flex flex-col gap-3" onSubmit={submit}>
        {!fixed && (
          <Field label="Dataset">
            {(id) => (
              <select id={id} className="field" value={dataset} onChange={(event) => setDataset(event.target.value)}>
                {datasets.map((one) => (
                  <option key={one.name}>{one.name}</option>
                ))}
              </select>
            )}
          </Field>
        )}
        <div className="grid gap-3 sm:grid-cols-2">
          <SideField letter="A" value={a} onChange={setA} models={models} base={base} />
          <SideField letter="B" value={b} onChange={setB} models={models} base={base} />
        </div>
        <fieldset>
          <legend className="text-sm font-medium">Scorers</legend>
          <div className="max-h-52 overflow-y-auto">
            {scorers.map(({ name, text }) => (
              <label key={name} className="flex min-h-7 items-center gap-2">
                <input type="checkbox" checked={chosen.includes(name)} onChange={() => toggle(name)} />
                <span className="mono">{name}</span>
                <span className="text-text-3">{text}</span>
              </label>
            ))}
          </div>
        </fieldset>
        <Field label="Repetitions" hint="More than one shows how much a model differs from itself.">
          {(id) => (
            <input
              id={id}
              type="number"
              min={1}
              max={20}
              className="field !w-24"
              value={repetitions}
              onChange={(event) => setRepetitions(Number(event.target.value))}
            />
          )}
        </Field>
        {examples !== undefined && (
          <p className="text-text-2">
            {plural(examples, 'example')} × 2 models × {repetitions} = {plural(examples * 2 * repetitions, 'call')}. A
            changed draft is frozen first.
          </p>
        )}
        {datasets.length === 0 && (
          <p className="text-text-2">
            ▲ There is no dataset yet.{' '}
            <Link to="/datasets" className="link underline" onClick={onClose}>
              Make one first
            </Link>
          </p>
        )}
        {start.error && <ErrorText error={start.error} />}
        <DialogActions>
          <button type="button" className="btn" onClick={onClose}>
            Cancel
          </button>
          <button
            type="submit"
            className="btn btn-primary"
            disabled={start.isPending || a === '' || b === '' || dataset === '' || chosen.length === 0}
          >
            {start.isPending ? 'Starting …' : 'Compare'}
          </button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
