import { type ReactNode, useRef } from 'react';
import { useCopyLink } from './copy-link.tsx';
import { useShortcuts } from './shortcuts.tsx';

type Row = { key: string; cells: ReactNode[] };

/** The keys move the focus from link to link, so Enter and screen readers know where the reader is. */
function useRowKeys(title: string | undefined, box: { current: HTMLElement | null }) {
  const copyLink = useCopyLink();
  // The first of each row, however many it has.
  const links = () =>
    [...(box.current?.querySelectorAll('tbody tr') ?? [])].flatMap((row) => row.querySelector('a') ?? []);
  const at = () => links().findIndex((link) => link.closest('tr')?.contains(document.activeElement));
  const move = (step: number) => {
    const all = links();
    const next = all[at() < 0 ? 0 : Math.max(0, Math.min(all.length - 1, at() + step))];
    next?.focus();
    next?.closest('tr')?.scrollIntoView({ block: 'nearest' });
  };
  useShortcuts(
    title ?? '',
    title === undefined
      ? []
      : [
          { keys: 'j', label: 'next', hint: true, run: () => move(1) },
          { keys: 'k', label: 'previous', hint: true, run: () => move(-1) },
          { keys: 'y', label: 'copy link', run: () => copyLink(links()[at()]?.href) },
        ],
  );
}

type DataTableProps = {
  label: string;
  heads: string[];
  rows: Row[];
  /** Columns of numbers, which stand right. */
  right?: readonly number[];
  /** Where rows are links: the title under which their keys are listed. */
  keysTitle?: string;
};

/** A short table; in narrow windows each row is a list of its cells, each under the name of its column. */
export function DataTable({ label, heads, rows, right = [], keysTitle }: DataTableProps) {
  const box = useRef<HTMLElement>(null);
  useRowKeys(keysTitle, box);
  const opens = keysTitle !== undefined;
  return (
    <section
      ref={box}
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
      tabIndex={0}
      className="min-h-0 overflow-auto border-b border-line bg-surface -outline-offset-2"
    >
      <table className="w-full border-collapse text-left max-md:block">
        <thead className="table-head sticky top-0 max-md:sr-only">
          <tr>
            {heads.map((head, i) => (
              <th
                key={head}
                scope="col"
                className={`h-7 px-4 font-medium whitespace-nowrap ${right.includes(i) ? 'text-right' : ''}`}
              >
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="max-md:block">
          {rows.map((row) => (
            <tr
              key={row.key}
              className={`border-t border-line hover:bg-sunken max-md:block max-md:py-2 ${opens ? 'cursor-pointer focus-within:bg-accent-bg focus-within:shadow-[inset_2px_0_0_var(--accent)]' : ''}`}
              onClick={(event) => {
                const missed = event.target instanceof Element && !event.target.closest('a, button, input');
                if (opens && missed) event.currentTarget.querySelector('a')?.click();
              }}
            >
              {row.cells.map((cell, i) => (
                <td
                  key={heads[i]}
                  data-head={heads[i]}
                  className={`h-[var(--row)] max-w-[420px] px-4 py-1 ${right.includes(i) ? 'md:text-right' : ''} max-md:grid max-md:h-auto max-md:max-w-none max-md:grid-cols-[88px_minmax(0,1fr)] max-md:py-0.5 max-md:break-words max-md:before:text-text-3 max-md:before:content-[attr(data-head)]`}
                >
                  <div className="min-w-0 max-md:[&_*]:!whitespace-normal">{cell}</div>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
