import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ExampleBody } from '@wheelhouse/sdk';
import { type FormEvent, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { asText } from '../../data/format.ts';
import { Dialog, DialogActions } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { ErrorText } from '../../parts/request-state.tsx';
import { LabelFields, labelsOf, labelTexts } from './label-fields.tsx';

/** What a field holds: text as it is, anything that looks like an object or a list as JSON. */
function parseField(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return text;
  return JSON.parse(text);
}

function errorOf(text: string): string | undefined {
  try {
    parseField(text);
    return undefined;
  } catch (error) {
    return `This begins like JSON but is not: ${error instanceof Error ? error.message : String(error)}`;
  }
}

type ExampleFormProps = {
  dataset: string;
  /** null adds a new one. */
  example: ExampleBody | null;
  onClose: () => void;
};

/** Corrects an example of the draft, or adds one by hand. */
export function ExampleForm({ dataset, example, onClose }: ExampleFormProps) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const [input, setInput] = useState(asText(example?.input));
  const [expected, setExpected] = useState(asText(example?.expected));
  const [labels, setLabels] = useState(labelTexts(example));
  const inputError = errorOf(input);
  const expectedError = errorOf(expected);
  const save = useMutation({
    mutationFn: async (): Promise<void> => {
      const content = {
        input: parseField(input),
        ...(expected === '' ? {} : { expected: parseField(expected) }),
        metadata: example?.metadata ?? {},
        ...labelsOf(labels, example === null),
      };
      if (example) {
        await client.call('replaceExample', { params: { name: dataset, exampleId: example.id }, body: content });
        return;
      }
      await client.call('addExamples', { params: { name: dataset }, body: { examples: [content] } });
    },
    onSuccess: async () => {
      await Promise.all([
        queryClient.invalidateQueries({ queryKey: ['dataset', dataset] }),
        queryClient.invalidateQueries({ queryKey: ['datasets'] }),
      ]);
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Dialog title={example ? 'Edit example' : 'New example'} onClose={onClose} width={640}>
      <form className="flex flex-col gap-3" onSubmit={submit}>
        <Field label="Input" hint={'Text, {"messages": […]}, or an object of variables.'} error={inputError}>
          {(id) => (
            <textarea
              id={id}
              className="field mono"
              rows={8}
              required
              spellCheck={false}
              aria-invalid={inputError !== undefined}
              value={input}
              onChange={(event) => setInput(event.target.value)}
            />
          )}
        </Field>
        <Field label="Expected" hint="Left empty: nothing is expected." error={expectedError}>
          {(id) => (
            <textarea
              id={id}
              className="field mono"
              rows={4}
              spellCheck={false}
              aria-invalid={expectedError !== undefined}
              value={expected}
              onChange={(event) => setExpected(event.target.value)}
            />
          )}
        </Field>
        <LabelFields texts={labels} isNew={example === null} onChange={setLabels} />
        {save.error && <ErrorText error={save.error} />}
        <DialogActions>
          <button type="button" className="btn" onClick={onClose}>
            Cancel
          </button>
          <button
            type="submit"
            className="btn btn-primary"
            disabled={save.isPending || inputError !== undefined || expectedError !== undefined}
          >
            {example ? 'Save' : 'Add'}
          </button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
