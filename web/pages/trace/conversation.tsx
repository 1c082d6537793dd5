import { useQueries, useQuery } from '@tanstack/react-query';
import type { AttachmentBody, MessageBody, SpanBody } from '@wheelhouse/sdk';
import { useMemo, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { between, plural } from '../../data/format.ts';
import { attachmentsQuery, spanQuery } from '../../data/queries.ts';
import { AttachedProvider } from '../../parts/attached.ts';
import { FileCard } from '../../parts/file-card.tsx';
import { KindIcon } from '../../parts/kind-icon.tsx';
import { MessageView } from '../../parts/messages.tsx';
import { Loading, RequestError } from '../../parts/request-state.tsx';
import type { SpanTree } from './span-tree.ts';

const step = 20;

type Turn = { key: string; span: SpanBody; message: MessageBody; isAnswer: boolean };

/** Each message once: an agent sends its whole history again with each call. */
function turnsOf(spans: SpanBody[]): Turn[] {
  const seen = new Set<string>();
  const turns: Turn[] = [];
  for (const span of spans)
    for (const [content, isAnswer] of [
      [span.input, false],
      [span.output, true],
    ] as const) {
      if (content?.type !== 'messages') continue;
      for (const message of content.messages) {
        const text = JSON.stringify([message.role, message.parts]);
        if (!isAnswer && seen.has(text)) continue;
        seen.add(text);
        turns.push({ key: `${span.spanId}-${turns.length}`, span, message, isAnswer });
      }
    }
  return turns;
}

function TurnView({ turn, onOpen }: { turn: Turn; onOpen: (spanId: string) => void }) {
  const { span, message, isAnswer } = turn;
  const mine = message.role === 'user';
  return (
    <li className={`flex ${mine ? 'justify-end' : ''}`}>
      <div
        className={`max-w-[min(640px,92%)] min-w-0 rounded-3 px-3 py-2 ${mine ? 'bg-accent-bg' : isAnswer ? 'border border-line bg-surface' : 'bg-sunken'}`}
      >
        <MessageView message={message} />
        {isAnswer && (
          <button
            type="button"
            className="mt-1 flex min-h-6 items-center gap-1 text-xs text-text-3 hover:underline"
            onClick={() => onOpen(span.spanId)}
          >
            <KindIcon kind={span.kind} />
            {span.name} · {span.endNs === null ? 'running' : between(span.startNs, span.endNs)}
          </button>
        )}
      </div>
    </li>
  );
}

/** What came with a span and no message names, as LangSmith's clients send it. */
function Beside({
  files,
  tree,
  onOpen,
}: {
  files: AttachmentBody[];
  tree: SpanTree;
  onOpen: (spanId: string) => void;
}) {
  if (files.length === 0) return null;
  return (
    <section aria-label="Attachments" className="mt-4 border-t border-line pt-3">
      <h2 className="mb-1 text-xs font-medium text-text-3">Attachments</h2>
      <ul className="flex flex-col gap-2">
        {files.map((file) => {
          const span = tree.rows.find((row) => row.span?.spanId === file.spanId)?.span;
          return (
            <li key={`${file.id} ${file.spanId} ${file.name}`}>
              <FileCard file={file} />
              {span && (
                <button
                  type="button"
                  className="flex min-h-6 items-center gap-1 text-xs text-text-3 hover:underline"
                  onClick={() => onOpen(span.spanId)}
                >
                  <KindIcon kind={span.kind} />
                  {span.name}
                </button>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** Those that nothing of what is said names. */
function unnamed(files: AttachmentBody[], turns: Turn[]): AttachmentBody[] {
  if (files.length === 0) return files;
  const said = turns.map(({ message }) => JSON.stringify(message.parts)).join();
  return files.filter(({ id }) => !said.includes(id));
}

type ConversationProps = { tree: SpanTree; traceId: string; onOpen: (spanId: string) => void };

/** What was said, in the order it was said: the generations of a trace as one chat. */
export function Conversation({ tree, traceId, onOpen }: ConversationProps) {
  const { client } = useData();
  const [shown, setShown] = useState(step);
  const generations = useMemo(
    () =>
      tree.rows
        .flatMap((row) => (row.span?.kind === 'generation' ? [row] : []))
        .sort((a, b) => a.startNs - b.startNs)
        .flatMap((row) => (row.span ? [row.span] : [])),
    [tree],
  );
  const queries = useQueries({
    queries: generations.slice(0, shown).map((span) => spanQuery(client, span.traceId, span.spanId)),
  });
  const attachments = useQuery(attachmentsQuery(client, traceId)).data;
  const attached = useMemo(() => attachments && new Map(attachments.map((file) => [file.id, file])), [attachments]);
  const failed = queries.find((query) => query.error);
  const spans = queries.flatMap((query) => (query.data ? [query.data] : []));
  const turns = turnsOf(spans);
  const rest = generations.length - shown;
  return (
    <section
      aria-label="Conversation"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
      tabIndex={0}
      className="min-h-0 flex-1 overflow-auto bg-bg -outline-offset-2"
    >
      <div className="mx-auto w-full max-w-[800px] p-4">
        {generations.length === 0 && <p className="text-text-3">No model was called in this trace.</p>}
        {failed?.error && <RequestError error={failed.error} onRetry={() => void failed.refetch()} />}
        {queries.some((query) => query.isPending) && <Loading what="messages" />}
        {generations.length > 0 && turns.length === 0 && queries.every((query) => query.isSuccess) && (
          <p className="text-text-3">The calls of this trace recorded no messages.</p>
        )}
        <AttachedProvider value={attached ?? null}>
          <ol className="flex flex-col gap-3">
            {turns.map((turn) => (
              <TurnView key={turn.key} turn={turn} onOpen={onOpen} />
            ))}
          </ol>
        </AttachedProvider>
        {attachments && queries.every((query) => !query.isPending) && (
          <Beside files={unnamed(attachments, turns)} tree={tree} onOpen={onOpen} />
        )}
        {rest > 0 && (
          <button type="button" className="btn mt-4" onClick={() => setShown(shown + step)}>
            Show {Math.min(step, rest)} of {plural(rest, 'later call')}
          </button>
        )}
      </div>
    </section>
  );
}
