import { Link } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import type { ExampleBody } from '@wheelhouse/sdk';
import { Pencil, Trash2 } from 'lucide-react';
import { memo, useEffect, useRef } from 'react';
import { asText, dateTime, exampleText } from '../../data/format.ts';
import { keepInSight } from '../../parts/keep-in-sight.ts';
import { Pill } from '../../parts/pill.tsx';
import { useNarrow, useRowHeight } from '../../parts/use-row-height.ts';

const columns =
  'grid-cols-[minmax(0,1fr)_minmax(0,1fr)_minmax(0,180px)_104px_72px] max-md:grid-cols-[minmax(0,1fr)_72px]';
const headHeight = 28;

type RowProps = {
  example: ExampleBody;
  index: number;
  top: number;
  height: number;
  current: boolean;
  onCurrent: (id: string) => void;
  /** null: a frozen version does not change. */
  onEdit: ((example: ExampleBody) => void) | null;
  onRemove: (example: ExampleBody) => void;
};

/** The split first, since it says what the row is for. */
function Labels({ example: { split, tags, weight } }: { example: ExampleBody }) {
  return (
    <>
      {split !== null && (
        <span className="mr-1.5" title="Split">
          <Pill tone="accent">{split}</Pill>
        </span>
      )}
      <span className="text-text-2" title={tags.join(', ')}>
        {tags.join(', ')}
      </span>
      {weight !== 1 && (
        <span className="mono text-text-3" title="Weight">
          {' '}
          ×{weight}
        </span>
      )}
    </>
  );
}

const ExampleRow = memo(function ExampleRow(props: RowProps) {
  const { example, index, top, height, current, onCurrent, onEdit, onRemove } = props;
  const expected = asText(example.expected);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: j and k move, through the shortcut registry.
    <div
      role="row"
      id={`example-${example.id}`}
      tabIndex={-1}
      aria-rowindex={index + 2}
      aria-selected={current}
      className={`absolute left-0 grid w-full items-center border-b border-line hover:bg-sunken aria-selected:bg-accent-bg ${columns}`}
      style={{ height, transform: `translateY(${top}px)` }}
      onClick={() => onCurrent(example.id)}
    >
      <span role="gridcell" className="min-w-0 truncate px-4">
        {example.erasedAt === null ? (
          exampleText(example.input)
        ) : (
          <span className="text-text-3" title="Its trace was deleted, and its content with it. Its place stays.">
            ✕ erased {dateTime(example.erasedAt)}
          </span>
        )}
        <span className="block truncate text-text-3 md:hidden">{expected}</span>
      </span>
      <span role="gridcell" className="truncate px-4 text-text-2 max-md:hidden">
        {expected === '' ? (
          <span className="text-text-3">{example.erasedAt === null ? 'nothing expected' : '–'}</span>
        ) : (
          expected
        )}
      </span>
      <span role="gridcell" className="truncate px-4 max-md:hidden">
        <Labels example={example} />
      </span>
      <span role="gridcell" className="truncate px-4 max-md:hidden">
        {example.source && example.erasedAt !== null ? (
          <span className="mono text-text-3 line-through" title="This trace was deleted">
            {example.source.traceId.slice(0, 8)}
          </span>
        ) : example.source ? (
          <Link
            to="/traces/$traceId"
            params={{ traceId: example.source.traceId }}
            search={{ span: example.source.spanId }}
            preload={false}
            className="link mono"
          >
            {example.source.traceId.slice(0, 8)}
          </Link>
        ) : (
          <span className="text-text-3" title="Not made of a trace">
            –
          </span>
        )}
      </span>
      <span role="gridcell" className="flex justify-end pr-2">
        {onEdit && (
          <>
            {example.erasedAt === null && (
              <button
                type="button"
                className="btn btn-quiet btn-icon"
                aria-label="Edit this example"
                title="Edit (e)"
                onClick={() => onEdit(example)}
              >
                <Pencil size={13} strokeWidth={1.75} />
              </button>
            )}
            <button
              type="button"
              className="btn btn-quiet btn-icon"
              aria-label="Remove this example"
              title="Remove from the draft"
              onClick={() => onRemove(example)}
            >
              <Trash2 size={13} strokeWidth={1.75} />
            </button>
          </>
        )}
      </span>
    </div>
  );
});

type ExampleListProps = {
  examples: ExampleBody[];
  current: string | null;
  more: boolean;
  onMore: () => void;
  onCurrent: (id: string) => void;
  onEdit: ((example: ExampleBody) => void) | null;
  onRemove: (example: ExampleBody) => void;
};

export function ExampleList(props: ExampleListProps) {
  const { examples, current, more, onMore, onCurrent, onEdit, onRemove } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const narrow = useNarrow();
  const normal = useRowHeight('--row');
  const height = narrow ? 56 : normal;
  const virtualizer = useVirtualizer({
    count: examples.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    getItemKey: (index) => examples[index]?.id ?? index,
    overscan: 8,
  });
  const items = virtualizer.getVirtualItems();
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new height is what makes old measures wrong.
  useEffect(() => virtualizer.measure(), [height, virtualizer]);
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (more && last >= examples.length - 20) onMore();
  }, [last, examples.length, more, onMore]);
  const at = examples.findIndex((example) => example.id === current);
  // biome-ignore lint/correctness/useExhaustiveDependencies: scrolls when another row becomes current, not when rows move.
  useEffect(() => {
    if (at >= 0) keepInSight(scroller.current, { index: at, height, head: headHeight });
  }, [current]);
  return (
    <div
      ref={scroller}
      role="grid"
      aria-label="Examples"
      aria-rowcount={more ? -1 : examples.length + 1}
      aria-activedescendant={at >= 0 ? `example-${current}` : undefined}
      tabIndex={0}
      className="min-h-60 flex-1 overflow-auto bg-surface -outline-offset-2"
    >
      <div role="rowgroup" className="table-head sticky top-0 z-10">
        <div role="row" aria-rowindex={1} className={`grid h-7 items-center ${columns}`}>
          {['Input', 'Expected', 'Labels', 'Source', 'Actions'].map((head, i) => (
            <div
              key={head}
              role="columnheader"
              tabIndex={-1}
              className={`px-4 ${i > 0 && i < 4 ? 'max-md:hidden' : ''}`}
            >
              {i === 4 ? <span className="sr-only">{head}</span> : head}
            </div>
          ))}
        </div>
      </div>
      <div role="rowgroup" className="relative" style={{ height: virtualizer.getTotalSize() }}>
        {items.map((item) => {
          const example = examples[item.index];
          return example ? (
            <ExampleRow
              key={item.key}
              example={example}
              index={item.index}
              top={item.start}
              height={height}
              current={example.id === current}
              onCurrent={onCurrent}
              onEdit={onEdit}
              onRemove={onRemove}
            />
          ) : null;
        })}
      </div>
    </div>
  );
}
