import { ChevronRight } from 'lucide-react';
import { useMemo, useState } from 'react';

const pageSize = 200;
const textLimit = 2000;
const binary = /^(data:[\w/+.-]+;base64,|[A-Za-z0-9+/]{1000,}={0,2}$)/;

function TextValue({ text }: { text: string }) {
  const [whole, setWhole] = useState(false);
  if (binary.test(text)) {
    const type = /^data:([\w/+.-]+);/.exec(text)?.[1] ?? 'base64';
    return (
      <span className="text-text-3">
        [{type}, {Math.round((text.length * 3) / 4 / 1024).toLocaleString('en')} KB]
      </span>
    );
  }
  const cut = !whole && text.length > textLimit;
  return (
    <span className="said whitespace-pre-wrap text-good">
      "{cut ? text.slice(0, textLimit) : text}"
      {cut && (
        <button type="button" className="link ml-1 underline" onClick={() => setWhole(true)}>
          all {text.length.toLocaleString('en')} characters
        </button>
      )}
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
  open: boolean;
  /** Whether what is inside starts open, too. */
  below: boolean;
};

function Branch({ name, value, open: first, below }: NodeProps<object>) {
  const [open, setOpen] = useState(first);
  const [shown, setShown] = useState(pageSize);
  const entries = Object.entries(value);
  const summary = Array.isArray(value) ? `[${entries.length}]` : `{${entries.length}}`;
  if (entries.length === 0)
    return (
      <div>
        <Name name={name} />
        <span className="text-text-3">{Array.isArray(value) ? '[]' : '{}'}</span>
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
        <span className="text-text-3">{summary}</span>
      </button>
      {open && (
        <div className="border-l border-line pl-5">
          {entries.slice(0, shown).map(([key, child]) => (
            <Node key={key} name={key} value={child} open={below} below={below} />
          ))}
          {entries.length > shown && (
            <button type="button" className="link min-h-6 underline" onClick={() => setShown(shown + pageSize)}>
              {Math.min(pageSize, entries.length - shown)} more of {entries.length.toLocaleString('en')}
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

function Node({ name, value, open, below }: NodeProps<unknown>) {
  if (isBranch(value)) return <Branch name={name} value={value} open={open} below={below} />;
  return (
    <div className="min-h-6 leading-6">
      <Name name={name} />
      <Leaf value={value} />
    </div>
  );
}

/** Small enough that the reader wants to see all of it at once. */
const smallEntries = 24;

function isSmall(value: unknown): boolean {
  let level: unknown[] = [value];
  let entries = 0;
  for (let depth = 0; level.length > 0; depth++) {
    entries += level.length;
    if (depth > 4 || entries > smallEntries) return false;
    level = level.filter(isBranch).flatMap((one) => Object.values(one));
  }
  return true;
}

/** Any JSON value, opened as far as the reader goes: what is shut is not rendered, base64 never is. */
export function JsonTree({ value }: { value: unknown }) {
  const small = useMemo(() => isSmall(value), [value]);
  return (
    <div className="mono pl-4">
      <Node name={null} value={value} open below={small} />
    </div>
  );
}
