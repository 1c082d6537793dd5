import { useMemo } from 'react';
import { type JsonChange, jsonDiff, jsonIn } from '../data/json-diff.ts';
import { jsonText } from '../data/safe-json.ts';
import { type Change, lineDiff, wordDiff } from '../data/text-diff.ts';

function Words({ changes }: { changes: Change[] }) {
  return changes.map((change, i) => {
    // biome-ignore lint/suspicious/noArrayIndexKey: changes of two texts never move.
    if (change.kind === 'added') return <ins key={i}>{change.text}</ins>;
    // biome-ignore lint/suspicious/noArrayIndexKey: changes of two texts never move.
    if (change.kind === 'removed') return <del key={i}>{change.text}</del>;
    // biome-ignore lint/suspicious/noArrayIndexKey: changes of two texts never move.
    return <span key={i}>{change.text}</span>;
  });
}

/** B with what changed against A; B alone, marked, when it was written anew. */
function WordDiff({ a, b }: { a: string; b: string }) {
  const changes = useMemo(() => wordDiff(a, b), [a, b]);
  if (a === b) return <span>{b}</span>;
  if (changes) return <Words changes={changes} />;
  return (
    <span>
      {b} <span className="text-xs text-text-3">(rewritten)</span>
    </span>
  );
}

/** One side of a changed value; text as text, so that words can be compared. */
const valueText = (value: unknown) => (typeof value === 'string' ? value : jsonText(value));

function JsonChangeView({ change: { path, before, after } }: { change: JsonChange }) {
  const name = <span className="text-text-3">{path === '' ? 'the whole value' : path}: </span>;
  if (before === undefined)
    return (
      <>
        {name}
        <ins>{valueText(after)}</ins> <span className="text-xs text-text-3">added</span>
      </>
    );
  if (after === undefined)
    return (
      <>
        {name}
        <del>{valueText(before)}</del> <span className="text-xs text-text-3">removed</span>
      </>
    );
  const words = typeof before === 'string' && typeof after === 'string' ? wordDiff(before, after) : null;
  return (
    <>
      {name}
      {words ? (
        <Words changes={words} />
      ) : (
        <>
          <del>{valueText(before)}</del> → <ins>{valueText(after)}</ins>
        </>
      )}
    </>
  );
}

const mostChanges = 100;

/** What B answered differently: key by key where both are JSON, word by word otherwise. */
export function AnswerDiff({ a, b }: { a: string; b: string }) {
  const changes = useMemo(() => {
    const [before, after] = [jsonIn(a), jsonIn(b)];
    return before && after ? jsonDiff(before, after) : null;
  }, [a, b]);
  if (changes === null) return <WordDiff a={a} b={b} />;
  if (changes.length === 0) return <span className="text-text-3">the same JSON</span>;
  return (
    <ul className="mono">
      {changes.slice(0, mostChanges).map((change) => (
        <li key={change.path}>
          <JsonChangeView change={change} />
        </li>
      ))}
      {changes.length > mostChanges && <li className="text-text-3">… {changes.length - mostChanges} more changes</li>}
    </ul>
  );
}

const looks = {
  same: { glyph: ' ', name: '', style: 'border-transparent' },
  added: { glyph: '+', name: 'added: ', style: 'border-good bg-good-bg text-good' },
  removed: { glyph: '−', name: 'removed: ', style: 'border-bad bg-bad-bg text-bad' },
};

/** Two texts, line by line. */
export function LineDiff({ before, after, label }: { before: string; after: string; label: string }) {
  const lines = useMemo(() => lineDiff(before, after), [before, after]);
  if (before === after) return <p className="px-3 py-2 text-text-3">No difference in text or parameters.</p>;
  return (
    <section
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
      tabIndex={0}
      className="mono max-h-[420px] overflow-auto py-1 leading-[18px]"
    >
      {lines.map((line, i) => (
        <div
          // biome-ignore lint/suspicious/noArrayIndexKey: lines of two texts never move.
          key={i}
          className={`grid min-h-[18px] grid-cols-[20px_1fr] border-l-2 ${looks[line.kind].style}`}
        >
          <span aria-hidden="true" className="text-center">
            {looks[line.kind].glyph}
          </span>
          <span className="pr-2 break-words whitespace-pre-wrap">
            <span className="sr-only">{looks[line.kind].name}</span>
            {line.words.map((word, j) =>
              word.kind === 'same' ? (
                // biome-ignore lint/suspicious/noArrayIndexKey: words of two texts never move.
                <span key={j}>{word.text}</span>
              ) : (
                // biome-ignore lint/suspicious/noArrayIndexKey: words of two texts never move.
                <span key={j} className="font-semibold underline">
                  {word.text}
                </span>
              ),
            )}
          </span>
        </div>
      ))}
    </section>
  );
}
