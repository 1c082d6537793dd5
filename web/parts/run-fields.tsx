import { useQuery } from '@tanstack/react-query';
import type { ModelBody } from '@wheelhouse/sdk';
import { Plus, X } from 'lucide-react';
import { useId } from 'react';
import { useData } from '../data/data-context.tsx';
import { callableQuery, modelsQuery } from '../data/queries.ts';

const mostRuns = 10;

/** Refs of a model, what callers use first: aliases, then versions, newest first. */
const refsOf = (model: ModelBody) => [
  ...model.aliases.map((alias) => ({ ref: `${model.name}@${alias.alias}`, note: `v${alias.version}` })),
  ...Array.from({ length: model.latest }, (_, i) => ({ ref: `${model.name}@${model.latest - i}`, note: '' })),
];

type Choices = { models: ModelBody[]; base: string[] };

export function useRunChoices(): Choices {
  const { client } = useData();
  const models = useQuery(modelsQuery(client)).data ?? [];
  const callable = useQuery(callableQuery()).data ?? [];
  const names = new Set(models.map((model) => model.name));
  const base = callable.filter((id) => !names.has(id.split('@')[0] ?? ''));
  return { models: models.filter((model) => model.latest > 0), base };
}

/** The newest version against the one in production, or against the one before. */
export function firstGuess(models: ModelBody[]): [string, string] {
  const model = models.find((one) => one.latest > 1);
  if (!model) return ['', ''];
  const live = model.aliases.find((alias) => alias.alias === 'production' && alias.version !== model.latest);
  return [live ? `${model.name}@${live.alias}` : `${model.name}@${model.latest - 1}`, `${model.name}@${model.latest}`];
}

/** A version of a model, or a base model. */
export function RunSelect({ id, value, onChange, models, base }: Choices & RunSelectProps) {
  const known = value === '' || base.includes(value) || models.some((m) => refsOf(m).some(({ ref }) => ref === value));
  return (
    <select id={id} className="field mono" required value={value} onChange={(event) => onChange(event.target.value)}>
      <option value="" disabled>
        choose a model
      </option>
      {!known && <option>{value}</option>}
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
  );
}
type RunSelectProps = { id: string; value: string; onChange: (ref: string) => void };

const nameOf = (i: number, all: number) =>
  i === 0 ? '● A, the baseline' : all === 2 ? '■ B, the candidate' : `■ candidate ${i}`;

/** What is run: the baseline, and up to nine that are compared with it. */
export function RunFields({ runs, onChange }: { runs: string[]; onChange: (runs: string[]) => void }) {
  const choices = useRunChoices();
  const id = useId();
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="sr-only">Runs</legend>
      <div className="grid gap-3 sm:grid-cols-2">
        {runs.map((value, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a run is its place.
          <div key={i} className="flex min-w-0 flex-col gap-1">
            <label htmlFor={`${id}-${i}`} className={`text-sm font-medium ${i === 0 ? 'text-va' : 'text-vb'}`}>
              {nameOf(i, runs.length)}
            </label>
            <span className="flex gap-1">
              <RunSelect {...choices} id={`${id}-${i}`} value={value} onChange={(ref) => onChange(runs.with(i, ref))} />
              {i > 0 && (
                <button
                  type="button"
                  className="btn btn-quiet btn-icon"
                  aria-label={`Take out run ${i + 1}`}
                  onClick={() => onChange(runs.toSpliced(i, 1))}
                >
                  <X size={13} strokeWidth={1.75} />
                </button>
              )}
            </span>
          </div>
        ))}
      </div>
      {runs.length < mostRuns && (
        <div>
          <button type="button" className="btn" onClick={() => onChange([...runs, ''])}>
            <Plus size={13} strokeWidth={1.75} aria-hidden="true" />
            Add a run
          </button>
        </div>
      )}
    </fieldset>
  );
}
