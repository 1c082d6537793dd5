import type { ContentBody, MessageBody } from '@wheelhouse/sdk';
import { Wrench } from 'lucide-react';
import { useMemo, useState } from 'react';
import { capMessages } from '../data/cap-messages.ts';
import { count, plural, sizeText } from '../data/format.ts';
import { filesOfPart, piecesOf } from '../data/recorded-files.ts';
import { useAttached } from './attached.ts';
import { FileCard } from './file-card.tsx';
import { JsonTree } from './json-tree.tsx';
import { Markdown } from './markdown.tsx';

type Part = MessageBody['parts'][number];

function Call({ title, value }: { title: string; value: unknown }) {
  return (
    <div className="my-1 rounded-2 border border-line bg-sunken p-2">
      <div className="mb-1 flex items-center gap-1 text-sm font-medium">
        <Wrench size={13} strokeWidth={1.75} aria-hidden="true" style={{ color: 'var(--k-tool)' }} />
        {title}
      </div>
      <JsonTree value={value} />
    </div>
  );
}

/** Files that a text names stand where it names them. */
function RecordedText({ text }: { text: string }) {
  const attached = useAttached();
  const pieces = useMemo(() => piecesOf(text, attached), [text, attached]);
  return pieces.map((piece, i) =>
    piece.type === 'text' ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: pieces of a recorded text never move.
      <Markdown key={i} text={piece.text} />
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: pieces of a recorded text never move.
      <FileCard key={i} file={piece.file} />
    ),
  );
}

function OtherPart({ value }: { value: Record<string, unknown> }) {
  const attached = useAttached();
  const files = useMemo(() => filesOfPart(value, attached), [value, attached]);
  if (files.length === 0) return <JsonTree value={value} />;
  // biome-ignore lint/suspicious/noArrayIndexKey: files of a recorded part never move.
  return files.map((file, i) => <FileCard key={i} file={file} />);
}

function PartView({ part }: { part: Part }) {
  switch (part.type) {
    case 'text':
      return <RecordedText text={part.content} />;
    case 'reasoning':
      return (
        <details className="my-1 text-text-2">
          <summary className="min-h-6 text-sm leading-6 text-text-3">Reasoning</summary>
          <Markdown text={part.content} />
        </details>
      );
    case 'tool_call':
      return <Call title={part.name} value={part.arguments} />;
    case 'tool_call_response':
      return <Call title="tool result" value={part.response} />;
    case 'other':
      return <OtherPart value={part.value} />;
  }
}

/** One message: who, then what. */
export function MessageView({ message }: { message: MessageBody }) {
  return (
    <>
      <div className="mb-1 text-xs font-medium text-text-3">
        {message.role}
        {message.name && ` · ${message.name}`}
        {message.finishReason && ` · ${message.finishReason}`}
      </div>
      {message.parts.length === 0 && <p className="text-text-3">(empty)</p>}
      {message.parts.map((part, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: parts of a recorded message never move.
        <PartView key={i} part={part} />
      ))}
    </>
  );
}

/** What is loaded into the page before the reader asks for more. */
const cap = { characters: 256 * 1024, messages: 40 };

function Conversation({ messages, title }: { messages: MessageBody[]; title: string }) {
  const [whole, setWhole] = useState(false);
  const { shown, left, size } = useMemo(() => capMessages(messages, cap), [messages]);
  return (
    <>
      {!whole && left > 0 && (
        <p className="flex flex-wrap items-center gap-2 border-b border-line bg-sunken px-3 py-2 text-text-2">
          {plural(left, 'earlier message')} not shown.
          <button type="button" className="btn !min-h-6" onClick={() => setWhole(true)}>
            Load all {count(messages.length)}, {sizeText(size)}
          </button>
        </p>
      )}
      {(whole ? messages : shown).map((message, i) => (
        <article
          key={whole ? i : left + i}
          aria-label={`${title}: ${message.role}`}
          className="border-b border-line px-3 py-2"
        >
          <MessageView message={message} />
        </article>
      ))}
    </>
  );
}

/** What went in or came out: a conversation as one, anything else as JSON, a bare text as text. */
export function ContentView({ content, title }: { content: ContentBody; title: string }) {
  if (content.type === 'messages') return <Conversation messages={content.messages} title={title} />;
  return (
    <section aria-label={title} className="border-b border-line px-3 py-2">
      <h3 className="mb-1 text-xs font-medium text-text-3">{title}</h3>
      {typeof content.value === 'string' ? <RecordedText text={content.value} /> : <JsonTree value={content.value} />}
    </section>
  );
}
