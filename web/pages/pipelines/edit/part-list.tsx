import { ArrowDown, ArrowUp, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { type Part, swapped } from '../../../data/pipeline-draft.ts';

type PartListProps = {
  /** What one of them is called: `step`. */
  what: string;
  parts: readonly Part[];
  onParts: (parts: Part[]) => void;
  titleOf: (part: Part) => string;
  fieldsOf: (part: Part, onPart: (part: Part) => void) => ReactNode;
  /** What is said of one, such as what it would do; below its fields. */
  saidOf?: (at: number) => ReactNode;
  /** Whether their order means something. */
  ordered?: boolean;
  /** Below the list: what adds another. */
  children: ReactNode;
};

/** Parts of a definition, to be changed, taken out and put into another order. */
export function PartList(props: PartListProps) {
  const { what, parts, onParts, titleOf, fieldsOf, saidOf, ordered = false, children } = props;
  const button = (label: string, run: () => void, { icon, off = false }: { icon: ReactNode; off?: boolean }) => (
    <button type="button" className="btn btn-quiet btn-icon !min-h-6" aria-label={label} disabled={off} onClick={run}>
      {icon}
    </button>
  );
  return (
    <>
      <ol className="flex flex-col gap-2" aria-label={`${what}s`}>
        {parts.map((part, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a part has no id, and its fields keep nothing of their own.
          <li key={at} className="card p-3">
            <div className="mb-2 flex items-center gap-2">
              {ordered && <span className="mono text-text-3">{at + 1}</span>}
              <h3 className="min-w-0 flex-1 font-medium break-words">{titleOf(part)}</h3>
              {ordered &&
                button(`Move ${what} ${at + 1} up`, () => onParts(swapped(parts, at, -1)), {
                  ...{ icon: <ArrowUp size={13} strokeWidth={1.75} />, off: at === 0 },
                })}
              {ordered &&
                button(`Move ${what} ${at + 1} down`, () => onParts(swapped(parts, at, 1)), {
                  ...{ icon: <ArrowDown size={13} strokeWidth={1.75} />, off: at === parts.length - 1 },
                })}
              {button(`Take out ${what} ${at + 1}`, () => onParts(parts.filter((_, i) => i !== at)), {
                icon: <X size={13} strokeWidth={1.75} />,
              })}
            </div>
            {fieldsOf(part, (next) => onParts(parts.map((one, i) => (i === at ? next : one))))}
            {saidOf?.(at)}
          </li>
        ))}
      </ol>
      {children}
    </>
  );
}
