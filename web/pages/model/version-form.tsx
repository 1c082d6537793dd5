import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ModelVersionBody, WheelhouseApiError } from '@wheelhouse/sdk';
import { type FormEvent, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { asFlavor, type Definition, emptyPrompt, type Flavor, flavors, tidied } from '../../data/definitions.ts';
import { DefinitionEditor, Folded } from '../../parts/definition-editor.tsx';
import { Dialog, DialogActions } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { isObject, JsonField, type MemberProblem, mustBeObject } from '../../parts/json-field.tsx';
import { ErrorText } from '../../parts/request-state.tsx';

type VersionFormProps = {
  /** null makes a new model with its first version. */
  model: { name: string; latest: ModelVersionBody | undefined } | null;
  onClose: () => void;
  onDone: (name: string, version: number) => void;
};

type Given = {
  input?: Record<string, unknown>;
  output?: Record<string, unknown>;
  parameters?: Record<string, unknown>;
};

/** What the server says of a member of `what`. */
function problemOf(error: Error | null, what: 'definition' | 'signature' | 'example'): MemberProblem | undefined {
  if (!(error instanceof WheelhouseApiError) || error.param === null) return undefined;
  const path = error.param.replaceAll(/\[(\d+)\]/g, '.$1').split('.');
  const at = path.indexOf(what);
  return at === 0 || (at === 1 && path[0] === 'version')
    ? { path: path.slice(at + 1), message: error.message }
    : undefined;
}

function useVersionForm({ model, onClose, onDone }: VersionFormProps) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const latest = model?.latest;
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const [definition, setDefinition] = useState<Definition>(
    latest && latest.definition.flavor !== 'code' ? (latest.definition as Definition) : emptyPrompt(),
  );
  const [signature, setSignature] = useState<Given | undefined>(undefined);
  const [example, setExample] = useState<unknown>(latest?.example ?? undefined);
  const [message, setMessage] = useState('');
  const save = useMutation({
    mutationFn: async () => {
      const version = {
        definition: tidied(definition),
        message,
        madeFrom: latest ? [`version:${model.name}@${latest.number}`] : [],
        ...(signature === undefined ? {} : { signature }),
        ...(example === undefined ? {} : { example }),
      };
      if (model) {
        const made = await client.call('createVersion', { params: { name: model.name }, body: version });
        return { name: model.name, number: made.number };
      }
      const made = await client.call('createModel', { body: { name, description, version } });
      return { name, number: made.model.latest };
    },
    onSuccess: async (made) => {
      await Promise.all(
        [['models'], ['model-pages'], ['model', made.name], ['callable-models']].map((queryKey) =>
          queryClient.invalidateQueries({ queryKey }),
        ),
      );
      onClose();
      onDone(made.name, made.number);
    },
  });
  return {
    ...{ name, setName, description, setDescription, definition, setDefinition, signature, setSignature },
    ...{ example, setExample, message, setMessage, save },
  };
}

type Form = ReturnType<typeof useVersionForm>;

function NameFields({ form }: { form: Form }) {
  return (
    <>
      <Field label="Name" hint="a-z, 0-9 and . _ - ; callers use it, so it stays.">
        {(id) => (
          <input
            id={id}
            className="field mono"
            required
            placeholder="support-bot"
            value={form.name}
            onChange={(event) => form.setName(event.target.value)}
          />
        )}
      </Field>
      <Field label="Description">
        {(id) => (
          <input
            id={id}
            className="field"
            value={form.description}
            onChange={(event) => form.setDescription(event.target.value)}
          />
        )}
      </Field>
    </>
  );
}

function FlavorChoice({ form }: { form: Form }) {
  const { definition, setDefinition } = form;
  return (
    <fieldset className="flex flex-wrap gap-1">
      <legend className="mb-1 text-sm font-medium">Flavor</legend>
      {flavors.map(({ flavor, label, about }) => (
        <button
          key={flavor}
          type="button"
          className="btn"
          title={about}
          aria-pressed={definition.flavor === flavor}
          onClick={() => definition.flavor !== flavor && setDefinition(asFlavor(definition, flavor as Flavor))}
        >
          {label}
        </button>
      ))}
    </fieldset>
  );
}

const signatureMembers = ['input', 'output', 'parameters'];

function checkSignature(value: unknown): string | null {
  if (!isObject(value)) return mustBeObject(value);
  const other = Object.keys(value).find((name) => !signatureMembers.includes(name));
  return other === undefined ? null : `It has no member "${other}": write input, output and parameters.`;
}

function Interface({ form }: { form: Form }) {
  const { error } = form.save;
  return (
    <>
      <Folded title="Signature" filled={form.signature !== undefined || problemOf(error, 'signature') !== undefined}>
        <JsonField
          label="Signature"
          quiet
          hint="JSON Schemas; what is left out is read from the definition."
          placeholder='{ "input": { "type": "object", "properties": { "question": { "type": "string" } } } }'
          value={form.signature}
          check={checkSignature}
          problem={problemOf(error, 'signature')}
          onChange={(value) => form.setSignature(value as Given | undefined)}
        />
      </Folded>
      <Folded title="Example" filled={form.example !== undefined}>
        <JsonField
          label="Example"
          quiet
          hint="An input that it takes, to show and to try."
          placeholder='{ "question": "Do you ship to Norway?" }'
          value={form.example}
          problem={problemOf(error, 'example')}
          onChange={form.setExample}
        />
      </Folded>
    </>
  );
}

/** A new model, or the next version of one, filled in from its latest. */
export function VersionForm(props: VersionFormProps) {
  const { model, onClose } = props;
  const form = useVersionForm(props);
  const { save } = form;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  const wasCode = model?.latest?.definition.flavor === 'code';
  return (
    <Dialog title={model ? `New version of ${model.name}` : 'New model'} onClose={onClose} width={720}>
      <form className="flex flex-col gap-3" onSubmit={submit}>
        {!model && <NameFields form={form} />}
        {wasCode && (
          <p className="rounded-2 bg-sunken px-3 py-2 text-text-2">
            v{model.latest?.number} is code; its next version is made where it runs, by{' '}
            <span className="mono">wheelhouse serve</span>. What is written here takes its place.
          </p>
        )}
        <FlavorChoice form={form} />
        <DefinitionEditor
          key={form.definition.flavor}
          definition={form.definition}
          onChange={form.setDefinition}
          problem={problemOf(save.error, 'definition')}
        />
        {form.definition.flavor === 'prompt' && (
          <p className="text-sm text-text-3">
            {'{{name}}'} is a variable; the caller’s own messages follow after these.
          </p>
        )}
        <Interface form={form} />
        <Field label="Why this version" hint="One line for whoever reads the history.">
          {(id) => (
            <input
              id={id}
              className="field"
              value={form.message}
              onChange={(event) => form.setMessage(event.target.value)}
            />
          )}
        </Field>
        {model?.latest && (
          <p className="text-sm text-text-3">
            Made from <span className="mono">{`${model.name}@${model.latest.number}`}</span>.
          </p>
        )}
        {save.error && <ErrorText error={save.error} />}
        <DialogActions>
          <button type="button" className="btn" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="btn btn-primary" disabled={save.isPending}>
            {save.isPending ? 'Saving …' : model ? `Publish v${(model.latest?.number ?? 0) + 1}` : 'Create'}
          </button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
