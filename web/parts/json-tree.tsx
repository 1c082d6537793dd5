import { ChevronRight } from 'lucide-react';
import { useMemo, useState } from 'react';
import { type Base64, readBase64 } from '../data/base64.ts';
import { count, sizeText } from '../data/format.ts';
import { firstLevels, jsonSize, largestJson } from '../data/json-size.ts';
import { fileOfText } from '../data/recorded-files.ts';
import { jsonText } from '../data/safe-json.ts';
import { useAttached } from './attached.ts';

const pageSize = 200;
const textLimit = 2000;
/** Rows that are open from the start: about what a reader sees at once. */
const openRows = 48;

/** Never its characters: what it is and how large, and the picture when asked for. */
function Binary({ data }: { data: Base64 }) {
  const [open, setOpen] = useState(false);
  return (
    <span className="text-text-3">
      [{data.type}, {sizeText(data.bytes)}]
      {data.image !== null && (
        <button type="button" className="link ml-1 underline" onClick={() => setOpen(!open)}>
          {open ? 'hide' : 'show'}
        </button>
      )}
      {open && data.image !== null && (
        <img src={data.image} alt="Recorded with this span" className="my-1 max-h-80 max-w-full rounded-2" />
      )}
    </span>
  );
}

function TextValue({ text }: { text: string }) {
  const [whole, setWhole] = useState(false);
  const binary = useMemo(() => readBase64(text), [text]);
  const attached = useAttached();
  const file = useMemo(() => fileOfText(text, attached), [text, attached]);
  if (binary !== null) return <Binary data={binary} />;
  if (file !== null)
    return (
      <a
        className={file.url === null ? '' : 'link underline'}
        href={file.url ?? undefined}
        target="_blank"
        rel="noopener"
      >
        [{file.type}
        {file.bytes !== null && `, ${sizeText(file.bytes)}`}
        {file.url === null && ', not kept'}]
      </a>
    );
  const cut = !whole && text.length > textLimit;
  const tooLong = text.length > largestJson;
  return (
    <span className="said whitespace-pre-wrap text-good">
      "{cut ? text.slice(0, textLimit) : text}"
      {cut && !tooLong && (
        <button type="button" className="link ml-1 underline" onClick={() => setWhole(true)}>
          all {count(text.length)} characters
        </button>
      )}
      {cut && tooLong && <span className="text-text-3"> … {count(text.length)} characters, too long to show here</span>}
    </span>
  );
}

function Leaf({ value }: { value: unknown }) {
  if (typeof value === 'string') return <TextValue text={value} />;
  return <span className="text-accent">{String(value)}</span>;
}

const isBranch = (value: unknown): value is object => typeof value === 'object' && value !== null;

type NodeProps<Value> = {
  name: string | null;
  value: Value;
  /** How many levels start open, this one included. */
  levels: number;
};

function Branch({ name, value, levels }: NodeProps<object>) {
  const [open, setOpen] = useState(levels > 0);
  const [shown, setShown] = useState(pageSize);
  const isList = Array.isArray(value);
  // A list of a million is not copied to show two hundred of it.
  const keys = isList ? null : Object.keys(value);
  const size = isList ? value.length : (keys?.length ?? 0);
  const entries: [string, unknown][] = !open
    ? []
    : isList
      ? value.slice(0, shown).map((child, i) => [String(i), child])
      : (keys ?? []).slice(0, shown).map((key) => [key, (value as Record<string, unknown>)[key]]);
  if (size === 0)
    return (
      <div>
        <Name name={name} />
        <span className="text-text-3">{isList ? '[]' : '{}'}</span>
      </div>
    );
  return (
    <div>
      <button
        type="button"
        aria-expanded={open}
        className="-ml-4 inline-flex min-h-6 items-center gap-0.5 text-left"
        onClick={() => setOpen(!open)}
      >
        <ChevronRight size={13} aria-hidden="true" style={{ transform: open ? 'rotate(90deg)' : 'none' }} />
        <Name name={name} />
        <span className="text-text-3">{isList ? `[${count(size)}]` : `{${count(size)}}`}</span>
      </button>
      {open && (
        <div className="border-l border-line pl-5">
          {entries.map(([key, child]) => (
            <Node key={key} name={key} value={child} levels={levels - 1} />
          ))}
          {size > shown && (
            <button type="button" className="link min-h-6 underline" onClick={() => setShown(shown + pageSize)}>
              {Math.min(pageSize, size - shown)} more of {count(size)}
            </button>
          )}
        </div>
      )}
    </div>
  );
}

function Name({ name }: { name: string | null }) {
  return name === null ? null : <span className="mr-1 break-all text-text-2">{name}:</span>;
}

function Node({ name, value, levels }: NodeProps<unknown>) {
  if (isBranch(value)) return <Branch name={name} value={value} levels={levels} />;
  return (
    <div className="min-h-6 leading-6">
      <Name name={name} />
      <Leaf value={value} />
    </div>
  );
}

function download(value: unknown): void {
  const url = URL.createObjectURL(new Blob([jsonText(value, 2)], { type: 'application/json' }));
  Object.assign(document.createElement('a'), { href: url, download: 'value.json' }).click();
  URL.revokeObjectURL(url);
}

/**
 * Any JSON value, opened as far as the reader goes: what is shut is not rendered, base64 never is, and what is too large
 * for a page to hold is handed over as a file.
 */
export function JsonTree({ value }: { value: unknown }) {
  const { size, levels } = useMemo(() => ({ size: jsonSize(value), levels: firstLevels(value, openRows) }), [value]);
  if (typeof value !== 'string' && size > largestJson)
    return (
      <p className="flex flex-wrap items-center gap-2 text-text-2">
        ▲ More than {count(largestJson)} characters of JSON: too large to show here.
        <button type="button" className="btn !min-h-6" onClick={() => download(value)}>
          Download
        </button>
      </p>
    );
  return (
    <div className="mono pl-4">
      <Node name={null} value={value} levels={levels} />
    </div>
  );
}
