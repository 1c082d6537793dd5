import { Link } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useEffect, useRef } from 'react';
import { useCopyLink } from './copy-link.tsx';
import { useShortcuts } from './shortcuts.tsx';
import { useRowHeight } from './use-row-height.ts';
import { useWidth } from './use-width.ts';

export type Column<Row> = {
  name: string;
  /** As a track of a CSS grid. */
  width: string;
  cell: (row: Row) => ReactNode;
  /** Numbers stand right. */
  right?: boolean;
  /** Shown where the table has at least so much room, in pixels. */
  least?: number;
};

type VirtualTableProps<Row> = {
  label: string;
  rows: Row[];
  columns: Column<Row>[];
  keyOf: (row: Row) => string;
  /** Where a row leads; the first column is the link. */
  hrefOf: (row: Row) => string;
  more: boolean;
  onMore: () => void;
  /** The title under which its keys are listed. */
  keysTitle: string;
};

/** A table of any length, of which only the rows in sight are in the page; each row leads somewhere. */
export function VirtualTable<Row>(props: VirtualTableProps<Row>) {
  const { label, rows, columns, keyOf, hrefOf, more, onMore, keysTitle } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const width = useWidth(scroller);
  const height = useRowHeight('--row');
  const shown = columns.filter((column) => width >= (column.least ?? 0));
  const gridTemplateColumns = shown.map((column) => column.width).join(' ');
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 8,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new height is what makes old measures wrong.
  useEffect(() => virtualizer.measure(), [height, virtualizer]);
  const items = virtualizer.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (more && last >= rows.length - 10) onMore();
  }, [last, rows.length, more, onMore]);

  const copyLink = useCopyLink();
  const at = () => Number(document.activeElement?.closest('[data-index]')?.getAttribute('data-index') ?? -1);
  const move = (step: number) => {
    const next = Math.max(0, Math.min(rows.length - 1, at() < 0 ? 0 : at() + step));
    virtualizer.scrollToIndex(next);
    // The row may only now come into the page.
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-index="${next}"] a`)?.focus());
  };
  useShortcuts(keysTitle, [
    { keys: 'j', label: 'next', hint: true, run: () => move(1) },
    { keys: 'k', label: 'previous', hint: true, run: () => move(-1) },
    {
      keys: 'y',
      label: 'copy link',
      run: () => {
        const row = rows[at()];
        copyLink(row === undefined ? undefined : location.origin + hrefOf(row));
      },
    },
  ]);
  return (
    <div
      ref={scroller}
      role="table"
      aria-label={label}
      aria-rowcount={more ? -1 : rows.length + 1}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
      tabIndex={0}
      className="min-h-60 min-w-0 flex-1 overflow-auto bg-surface -outline-offset-2 [scroll-padding-top:32px]"
    >
      <div role="rowgroup" className="table-head sticky top-0 z-10 min-w-fit">
        <div role="row" aria-rowindex={1} className="grid h-7 items-center" style={{ gridTemplateColumns }}>
          {shown.map(({ name, right }) => (
            <div role="columnheader" key={name} className={`truncate px-2 ${right ? 'text-right' : ''}`}>
              {name}
            </div>
          ))}
        </div>
      </div>
      <div role="rowgroup" className="relative min-w-fit" style={{ height: virtualizer.getTotalSize() }}>
        {items.map((item) => {
          const row = rows[item.index];
          if (row === undefined) return null;
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the link in the row is what keys reach.
            <div
              key={keyOf(row)}
              role="row"
              aria-rowindex={item.index + 2}
              data-index={item.index}
              tabIndex={-1}
              className="absolute left-0 grid w-full cursor-pointer items-center border-b border-line focus-within:bg-accent-bg focus-within:shadow-[inset_2px_0_0_var(--accent)] hover:bg-sunken"
              style={{ height, gridTemplateColumns, transform: `translateY(${item.start}px)` }}
              onClick={(event) => {
                const missed = event.target instanceof Element && !event.target.closest('a, button');
                if (missed) event.currentTarget.querySelector('a')?.click();
              }}
            >
              {shown.map((column, i) => (
                <span role="cell" key={column.name} className={`truncate px-2 ${column.right ? 'text-right' : ''}`}>
                  {i === 0 ? (
                    <Link to={hrefOf(row)} className="link">
                      {column.cell(row)}
                    </Link>
                  ) : (
                    column.cell(row)
                  )}
                </span>
              ))}
            </div>
          );
        })}
      </div>
    </div>
  );
}
