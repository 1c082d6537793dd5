import type { ReactNode } from 'react';

/** Above a list: which of it are shown. A filter is a link. */
export function ListFilters({ of, children }: { of: string; children: ReactNode }) {
  return (
    <fieldset className="flex flex-none flex-wrap items-center gap-2 border-b border-line px-4 py-2">
      <legend className="sr-only">{of} to show</legend>
      {children}
    </fieldset>
  );
}

type ChoiceProps<Value extends string> = {
  label: string;
  /** What it says where nothing is chosen. */
  none: string;
  choices: readonly Value[];
  textOf?: (choice: Value) => string;
  /** What the address says is offered as well, known or not. */
  value: Value | undefined;
  onChoose: (value: Value | undefined) => void;
};

export function Choice<Value extends string>(props: ChoiceProps<Value>) {
  const { label, none, choices, textOf = (choice) => choice, value, onChoose } = props;
  const known = value === undefined || choices.includes(value) ? choices : [value, ...choices];
  return (
    <select
      aria-label={label}
      className="field !w-auto max-w-56"
      value={value ?? ''}
      onChange={({ target }) => onChoose(known.find((choice) => choice === target.value))}
    >
      <option value="">{none}</option>
      {known.map((choice) => (
        <option key={choice} value={choice}>
          {textOf(choice)}
        </option>
      ))}
    </select>
  );
}

/** In place of a list of which the filters leave nothing. */
export function NothingFits({ onClear, children = 'Show all' }: { onClear: () => void; children?: ReactNode }) {
  return (
    <p className="p-6 text-text-2">
      Nothing fits.{' '}
      <button type="button" className="link min-h-6 underline" onClick={onClear}>
        {children}
      </button>
    </p>
  );
}
