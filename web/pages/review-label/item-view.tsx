import { Link } from '@tanstack/react-router';
import type { ReviewItemBody, ShownReviewItemBody } from '@wheelhouse/sdk';
import type { ReactNode } from 'react';
import { asText } from '../../data/format.ts';
import { JsonTree } from '../../parts/json-tree.tsx';
import { Markdown } from '../../parts/markdown.tsx';
import { Pill } from '../../parts/pill.tsx';

type Message = { role: string; content: unknown };

/** A conversation in the form of OpenAI's requests; null: it is something else. */
function messagesIn(value: unknown): Message[] | null {
  const messages = (value as { messages?: unknown } | null)?.messages;
  if (!Array.isArray(messages) || messages.length === 0) return null;
  return messages.every((one: Partial<Message> | null) => typeof one?.role === 'string') ? messages : null;
}

/** A text as it is meant, a conversation as one, anything else as JSON. */
function Value({ value }: { value: unknown }) {
  if (typeof value === 'string')
    return value === '' ? <span className="text-text-3">(empty)</span> : <Markdown text={value} />;
  const messages = messagesIn(value);
  if (messages === null) return <JsonTree value={value} />;
  return messages.map(({ role, content, ...rest }, i) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: messages of a recorded conversation never move.
    <div key={i} className="mb-2 last:mb-0">
      <span className="text-xs text-text-3">{role}</span>
      {typeof content === 'string' ? <Markdown text={content} /> : <JsonTree value={content ?? rest} />}
    </div>
  ));
}

function Part({ title, children }: { title: ReactNode; children: ReactNode }) {
  return (
    <section className="border-line px-4 py-3 not-first:border-t">
      <h2 className="mb-1 text-xs text-text-3">{title}</h2>
      <div className="said min-w-0 text-lg">{children}</div>
    </section>
  );
}

const answered = (who: string, model: string | null, isBlind: boolean) =>
  `${who}${model !== null ? ` · ${model}` : isBlind ? ' · who answered is hidden' : ''}`;

/** Two answers beside each other. */
function Pair({ item, isBlind }: { item: ShownReviewItemBody; isBlind: boolean }) {
  return (
    <div className="grid border-t border-line md:grid-cols-2">
      <div className="min-w-0">
        <Part title={answered('← left', item.model, isBlind)}>
          <Value value={item.output} />
        </Part>
      </div>
      <div className="min-w-0 border-line max-md:border-t md:border-l">
        <Part title={answered('right →', item.other?.model ?? null, isBlind)}>
          <Value value={item.other?.output} />
        </Part>
      </div>
    </div>
  );
}

const traceOf = (target: ReviewItemBody['target'] | null) =>
  target?.kind === 'trace' || target?.kind === 'span' ? target.traceId : null;

/** Why it is here and whose it is, where that is not hidden. */
function About({ item }: { item: ShownReviewItemBody }) {
  const traceId = traceOf(item.target);
  if (item.reason === null && traceId === null) return null;
  return (
    <p className="flex flex-wrap gap-x-3 border-b border-line px-4 py-2 text-sm text-text-2">
      {item.reason}
      {traceId !== null && (
        <Link to="/traces/$traceId" params={{ traceId }} className="link underline" preload={false}>
          trace
        </Link>
      )}
    </p>
  );
}

/** What others said, where whoever labels may see it. */
function Said({ item, me }: { item: ShownReviewItemBody; me: string | undefined }) {
  const others = item.labels.filter(({ rater, skipped, decides }) => !skipped && (decides || rater !== me));
  if (others.length === 0) return null;
  return (
    <section aria-label="What others said" className="border-t border-line px-4 py-3">
      <h2 className="mb-1 text-xs text-text-3">What others said</h2>
      <ul className="flex flex-col gap-1">
        {others.map(({ rater, answers, comment, decides }) => (
          <li key={`${rater} ${decides}`} className="flex flex-wrap items-baseline gap-x-2 gap-y-1">
            <span className="text-text-2">{decides ? `${rater} decided` : rater}</span>
            {Object.entries(answers).map(([name, answer]) => (
              <Pill key={name} tone={item.disputed.includes(name) ? 'warn' : 'mute'}>
                {item.disputed.includes(name) && '▲ '}
                {name} {String(answer)}
              </Pill>
            ))}
            {comment !== null && <span className="said min-w-0 text-text-2">“{comment}”</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}

type ItemViewProps = { item: ShownReviewItemBody; isBlind: boolean; me: string | undefined };

/** What is looked at. */
export function ItemView({ item, isBlind, me }: ItemViewProps) {
  const hasMetadata = Object.keys(item.metadata).length > 0;
  return (
    <article aria-label={`Item ${item.number}`} className="card min-h-60 flex-1">
      <About item={item} />
      {item.gone ? (
        <p className="p-4 text-text-2">
          ▲ It shows nothing: what it points at is gone, or had no input. Skip it with <kbd>s</kbd>.
        </p>
      ) : (
        <>
          <Part title="input">
            <Value value={item.input} />
          </Part>
          {item.other === null ? (
            <Part title={answered('output', item.model, isBlind && item.target === null)}>
              <Value value={item.output} />
            </Part>
          ) : (
            <Pair item={item} isBlind={isBlind} />
          )}
          {item.expected !== null && (
            <Part title="expected">
              <div className="text-base text-text-2">
                {typeof item.expected === 'string' ? (
                  <span className="whitespace-pre-wrap">{asText(item.expected)}</span>
                ) : (
                  <JsonTree value={item.expected} />
                )}
              </div>
            </Part>
          )}
          {hasMetadata && (
            <Part title="metadata">
              <JsonTree value={item.metadata} />
            </Part>
          )}
        </>
      )}
      <Said item={item} me={me} />
    </article>
  );
}
