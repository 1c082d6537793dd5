import { type ReactNode, useId } from 'react';

type FieldProps = { label: string; hint?: ReactNode; error?: string | undefined; children: (id: string) => ReactNode };

/** A label over its control, with a line that explains or complains. */
export function Field({ label, hint, error, children }: FieldProps) {
  const id = useId();
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      {children(id)}
      {error ? (
        <p role="alert" className="text-sm text-bad">
          ✕ {error}
        </p>
      ) : (
        hint && <p className="text-sm text-text-3">{hint}</p>
      )}
    </div>
  );
}
