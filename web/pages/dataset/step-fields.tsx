import type { ReactNode } from 'react';
import { type StepDraft, type Way, wayTexts } from '../../data/recipe-draft.ts';
import { Field } from '../../parts/field.tsx';
import { PathField } from './path-field.tsx';
import { SplitFields } from './split-fields.tsx';

type TextProps = {
  label: string;
  hint?: string;
  placeholder?: string;
  value: string;
  onChange: (value: string) => void;
  /** More than one line. */
  lines?: number;
  number?: { min: number; max?: number; step?: number | 'any' };
};

function Text({ label, hint, placeholder, value, onChange, lines, number }: TextProps) {
  return (
    <Field label={label} hint={hint}>
      {(id) => {
        const common = { id, value, placeholder, spellCheck: false };
        return lines === undefined ? (
          <input
            {...common}
            {...(number && { type: 'number', ...number })}
            className="field"
            onChange={(event) => onChange(event.target.value)}
          />
        ) : (
          <textarea
            {...common}
            className="field mono"
            rows={lines}
            onChange={(event) => onChange(event.target.value)}
          />
        );
      }}
    </Field>
  );
}

const Row = ({ children }: { children: ReactNode }) => <div className="grid gap-3 sm:grid-cols-2">{children}</div>;

type Of<Kind extends StepDraft['do']> = {
  step: Extract<StepDraft, { do: Kind }>;
  onChange: (step: StepDraft) => void;
};

function FilterFields({ step, onChange }: Of<'filter'>) {
  const text = (label: string, key: 'split' | 'tag' | 'text', hint?: string) => (
    <Text
      label={label}
      {...(hint === undefined ? {} : { hint })}
      value={step[key]}
      onChange={(value) => onChange({ ...step, [key]: value })}
    />
  );
  return (
    <>
      <Row>
        <Field label="Rows that fit all of this">
          {(id) => (
            <select
              id={id}
              className="field"
              value={step.not ? 'out' : 'keep'}
              onChange={(event) => onChange({ ...step, not: event.target.value === 'out' })}
            >
              <option value="keep">are kept</option>
              <option value="out">are left out</option>
            </select>
          )}
        </Field>
        {text('Text', 'text', 'In the input or the expected value.')}
        {text('Split', 'split')}
        {text('Tag', 'tag')}
      </Row>
      <Text
        label="Metadata"
        hint="A path and its value, one in a line."
        placeholder="customer.plan: pro"
        lines={2}
        value={step.metadata}
        onChange={(metadata) => onChange({ ...step, metadata })}
      />
    </>
  );
}

function MapFields({ step, onChange }: Of<'map'>) {
  return (
    <Row>
      <Text
        label="Move"
        hint="From one path to another, one in a line."
        placeholder="input.q → input.question"
        lines={2}
        value={step.move}
        onChange={(move) => onChange({ ...step, move })}
      />
      <Text
        label="Forget"
        hint="Paths, one in a line."
        placeholder="metadata.raw"
        lines={2}
        value={step.drop}
        onChange={(drop) => onChange({ ...step, drop })}
      />
    </Row>
  );
}

function AugmentFields({ step, onChange }: Of<'augment'>) {
  const ways = Object.keys(wayTexts) as Way[];
  const toggle = (way: Way) =>
    onChange({ ...step, with: ways.filter((one) => step.with.includes(one) !== (one === way)) });
  return (
    <Row>
      <fieldset className="flex flex-col gap-1">
        <legend className="mb-1 text-sm font-medium">Copies are</legend>
        {ways.map((way) => (
          <label key={way} className="flex min-h-6 items-center gap-2">
            <input type="checkbox" checked={step.with.includes(way)} onChange={() => toggle(way)} />
            {wayTexts[way]}
          </label>
        ))}
      </fieldset>
      <Text
        label="Copies of each row"
        number={{ min: 1, max: 10, step: 1 }}
        value={step.copies}
        onChange={(copies) => onChange({ ...step, copies })}
      />
    </Row>
  );
}

type StepFieldsProps = {
  /** Of whose rows paths are offered. */
  dataset: string;
  step: StepDraft;
  onChange: (step: StepDraft) => void;
};

/** What a step needs to be told. */
export function StepFields({ dataset, step, onChange }: StepFieldsProps) {
  switch (step.do) {
    case 'filter':
      return <FilterFields step={step} onChange={onChange} />;
    case 'map':
      return <MapFields step={step} onChange={onChange} />;
    case 'augment':
      return <AugmentFields step={step} onChange={onChange} />;
    case 'mask':
      return (
        <p className="text-text-2">
          Marks such as <span className="mono">&lt;EMAIL&gt;</span> stand in the place of what tells people apart.
        </p>
      );
    case 'balance':
      return (
        <Row>
          <PathField
            label="By the value of"
            dataset={dataset}
            also={['split']}
            value={step.by}
            onChange={(by) => onChange({ ...step, by })}
          />
          <Text
            label="Rows of each value"
            hint="Empty: as many as of the rarest."
            number={{ min: 1, step: 1 }}
            value={step.most}
            onChange={(most) => onChange({ ...step, most })}
          />
        </Row>
      );
    case 'deduplicate':
      return (
        <Text
          label="How alike inputs are that count as equal"
          hint="0.3 to 1; empty: only those that differ in spaces and capitals alone."
          number={{ min: 0.3, max: 1, step: 'any' }}
          value={step.near}
          onChange={(near) => onChange({ ...step, near })}
        />
      );
    case 'sample':
      return (
        <Row>
          <Text
            label="Rows"
            number={{ min: 1, step: 1 }}
            value={step.rows}
            onChange={(rows) => onChange({ ...step, rows })}
          />
          <Text
            label="Seed"
            hint="The same one, the same rows."
            value={step.seed}
            onChange={(seed) => onChange({ ...step, seed })}
          />
        </Row>
      );
    case 'split':
      return <SplitFields dataset={dataset} draft={step.rule} onChange={(rule) => onChange({ ...step, rule })} />;
    case 'tag':
      return (
        <Text
          label="Tags"
          hint="With commas between them."
          value={step.add}
          onChange={(add) => onChange({ ...step, add })}
        />
      );
  }
}
