import { Field } from './field.tsx';

type WhyFieldProps = { value: string; onChange: (text: string) => void; hint: string };

/** Why somebody does something, in a line that is kept. */
export function WhyField({ value, onChange, hint }: WhyFieldProps) {
  return (
    <Field label="Why" hint={hint}>
      {(id) => (
        <input
          id={id}
          className="field"
          maxLength={1_000}
          autoComplete="off"
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}
