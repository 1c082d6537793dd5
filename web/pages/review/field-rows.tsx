import { Plus, X } from 'lucide-react';
import { useId } from 'react';
import type { ReviewField } from '../../data/review-queries.ts';
import { Field } from '../../parts/field.tsx';
import { type FieldDraft, newField } from './queue-draft.ts';

const kinds: Record<ReviewField['kind'], string> = {
  boolean: 'yes or no',
  choice: 'one of several',
  number: 'a number',
  text: 'a text',
  correction: 'a corrected answer',
  preference: 'which of two answers',
};

const mostFields = 20;

type RowProps = { field: FieldDraft; onChange: (field: FieldDraft) => void; onRemove: (() => void) | null };

/** What goes with the kind: options, or the range. */
function Details({ field, onChange }: Omit<RowProps, 'onRemove'>) {
  if (field.kind === 'choice')
    return (
      <Field label="Options" hint="One a line. What stands behind = is compared with a judge, from 0 to 1.">
        {(id) => (
          <textarea
            id={id}
            className="field mono"
            rows={3}
            required
            value={field.options}
            onChange={(event) => onChange({ ...field, options: event.target.value })}
          />
        )}
      </Field>
    );
  if (field.kind !== 'number') return null;
  return (
    <div className="grid grid-cols-2 gap-3">
      {(['low', 'high'] as const).map((end) => (
        <Field key={end} label={end === 'low' ? 'From' : 'To'}>
          {(id) => (
            <input
              id={id}
              type="number"
              step="any"
              className="field"
              required
              value={field[end]}
              onChange={(event) => onChange({ ...field, [end]: event.target.value })}
            />
          )}
        </Field>
      ))}
    </div>
  );
}

function FieldRow({ field, onChange, onRemove }: RowProps) {
  const id = useId();
  return (
    <fieldset className="card flex flex-col gap-2 p-3">
      <legend className="sr-only">Field {field.name}</legend>
      <div className="grid grid-cols-[minmax(0,1fr)_minmax(0,1fr)_28px] items-end gap-2">
        <Field label="Name">
          {(nameId) => (
            <input
              id={nameId}
              className="field mono"
              required
              maxLength={50}
              pattern="[a-z][a-z0-9_]*"
              title="a-z, 0-9 and _, a letter first"
              placeholder="good"
              value={field.name}
              onChange={(event) => onChange({ ...field, name: event.target.value })}
            />
          )}
        </Field>
        <Field label="Answered with">
          {(kindId) => (
            <select
              id={kindId}
              className="field"
              value={field.kind}
              onChange={(event) => onChange({ ...field, kind: event.target.value as ReviewField['kind'] })}
            >
              {Object.entries(kinds).map(([kind, text]) => (
                <option key={kind} value={kind}>
                  {text}
                </option>
              ))}
            </select>
          )}
        </Field>
        <button
          type="button"
          className="btn btn-quiet btn-icon"
          aria-label={`Take out the field ${field.name}`}
          disabled={onRemove === null}
          onClick={() => onRemove?.()}
        >
          <X size={13} strokeWidth={1.75} />
        </button>
      </div>
      <Field label="Question">
        {(questionId) => (
          <input
            id={questionId}
            className="field"
            maxLength={500}
            placeholder={field.name}
            value={field.label}
            onChange={(event) => onChange({ ...field, label: event.target.value })}
          />
        )}
      </Field>
      <Details field={field} onChange={onChange} />
      <label htmlFor={id} className="flex min-h-6 items-center gap-2">
        <input
          id={id}
          type="checkbox"
          checked={field.required}
          onChange={(event) => onChange({ ...field, required: event.target.checked })}
        />
        It must be answered
      </label>
    </fieldset>
  );
}

/** What people are asked, in this order. */
export function FieldRows({ fields, onChange }: { fields: FieldDraft[]; onChange: (fields: FieldDraft[]) => void }) {
  return (
    <div className="flex flex-col gap-2">
      {fields.map((field, i) => (
        <FieldRow
          key={field.key}
          field={field}
          onChange={(next) => onChange(fields.with(i, next))}
          onRemove={fields.length === 1 ? null : () => onChange(fields.toSpliced(i, 1))}
        />
      ))}
      {fields.length < mostFields && (
        <div>
          <button type="button" className="btn" onClick={() => onChange([...fields, newField('boolean')])}>
            <Plus size={13} strokeWidth={1.75} aria-hidden="true" />
            Add a field
          </button>
        </div>
      )}
    </div>
  );
}
