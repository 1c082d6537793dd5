import { Field } from './field.tsx';

type ShareFieldProps = { value: string; onChange: (text: string) => void; hint?: string };

/** How many of the traces that fit are taken, as text in per cent. */
export function ShareField({ value, onChange, hint }: ShareFieldProps) {
  return (
    <Field label="Share of them, in per cent" hint={hint}>
      {(id) => (
        <input
          id={id}
          type="number"
          min={0.01}
          max={100}
          step="any"
          required
          className="field"
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}
