import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ModelVersionBody } from '@wheelhouse/sdk';
import { Play } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { streamChat } from '../../data/chat.ts';
import { Field } from '../../parts/field.tsx';
import { Keys } from '../../parts/kbd.tsx';
import { Markdown } from '../../parts/markdown.tsx';
import { ErrorText } from '../../parts/request-state.tsx';

type Variable = { name: string; isText: boolean; required: boolean };

/** The variables that a version asks for, from its input schema. */
function variablesOf({ signature }: ModelVersionBody): Variable[] {
  const properties = (signature.input.properties ?? {}) as Record<string, { type?: unknown }>;
  const required = Array.isArray(signature.input.required) ? signature.input.required : [];
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    isText: schema.type === undefined || schema.type === 'string',
    required: required.includes(name),
  }));
}

function valuesOf(variables: Variable[], texts: Record<string, string>): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const { name, isText, required } of variables) {
    const text = texts[name] ?? '';
    if (text === '' && !required) continue;
    try {
      values[name] = isText ? text : JSON.parse(text);
    } catch {
      throw new Error(`“${name}” takes JSON.`);
    }
  }
  return values;
}

/** One real call to this version; it becomes a trace like any other. */
export function TryBox({ name, version }: { name: string; version: ModelVersionBody }) {
  const variables = variablesOf(version);
  const [texts, setTexts] = useState<Record<string, string>>({});
  const [message, setMessage] = useState('');
  const [answer, setAnswer] = useState('');
  const ref = `${name}@${version.number}`;
  const call = useMutation({
    mutationFn: () => {
      setAnswer('');
      return streamChat(
        {
          model: ref,
          messages: message === '' ? [] : [{ role: 'user', content: message }],
          ...(variables.length > 0 ? { variables: valuesOf(variables, texts) } : {}),
        },
        setAnswer,
      );
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    call.mutate();
  };
  return (
    <section aria-label="Try it" className="card p-3">
      <h2 className="mb-2 font-semibold">
        Try <span className="mono">{ref}</span>
      </h2>
      <form className="flex flex-col gap-2" onSubmit={submit}>
        {variables.map((variable) => (
          <Field key={variable.name} label={variable.name} hint={variable.isText ? undefined : 'JSON'}>
            {(id) => (
              <textarea
                id={id}
                className="field mono"
                rows={1}
                required={variable.required}
                value={texts[variable.name] ?? ''}
                onChange={(event) => setTexts({ ...texts, [variable.name]: event.target.value })}
              />
            )}
          </Field>
        ))}
        <Field label="Message">
          {(id) => (
            <textarea
              id={id}
              className="field"
              rows={2}
              placeholder="Can I return a sale item after 30 days?"
              value={message}
              onChange={(event) => setMessage(event.target.value)}
              onKeyDown={(event) => {
                if (event.key === 'Enter' && (event.metaKey || event.ctrlKey))
                  event.currentTarget.form?.requestSubmit();
              }}
            />
          )}
        </Field>
        <div>
          <button type="submit" className="btn" disabled={call.isPending}>
            <Play size={13} strokeWidth={1.75} aria-hidden="true" />
            {call.isPending ? 'Answering …' : 'Send'} <Keys keys="$mod+Enter" />
          </button>
        </div>
      </form>
      {call.error && (
        <div className="mt-3">
          <ErrorText error={call.error} />
        </div>
      )}
      {(answer !== '' || call.isSuccess) && (
        <div className="mt-3 border-t border-line pt-2">
          <div className="mb-1 flex text-xs font-medium text-text-3">
            assistant
            {call.data?.traceId && (
              <Link to="/traces/$traceId" params={{ traceId: call.data.traceId }} className="link ml-auto">
                open its trace
              </Link>
            )}
          </div>
          {answer === '' ? <p className="text-text-3">(empty answer)</p> : <Markdown text={answer} />}
        </div>
      )}
    </section>
  );
}
