import { useQuery } from '@tanstack/react-query';
import { useData } from '../data/data-context.tsx';
import type { PanelDraft } from '../data/panel-draft.ts';
import { panelMeasures } from '../data/panel-words.ts';
import { scoreNamesQuery } from '../data/trace-queries.ts';
import { Field } from './field.tsx';

export type PanelPart = { draft: PanelDraft; set: (change: Partial<PanelDraft>) => void };

type ChoiceProps<Value extends string> = {
  label: string;
  hint?: string;
  value: Value;
  options: readonly (readonly [value: Value, label: string])[];
  onChange: (value: Value) => void;
};

/** One of a few. */
export function Choice<Value extends string>({ label, hint, value, options, onChange }: ChoiceProps<Value>) {
  return (
    <Field label={label} hint={hint}>
      {(id) => (
        <select id={id} className="field" value={value} onChange={(event) => onChange(event.target.value as Value)}>
          {options.map(([one, said]) => (
            <option key={one} value={one}>
              {said}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

/** The name of a score, those given last to choose from. */
export function ScoreName({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
}) {
  const { client } = useData();
  const known = useQuery(scoreNamesQuery(client)).data ?? [];
  return (
    <Field label={label}>
      {(id) => (
        <>
          <input
            {...{ id, className: 'field mono', list: `${id}-known`, required: true, autoComplete: 'off', value }}
            onChange={(event) => onChange(event.target.value)}
          />
          <datalist id={`${id}-known`}>
            {known.map((name) => (
              <option key={name} value={name} />
            ))}
          </datalist>
        </>
      )}
    </Field>
  );
}

/** What is measured, as one chooses it. */
export function MeasureChoice({ draft, set }: PanelPart) {
  return (
    <>
      <Choice
        label="What is measured"
        value={draft.measure}
        options={panelMeasures.map(({ kind, label }) => [kind, label] as const)}
        onChange={(measure) => set({ measure })}
      />
      {(draft.measure === 'latency' || draft.measure === 'first_token') && (
        <Choice
          label="Which"
          value={draft.quantile}
          options={[
            ['p50', 'p50, the median'],
            ['p90', 'p90'],
            ['p99', 'p99'],
            ['mean', 'the mean'],
          ]}
          onChange={(quantile) => set({ quantile })}
        />
      )}
      {draft.measure === 'share' && (
        <Field label="That also fit">
          {(id) => (
            <input
              {...{ id, className: 'field mono', required: true, spellCheck: false, value: draft.shareQ }}
              placeholder="score.grounded<0.5"
              onChange={(event) => set({ shareQ: event.target.value })}
            />
          )}
        </Field>
      )}
      {draft.measure === 'score' && (
        <ScoreName label="Score" value={draft.score} onChange={(score) => set({ score })} />
      )}
    </>
  );
}

const shapes = [
  ['line', 'lines over time'],
  ['bars', 'bars'],
  ['number', 'a number'],
  ['table', 'a table'],
] as const;

/** How it is shown. */
export const ShapeChoice = ({ draft, set }: PanelPart) => (
  <Choice label="Shown as" value={draft.shape} options={shapes} onChange={(shape) => set({ shape })} />
);
