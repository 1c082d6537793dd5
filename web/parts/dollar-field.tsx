import { Field } from './field.tsx';

type DollarFieldProps = {
  value: string;
  onChange: (text: string) => void;
  label?: string;
  hint?: string;
  placeholder?: string;
};

/** Dollars as text, the most that may be spent; empty: as much as there is. */
export function DollarField({
  value,
  onChange,
  label = 'Cap in dollars',
  hint,
  placeholder = 'none',
}: DollarFieldProps) {
  return (
    <Field label={label} hint={hint}>
      {(id) => (
        <input
          id={id}
          type="number"
          min="0"
          step="any"
          className="field"
          placeholder={placeholder}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}
