import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Play, Square } from 'lucide-react';
import { type FormEvent, type RefObject, useRef, useState } from 'react';
import { type ChatAnswer, streamChat } from '../../data/chat.ts';
import { seconds } from '../../data/format.ts';
import { callableQuery } from '../../data/queries.ts';
import { Field } from '../../parts/field.tsx';
import { Keys } from '../../parts/kbd.tsx';
import { ErrorText } from '../../parts/request-state.tsx';
import { Section } from './section.tsx';

const usual = 'sim/echo';

type Told = ChatAnswer & { firstMs: number | null; wholeMs: number };

/** Where the call went and how long it took. */
function Facts({ told }: { told: Told }) {
  const facts = [
    ...(told.target === null ? [] : [told.target]),
    ...(told.cache === null ? [] : [`cache ${told.cache}`]),
    ...(told.firstMs === null ? [] : [`first content ${seconds(told.firstMs / 1000)}`]),
    `whole ${seconds(told.wholeMs / 1000)}`,
  ];
  return (
    <p className="flex flex-wrap gap-x-3 text-text-2">
      {facts.map((fact) => (
        <span key={fact}>{fact}</span>
      ))}
      {told.traceId !== null && (
        <Link to="/traces/$traceId" params={{ traceId: told.traceId }} className="link">
          open its trace
        </Link>
      )}
    </p>
  );
}

type TryProps = {
  model: string | undefined;
  onModel: (model: string) => void;
  box: RefObject<HTMLTextAreaElement | null>;
};

/** One real call through the gateway, by any name that an application may use. */
export function TryRequest({ model, onModel, box }: TryProps) {
  const queryClient = useQueryClient();
  const callable = useQuery(callableQuery()).data ?? [];
  const [message, setMessage] = useState('');
  const [answer, setAnswer] = useState('');
  const abort = useRef<AbortController | null>(null);
  const name = model ?? usual;
  const call = useMutation({
    mutationFn: async (): Promise<Told> => {
      setAnswer('');
      const controller = new AbortController();
      abort.current = controller;
      const begun = performance.now();
      let firstMs: number | null = null;
      const told = await streamChat(
        { model: name, messages: [{ role: 'user', content: message }], signal: controller.signal },
        (text) => {
          firstMs ??= performance.now() - begun;
          setAnswer(text);
        },
      );
      return { ...told, firstMs, wholeMs: performance.now() - begun };
    },
    onSettled: () =>
      Promise.all(
        ['gateway-targets', 'gateway-usage'].map((key) => queryClient.invalidateQueries({ queryKey: [key] })),
      ),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    call.mutate();
  };
  const stopped = call.error?.name === 'AbortError';
  return (
    <Section title="Try a request" text="One real call, in your name; it becomes a trace like any other.">
      <form className="card flex flex-col gap-3 p-3" onSubmit={submit}>
        <Field label="Model" hint="A registered model, a route, or provider/model.">
          {(id) => (
            <>
              <input
                id={id}
                className="field mono !max-w-96"
                list={`${id}-names`}
                required
                autoComplete="off"
                spellCheck={false}
                value={name}
                onChange={(event) => onModel(event.target.value)}
              />
              <datalist id={`${id}-names`}>
                {callable.map((one) => (
                  <option key={one} value={one} />
                ))}
              </datalist>
            </>
          )}
        </Field>
        <Field label="Message">
          {(id) => (
            <textarea
              id={id}
              ref={box}
              className="field"
              rows={2}
              required
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
        <div className="flex flex-wrap gap-2">
          <button type="submit" className="btn" disabled={call.isPending}>
            <Play size={13} strokeWidth={1.75} aria-hidden="true" />
            {call.isPending ? 'Answering …' : 'Send'} <Keys keys="$mod+Enter" />
          </button>
          {call.isPending && (
            <button type="button" className="btn" onClick={() => abort.current?.abort()}>
              <Square size={12} strokeWidth={1.75} aria-hidden="true" />
              Stop
            </button>
          )}
        </div>
        {(answer !== '' || call.isSuccess) && (
          <output className="said rounded-2 bg-sunken px-3 py-2 whitespace-pre-wrap">
            {answer || '(empty answer)'}
          </output>
        )}
        {stopped && <p className="text-text-2">Stopped; the vendor was told at once.</p>}
        {call.error && !stopped && <ErrorText error={call.error} />}
        {call.data && <Facts told={call.data} />}
      </form>
    </Section>
  );
}
