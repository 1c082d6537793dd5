import { Field } from './field.tsx';

type Limits = { dollars: string; calls: string; minutes: string };

const fields = [
  { key: 'dollars', label: 'Dollars', step: 'any' },
  { key: 'calls', label: 'Calls of models', step: '1' },
  { key: 'minutes', label: 'Minutes', step: 'any' },
] as const;

/** What bounds it; whatever is reached first ends it. */
export function BudgetFields({ limits, onChange }: { limits: Limits; onChange: (change: Partial<Limits>) => void }) {
  return (
    <fieldset>
      <legend className="sr-only">Budget</legend>
      <div className="grid grid-cols-3 gap-3">
        {fields.map(({ key, label, step }) => (
          <Field key={key} label={label}>
            {(id) => (
              <input
                id={id}
                type="number"
                min="0"
                step={step}
                className="field"
                placeholder="none"
                value={limits[key]}
                onChange={(event) => onChange({ [key]: event.target.value })}
              />
            )}
          </Field>
        ))}
      </div>
      <p className="mt-1 text-sm text-text-3">For the search and the comparison; the first that is spent ends it.</p>
    </fieldset>
  );
}
