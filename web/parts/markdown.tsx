import type { Token, Tokens } from 'marked';
import { type ReactNode, useMemo, useState } from 'react';
import { foldBase64 } from '../data/base64.ts';
import { count } from '../data/format.ts';
import { largestJson } from '../data/json-size.ts';
import { markdownTokens } from './markdown-tokens.ts';

/** Longer texts are cut until asked for: a model's output may be of any size. */
const plainLimit = 256_000;

const isWeb = (href: string) => /^https?:\/\//i.test(href);

const textOf = (token: Token): string => ('text' in token && typeof token.text === 'string' ? token.text : token.raw);

function Table({ token }: { token: Tokens.Table }) {
  const cell = 'border border-line px-2 py-0.5 text-left align-top';
  return (
    <div className="my-2 overflow-x-auto">
      <table className="text-sm">
        <thead>
          <tr>
            {token.header.map((one, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: tokens of one text never move.
              <th key={i} className={`${cell} font-medium`}>
                {renderAll(one.tokens)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {token.rows.map((row, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: tokens of one text never move.
            <tr key={i}>
              {row.map((one, j) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: tokens of one text never move.
                <td key={j} className={cell}>
                  {renderAll(one.tokens)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function List({ token }: { token: Tokens.List }) {
  const items = token.items.map((item, i) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: tokens of one text never move.
    <li key={i}>
      {item.task ? (item.checked ? '☑ ' : '☐ ') : null}
      {renderAll(item.tokens)}
    </li>
  ));
  if (!token.ordered) return <ul className="my-1 list-disc pl-5">{items}</ul>;
  return (
    <ol className="my-1 list-decimal pl-5" start={token.start === '' ? 1 : token.start}>
      {items}
    </ol>
  );
}

function renderInline(token: Token): ReactNode {
  switch (token.type) {
    case 'strong':
      return <strong className="font-semibold">{renderAll(token.tokens)}</strong>;
    case 'em':
      return <em>{renderAll(token.tokens)}</em>;
    case 'del':
      return <s>{renderAll(token.tokens)}</s>;
    case 'codespan':
      return <code className="mono rounded-1 bg-sunken px-1">{token.text}</code>;
    case 'br':
      return <br />;
    case 'link':
      return isWeb(token.href) ? (
        <a className="link underline" href={token.href} rel="noopener noreferrer nofollow" target="_blank">
          {renderAll(token.tokens)}
        </a>
      ) : (
        <span>{token.raw}</span>
      );
    case 'image':
      return <span className="text-text-3">[image: {token.text || token.href}]</span>;
    case 'text':
    case 'escape':
      return 'tokens' in token && token.tokens ? renderAll(token.tokens) : unescapeEntities(textOf(token));
    default:
      return token.raw;
  }
}

/** marked leaves entities for HTML to resolve; React escapes again, so the five that matter are resolved here. */
const unescapeEntities = (text: string) =>
  text.replace(/&(amp|lt|gt|quot|#39);/g, (whole, name: string) => {
    const known: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
    return known[name] ?? whole;
  });

function render(token: Token): ReactNode {
  switch (token.type) {
    case 'paragraph':
      return <p className="my-1 whitespace-pre-wrap">{renderAll(token.tokens)}</p>;
    case 'heading':
      return <p className="mt-2 mb-1 font-semibold">{renderAll(token.tokens)}</p>;
    case 'code':
      return (
        <pre className="mono my-1 rounded-2 border border-line bg-sunken p-2 whitespace-pre-wrap break-words">
          {token.text}
        </pre>
      );
    case 'blockquote':
      return (
        <blockquote className="my-1 border-l-2 border-line-strong pl-2 text-text-2">
          {renderAll(token.tokens)}
        </blockquote>
      );
    case 'list':
      return <List token={token as Tokens.List} />;
    case 'table':
      return <Table token={token as Tokens.Table} />;
    case 'hr':
      return <hr className="my-2 border-line" />;
    case 'space':
    case 'def':
    case 'checkbox':
      return null;
    case 'html':
      return <span className="whitespace-pre-wrap">{token.raw}</span>;
    default:
      return renderInline(token);
  }
}

const renderAll = (tokens: Token[] | undefined): ReactNode =>
  // biome-ignore lint/suspicious/noArrayIndexKey: tokens of one text never move.
  tokens?.map((token, i) => <RenderToken key={i} token={token} />);

const RenderToken = ({ token }: { token: Token }) => <>{render(token)}</>;

/**
 * Markdown of a model, which is hostile until proven otherwise: it becomes React elements, never HTML; raw HTML is shown
 * as text, images are named and not fetched, links go to http(s) only.
 */
export function Markdown({ text: recorded }: { text: string }) {
  const [whole, setWhole] = useState(false);
  const text = useMemo(() => foldBase64(recorded), [recorded]);
  const tokens = useMemo(() => markdownTokens(text), [text]);
  if (tokens) return <div className="said leading-5">{renderAll(tokens)}</div>;
  const cut = !whole && text.length > plainLimit;
  return (
    <div>
      <pre className="said mono whitespace-pre-wrap">{text.slice(0, cut ? plainLimit : largestJson)}</pre>
      {cut && (
        <button type="button" className="btn mt-2" onClick={() => setWhole(true)}>
          Load all {count(text.length)} characters
        </button>
      )}
      {!cut && text.length > largestJson && (
        <p className="text-text-3">▲ {count(text.length - largestJson)} more characters are too many to show here.</p>
      )}
    </div>
  );
}
