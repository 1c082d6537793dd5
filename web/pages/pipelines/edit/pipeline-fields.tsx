import { useQuery } from '@tanstack/react-query';
import { useData } from '../../../data/data-context.tsx';
import {
  newStep,
  newTrigger,
  type PipelineDraft,
  type StepKind,
  stepFields,
  type TriggerKind,
  triggerFields,
  triggerKinds,
  withMember,
} from '../../../data/pipeline-draft.ts';
import { stepDoes } from '../../../data/pipeline-words.ts';
import { modelsQuery } from '../../../data/queries.ts';
import { Field } from '../../../parts/field.tsx';
import { PartFields } from './part-fields.tsx';
import { PartList } from './part-list.tsx';

type FieldsProps = { draft: PipelineDraft; onDraft: (draft: PipelineDraft) => void };

const textOf = (value: unknown) => (value === null || value === undefined ? '' : String(value));

function WhatFields({ draft, onDraft }: FieldsProps) {
  const { client } = useData();
  const models = useQuery(modelsQuery(client)).data ?? [];
  const set = (member: string, value: unknown) => onDraft(withMember(draft, member, value) as PipelineDraft);
  const names = models.map(({ name }) => name);
  const model = textOf(draft.model);
  const known = model === '' || names.includes(model) ? names : [model, ...names];
  return (
    <div className="grid gap-3 sm:grid-cols-3">
      <Field label="Model">
        {(id) => (
          <select
            id={id}
            className="field mono"
            required
            value={model}
            onChange={(event) => set('model', event.target.value)}
          >
            <option value="">choose one</option>
            {known.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        )}
      </Field>
      <Field label="Alias" hint="Whose calls the new version is to answer.">
        {(id) => (
          <input
            id={id}
            className="field mono"
            required
            autoComplete="off"
            value={textOf(draft.alias)}
            onChange={(event) => set('alias', event.target.value)}
          />
        )}
      </Field>
      <Field label="Candidate" hint="Empty: what is published on the way.">
        {(id) => (
          <input
            id={id}
            className="field mono"
            autoComplete="off"
            placeholder="staging"
            value={textOf(draft.candidate)}
            onChange={(event) => set('candidate', event.target.value || null)}
          />
        )}
      </Field>
      <Field label="Dollars a run may cost" hint="Empty: no bound.">
        {(id) => (
          <input
            id={id}
            className="field mono"
            inputMode="decimal"
            autoComplete="off"
            value={textOf(draft.budget)}
            onChange={(event) => set('budget', event.target.value || null)}
          />
        )}
      </Field>
      <Field label="Hours of rest" hint="Before the next run that nobody starts.">
        {(id) => (
          <input
            id={id}
            type="number"
            min={0}
            step="any"
            className="field mono"
            placeholder="1"
            value={textOf(draft.restHours)}
            onChange={(event) => set('restHours', event.target.value === '' ? undefined : Number(event.target.value))}
          />
        )}
      </Field>
      <Field label="Description">
        {(id) => (
          <input
            id={id}
            className="field"
            maxLength={2_000}
            value={textOf(draft.description)}
            onChange={(event) => set('description', event.target.value || undefined)}
          />
        )}
      </Field>
    </div>
  );
}

type AddProps<Kind extends string> = {
  label: string;
  kinds: readonly { kind: Kind; label: string }[];
  onAdd: (kind: Kind) => void;
};

/** Adds what is chosen at once. */
function Add<Kind extends string>({ label, kinds, onAdd }: AddProps<Kind>) {
  return (
    <select
      aria-label={label}
      className="field mt-2 !w-auto max-w-full"
      value=""
      onChange={(event) => onAdd(event.target.value as Kind)}
    >
      <option value="">+ {label} …</option>
      {kinds.map((one) => (
        <option key={one.kind} value={one.kind}>
          {one.label}
        </option>
      ))}
    </select>
  );
}

const stepKinds = Object.keys(stepFields).map((kind) => ({
  ...{ kind: kind as StepKind, label: `${kind}: ${stepDoes[kind as StepKind]}` },
}));
const isStep = (kind: unknown): kind is StepKind => typeof kind === 'string' && kind in stepFields;
const isTrigger = (kind: unknown): kind is TriggerKind => typeof kind === 'string' && kind in triggerFields;

/** A definition in fields: what it is about, what starts it, and its steps. */
export function PipelineFields({
  draft,
  onDraft,
  wrong,
}: FieldsProps & { wrong: { param: string; text: string } | null }) {
  const complaint = (param: string) =>
    wrong?.param === param && (
      <p role="alert" className="mt-2 text-sm break-words text-bad">
        ✕ {wrong.text}
      </p>
    );
  return (
    <>
      <WhatFields draft={draft} onDraft={onDraft} />
      <section aria-labelledby="triggers">
        <h2 id="triggers" className="mb-1 font-semibold">
          What starts a run
        </h2>
        <p className="mb-2 text-sm text-text-2">Somebody, at any time, and:</p>
        <PartList
          what="trigger"
          parts={draft.triggers}
          onParts={(triggers) => onDraft({ ...draft, triggers })}
          titleOf={(part) => triggerKinds.find(({ kind }) => kind === part.on)?.label ?? String(part.on)}
          fieldsOf={(part, onPart) =>
            isTrigger(part.on) ? <PartFields specs={triggerFields[part.on]} part={part} onPart={onPart} /> : null
          }
          saidOf={(at) => complaint(`triggers.${at}`)}
        >
          <Add
            label="Add a trigger"
            kinds={triggerKinds}
            onAdd={(kind) => onDraft({ ...draft, triggers: [...draft.triggers, newTrigger(kind)] })}
          />
        </PartList>
      </section>
      <section aria-labelledby="steps">
        <h2 id="steps" className="mb-2 font-semibold">
          Steps, in their order
        </h2>
        <PartList
          what="step"
          ordered
          parts={draft.steps}
          onParts={(steps) => onDraft({ ...draft, steps })}
          titleOf={(part) => {
            const does = isStep(part.do) ? stepDoes[part.do] : '';
            const name = textOf(part.name);
            return name === '' || name === part.do ? `${textOf(part.do)}: ${does}` : `${name}: ${does}`;
          }}
          fieldsOf={(part, onPart) =>
            isStep(part.do) ? <PartFields specs={stepFields[part.do]} part={part} onPart={onPart} /> : null
          }
          saidOf={(at) => complaint(`steps.${at}`)}
        >
          <Add
            label="Add a step"
            kinds={stepKinds}
            onAdd={(kind) => {
              const taken = new Set(draft.steps.map((one) => textOf(one.name ?? one.do)));
              const name = [2, 3, 4, 5, 6, 7, 8, 9].map((n) => `${kind}-${n}`).find((one) => !taken.has(one));
              const step = { ...newStep(kind), ...(taken.has(kind) && name !== undefined ? { name } : {}) };
              onDraft({ ...draft, steps: [...draft.steps, step] });
            }}
          />
        </PartList>
      </section>
    </>
  );
}
