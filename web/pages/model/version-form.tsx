import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ModelVersionBody, RequestBody } from '@wheelhouse/sdk';
import { Plus, X } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { callableQuery } from '../../data/queries.ts';
import { Dialog, DialogActions } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { ErrorText } from '../../parts/request-state.tsx';

type NewVersion = RequestBody<'createVersion'>;
type Message = NonNullable<NewVersion['messages']>[number] & { key: number };

const roles = ['system', 'developer', 'user', 'assistant'] as const;

function parseParameters(text: string): { value: Record<string, unknown> } | { error: string } {
  try {
    const value: unknown = JSON.parse(text.trim() === '' ? '{}' : text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return { value: value as Record<string, unknown> };
    return { error: 'Parameters take a JSON object, such as {"temperature": 0.2}.' };
  } catch (error) {
    return { error: `This is not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function MessagesField({ messages, onChange }: { messages: Message[]; onChange: (messages: Message[]) => void }) {
  const edit = (key: number, change: Partial<Message>) =>
    onChange(messages.map((one) => (one.key === key ? { ...one, ...change } : one)));
  const next = Math.max(0, ...messages.map((one) => one.key)) + 1;
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1 text-sm font-medium">Messages</legend>
      {messages.map((message, i) => (
        <div key={message.key} className="flex flex-col gap-1">
          <div className="flex gap-2">
            <select
              aria-label={`Role of message ${i + 1}`}
              className="field !w-auto"
              value={message.role}
              onChange={(event) => edit(message.key, { role: event.target.value as Message['role'] })}
            >
              {roles.map((role) => (
                <option key={role}>{role}</option>
              ))}
            </select>
            <button
              type="button"
              className="btn btn-quiet btn-icon ml-auto"
              aria-label={`Remove message ${i + 1}`}
              onClick={() => onChange(messages.filter((one) => one.key !== message.key))}
            >
              <X size={14} strokeWidth={1.75} />
            </button>
          </div>
          <textarea
            aria-label={`Template of message ${i + 1}`}
            className="field mono min-h-20"
            rows={Math.min(12, Math.max(3, message.content.split('\n').length + 1))}
            placeholder="You answer for {{company}}."
            value={message.content}
            onChange={(event) => edit(message.key, { content: event.target.value })}
          />
        </div>
      ))}
      <div>
        <button
          type="button"
          className="btn"
          onClick={() =>
            onChange([...messages, { key: next, role: messages.length === 0 ? 'system' : 'user', content: '' }])
          }
        >
          <Plus size={13} strokeWidth={1.75} aria-hidden="true" />
          Add a message
        </button>
      </div>
      <p className="text-sm text-text-3">{'{{name}}'} is a variable; the caller’s own messages follow after these.</p>
    </fieldset>
  );
}

type VersionFormProps = {
  /** null makes a new model with its first version. */
  model: { name: string; latest: ModelVersionBody | undefined } | null;
  onClose: () => void;
  onDone: (name: string, version: number) => void;
};

/** What the form holds, and what it sends. */
function useVersionForm({ model, onClose, onDone }: VersionFormProps) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const from = model?.latest?.definition;
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const [baseModel, setBaseModel] = useState(from?.baseModel ?? 'sim/echo');
  const [messages, setMessages] = useState<Message[]>(
    (from?.messages ?? [{ role: 'system' as const, content: '' }]).map((message, key) => ({ ...message, key })),
  );
  const [parameters, setParameters] = useState(JSON.stringify(from?.parameters ?? {}, null, 2));
  const [message, setMessage] = useState('');
  const parsed = parseParameters(parameters);
  const save = useMutation({
    mutationFn: async () => {
      if ('error' in parsed) throw new Error(parsed.error);
      const kept = messages.filter((one) => one.content !== '').map(({ role, content }) => ({ role, content }));
      const version: NewVersion = { baseModel, messages: kept, parameters: parsed.value, message };
      if (model) {
        const made = await client.call('createVersion', { params: { name: model.name }, body: version });
        return { name: model.name, number: made.number };
      }
      const made = await client.call('createModel', { body: { name, description, version } });
      return { name, number: made.model.latest };
    },
    onSuccess: async (made) => {
      await Promise.all(
        [['models'], ['model', made.name], ['callable-models']].map((queryKey) =>
          queryClient.invalidateQueries({ queryKey }),
        ),
      );
      onClose();
      onDone(made.name, made.number);
    },
  });
  return {
    name,
    setName,
    description,
    setDescription,
    baseModel,
    setBaseModel,
    messages,
    setMessages,
    parameters,
    setParameters,
    parsed,
    message,
    setMessage,
    save,
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

/** A new model, or the next version of one, filled in from its latest. */
export function VersionForm(props: VersionFormProps) {
  const { model, onClose } = props;
  const form = useVersionForm(props);
  const { save } = form;
  const known = (useQuery(callableQuery()).data ?? []).filter((id) => !id.includes('@'));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Dialog title={model ? `New version of ${model.name}` : 'New model'} onClose={onClose} width={680}>
      <form className="flex flex-col gap-3" onSubmit={submit}>
        {!model && <NameFields form={form} />}
        <Field label="Base model" hint="provider/model, such as openai/gpt-4o-mini or sim/echo.">
          {(id) => (
            <>
              <input
                id={id}
                className="field mono"
                list={`${id}-known`}
                required
                spellCheck={false}
                value={form.baseModel}
                onChange={(event) => form.setBaseModel(event.target.value)}
              />
              <datalist id={`${id}-known`}>
                {known.map((one) => (
                  <option key={one} value={one} />
                ))}
              </datalist>
            </>
          )}
        </Field>
        <MessagesField messages={form.messages} onChange={form.setMessages} />
        <Field
          label="Parameters"
          hint="JSON members of the request; what the caller sends wins."
          error={'error' in form.parsed ? form.parsed.error : undefined}
        >
          {(id) => (
            <textarea
              id={id}
              className="field mono"
              rows={3}
              spellCheck={false}
              aria-invalid={'error' in form.parsed}
              value={form.parameters}
              onChange={(event) => form.setParameters(event.target.value)}
            />
          )}
        </Field>
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
        {save.error && <ErrorText error={save.error} />}
        <DialogActions>
          <button type="button" className="btn" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="btn btn-primary" disabled={save.isPending || 'error' in form.parsed}>
            {save.isPending ? 'Saving …' : model ? `Publish v${(model.latest?.number ?? 0) + 1}` : 'Create'}
          </button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
