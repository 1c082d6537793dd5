import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { SpanSummaryBody, TraceBody } from '@wheelhouse/sdk';
import { useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { Dialog, DialogActions } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { ErrorText } from '../../parts/request-state.tsx';
import { useToast } from '../../parts/toast.tsx';

const kinds = [
  { kind: 'number', text: 'Number' },
  { kind: 'boolean', text: 'Yes or no' },
  { kind: 'category', text: 'Category' },
] as const;
type Kind = (typeof kinds)[number]['kind'];
type Value = number | boolean | string;

/** What was typed as the value it stands for; undefined when it is none. */
function typedValue(kind: Kind, text: string): Value | undefined {
  if (kind === 'boolean') return text === 'yes' ? true : text === 'no' ? false : undefined;
  if (kind === 'category') return text.trim() === '' ? undefined : text.trim();
  const number = text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(number) ? number : undefined;
}

const kindOf = (value: Value): Kind =>
  typeof value === 'number' ? 'number' : typeof value === 'boolean' ? 'boolean' : 'category';

type ChoiceProps<Option extends string> = {
  legend: string;
  value: string;
  options: readonly { value: Option; text: string }[];
  onChoose: (value: Option) => void;
};

function Choice<Option extends string>({ legend, value, options, onChoose }: ChoiceProps<Option>) {
  return (
    <fieldset>
      <legend className="mb-1 text-sm font-medium">{legend}</legend>
      <div className="flex flex-wrap gap-2">
        {options.map((one) => (
          <button
            key={one.value}
            type="button"
            className="btn"
            aria-pressed={one.value === value}
            onClick={() => onChoose(one.value)}
          >
            {one.text}
          </button>
        ))}
      </div>
    </fieldset>
  );
}

const yesOrNo = [
  { value: 'yes', text: '✓ Yes' },
  { value: 'no', text: '✕ No' },
] as const;

type NameFieldProps = { known: [string, Value][]; name: string; onChange: (name: string) => void };

function NameField({ known, name, onChange }: NameFieldProps) {
  return (
    <Field label="Name" hint="What is judged, always in the same word: helpful, grounded, tone.">
      {(id) => (
        <>
          <input
            id={id}
            className="field"
            list={`${id}-known`}
            value={name}
            maxLength={100}
            autoComplete="off"
            required
            placeholder="helpful"
            onChange={(event) => onChange(event.target.value)}
          />
          <datalist id={`${id}-known`}>
            {known.map(([one]) => (
              <option key={one} value={one} />
            ))}
          </datalist>
        </>
      )}
    </Field>
  );
}

function ValueField({ kind, text, onChange }: { kind: Kind; text: string; onChange: (text: string) => void }) {
  if (kind === 'boolean') return <Choice legend="Value" value={text} options={yesOrNo} onChoose={onChange} />;
  return (
    <Field label="Value" hint={kind === 'number' ? 'Any number; many use 0 to 1.' : 'One of your own words.'}>
      {(id) => (
        <input
          id={id}
          className="field"
          inputMode={kind === 'number' ? 'decimal' : 'text'}
          value={text}
          maxLength={1000}
          autoComplete="off"
          required
          aria-invalid={kind === 'number' && text !== '' && typedValue(kind, text) === undefined}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

type AddScoreProps = { body: TraceBody; span: SpanSummaryBody | null; onClose: () => void };

/** A person's judgement of the trace or of the span in sight. */
export function AddScore({ body, span, onClose }: AddScoreProps) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const toast = useToast();
  const [target, setTarget] = useState<'trace' | 'span'>('trace');
  const [name, setName] = useState('');
  const [kind, setKind] = useState<Kind>('number');
  const [text, setText] = useState('');
  const [comment, setComment] = useState('');
  const known = [...new Map(body.scores.map((score) => [score.name, score.value]))];
  const value = typedValue(kind, text);
  const choose = (next: Kind) => {
    setKind(next);
    setText('');
  };
  const rename = (next: string) => {
    setName(next);
    const before = known.find(([one]) => one === next)?.[1];
    if (before !== undefined && kindOf(before) !== kind) choose(kindOf(before));
  };
  const { traceId } = body.trace;
  const add = useMutation({
    mutationFn: (given: Value) =>
      client.call('createScore', {
        body: {
          traceId,
          name: name.trim(),
          value: given,
          source: 'human' as const,
          ...(target === 'span' && span ? { spanId: span.spanId } : {}),
          ...(comment.trim() === '' ? {} : { comment: comment.trim() }),
        },
      }),
    onSuccess: async () => {
      toast(`✓ Scored: ${name.trim()}`);
      onClose();
      await queryClient.invalidateQueries({ queryKey: ['trace', traceId], exact: true });
    },
  });
  return (
    <Dialog title="Add a score" onClose={onClose}>
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (value !== undefined) add.mutate(value);
        }}
      >
        <NameField known={known} name={name} onChange={rename} />
        {span && (
          <Choice
            legend="Of"
            value={target}
            options={[
              { value: 'trace', text: 'The whole trace' },
              { value: 'span', text: `The span ${span.name}`.slice(0, 60) },
            ]}
            onChoose={setTarget}
          />
        )}
        <Choice
          legend="Kind of value"
          value={kind}
          options={kinds.map((one) => ({ value: one.kind, text: one.text }))}
          onChoose={choose}
        />
        <ValueField kind={kind} text={text} onChange={setText} />
        <Field label="Comment">
          {(id) => (
            <textarea
              id={id}
              className="field"
              rows={2}
              maxLength={10_000}
              placeholder="Why; read by whoever corrects it"
              value={comment}
              onChange={(event) => setComment(event.target.value)}
            />
          )}
        </Field>
        {add.error && <ErrorText error={add.error} />}
        <DialogActions>
          <button type="button" className="btn" onClick={onClose}>
            Cancel
          </button>
          <button
            type="submit"
            className="btn btn-primary"
            disabled={add.isPending || value === undefined || name.trim() === ''}
          >
            {add.isPending ? 'Saving …' : 'Save score'}
          </button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
