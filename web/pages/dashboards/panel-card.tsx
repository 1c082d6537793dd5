import type { PanelBody } from '@wheelhouse/sdk';
import { EllipsisVertical, GripVertical, Table2 } from 'lucide-react';
import { type KeyboardEvent, type PointerEvent, useRef, useState } from 'react';
import { useMay } from '../../data/access-queries.ts';
import { sizeAt } from '../../data/panel-places.ts';
import { Menu, type MenuItem } from '../../parts/menu.tsx';
import { useSeen } from '../../parts/use-seen.ts';
import { type Asked, type Cursor, hasRows, PanelView } from './panel-view.tsx';

/** Pixels of a row of the grid, and between them. */
export const rowHeight = 112;
export const gridGap = 12;

export type PanelActions = {
  move: (step: number) => void;
  placeOn: (id: string) => void;
  resize: (by: { wider?: number; taller?: number }) => void;
  size: (size: Pick<PanelBody, 'width' | 'height'>) => void;
  edit: () => void;
  copy: () => void;
  remove: () => void;
  /** null: no monitor measures that. */
  monitor: (() => void) | null;
};

type PanelCardProps = Cursor & { panel: PanelBody; asked: Asked; actions: PanelActions };

/** What the keys on a panel's handle do. */
function keyed({ key, shiftKey }: KeyboardEvent, { move, resize, edit, remove }: PanelActions): (() => void) | null {
  const [side, up] = [
    { ArrowLeft: -1, ArrowRight: 1 }[key as 'ArrowLeft' | 'ArrowRight'],
    { ArrowUp: -1, ArrowDown: 1 }[key as 'ArrowUp' | 'ArrowDown'],
  ];
  if (side !== undefined) return () => (shiftKey ? resize({ wider: side }) : move(side));
  if (up !== undefined) return () => (shiftKey ? resize({ taller: up }) : move(up));
  if (key === 'Delete' || key === 'Backspace') return remove;
  return key === 'Enter' ? edit : null;
}

const panelUnder = ({ clientX, clientY }: PointerEvent): string | null =>
  document.elementFromPoint(clientX, clientY)?.closest<HTMLElement>('[data-panel]')?.dataset.panel ?? null;

/** Takes the panel to another place: with the pointer, or with the keys. */
function Handle({
  panel,
  actions,
  onOver,
}: Pick<PanelCardProps, 'panel' | 'actions'> & { onOver: (id: string | null) => void }) {
  const held = useRef(false);
  return (
    <button
      type="button"
      className="btn btn-quiet btn-icon -ml-2 cursor-grab touch-none active:cursor-grabbing"
      aria-label={`Arrange ${panel.title}`}
      aria-keyshortcuts="ArrowLeft ArrowRight Shift+ArrowLeft Shift+ArrowRight Shift+ArrowUp Shift+ArrowDown Enter Delete"
      title="Drag, or: ← → move · Shift + arrows resize · Enter change · Delete remove"
      onPointerDown={(event) => {
        held.current = true;
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={(event) => {
        if (held.current) onOver(panelUnder(event));
      }}
      onPointerUp={(event) => {
        const id = held.current ? panelUnder(event) : null;
        held.current = false;
        onOver(null);
        if (id !== null && id !== panel.id) actions.placeOn(id);
      }}
      onPointerCancel={() => {
        held.current = false;
        onOver(null);
      }}
      onKeyDown={(event) => {
        const run = keyed(event, actions);
        if (run === null) return;
        event.preventDefault();
        event.stopPropagation();
        run();
      }}
    >
      <GripVertical size={13} strokeWidth={1.75} />
    </button>
  );
}

/** The corner that sizes a panel with the pointer; the keys of its handle do the same. */
function Corner({ panel, onSize, onDone }: { panel: PanelBody; onSize: (size: Size) => void; onDone: () => void }) {
  const held = useRef(false);
  const sized = (event: PointerEvent<HTMLSpanElement>): Size | null => {
    const card = event.currentTarget.closest('[data-panel]')?.getBoundingClientRect();
    const grid = event.currentTarget.closest('[data-grid]')?.getBoundingClientRect();
    if (!card || !grid) return null;
    const column = (grid.width + gridGap) / 12;
    const [across, down] = [event.clientX - card.left + gridGap, event.clientY - card.top + gridGap];
    return sizeAt({ columns: across / column, rows: down / (rowHeight + gridGap) }, panel);
  };
  return (
    <span
      aria-hidden="true"
      className="absolute right-0 bottom-0 hidden size-4 cursor-nwse-resize touch-none border-r-2 border-b-2 border-line-strong opacity-0 group-hover:opacity-100 lg:block"
      onPointerDown={(event) => {
        held.current = true;
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={(event) => {
        const size = held.current ? sized(event) : null;
        if (size) onSize(size);
      }}
      onPointerUp={() => {
        held.current = false;
        onDone();
      }}
      onPointerCancel={() => {
        held.current = false;
        onDone();
      }}
    />
  );
}
type Size = Pick<PanelBody, 'width' | 'height'>;

function menuOf(actions: PanelActions): MenuItem[] {
  return [
    { label: 'Change …', run: actions.edit },
    { label: 'Copy', run: actions.copy },
    ...(actions.monitor ? [{ label: 'Watch it with a monitor …', run: actions.monitor }] : []),
    { label: 'Earlier', run: () => actions.move(-1) },
    { label: 'Later', run: () => actions.move(1) },
    { label: 'Wider', run: () => actions.resize({ wider: 1 }) },
    { label: 'Narrower', run: () => actions.resize({ wider: -1 }) },
    { label: 'Taller', run: () => actions.resize({ taller: 1 }) },
    { label: 'Lower', run: () => actions.resize({ taller: -1 }) },
    { label: 'Remove', run: actions.remove },
  ];
}

/** One panel in its place. */
export function PanelCard({ panel, asked, actions, ...cursor }: PanelCardProps) {
  const mayEdit = useMay()('setDashboard');
  const [asTable, setAsTable] = useState(false);
  const card = useRef<HTMLElement>(null);
  const isSeen = useSeen(card);
  /** Where it would go, and what size it would have, while the pointer holds it. */
  const [over, setOver] = useState<string | null>(null);
  const [drawn, setDrawn] = useState<Size | null>(null);
  const { width, height } = drawn ?? panel;
  const style = { '--columns': width, '--rows': height } as React.CSSProperties;
  const chartHeight = height * (rowHeight + gridGap) - gridGap - 66;
  return (
    <section
      ref={card}
      aria-label={panel.title}
      data-panel={panel.id}
      className={`card group relative flex min-w-0 flex-col overflow-hidden max-lg:col-span-12 lg:[grid-column:span_var(--columns)] [grid-row:span_var(--rows)] ${over !== null ? 'opacity-60' : ''}`}
      style={style}
    >
      <div className="flex min-h-9 flex-none items-center gap-1 px-3 pt-1">
        {mayEdit && <Handle panel={panel} actions={actions} onOver={setOver} />}
        <h2 className="min-w-0 flex-1 truncate text-sm text-text-2" title={panel.title}>
          {panel.title}
        </h2>
        {hasRows(panel) && (
          <button
            type="button"
            className="btn btn-quiet btn-icon"
            aria-label={`${panel.title} as a table`}
            aria-pressed={asTable}
            title="As a table"
            onClick={() => setAsTable(!asTable)}
          >
            <Table2 size={13} strokeWidth={1.75} />
          </button>
        )}
        {mayEdit && (
          <Menu
            trigger={
              <button type="button" className="btn btn-quiet btn-icon" aria-label={`More of ${panel.title}`}>
                <EllipsisVertical size={13} strokeWidth={1.75} />
              </button>
            }
            items={menuOf(actions)}
          />
        )}
      </div>
      <PanelView
        {...{ panel, asked, asTable, isSeen, ...cursor }}
        height={Math.max(90, chartHeight)}
        onError={
          mayEdit && (
            <button type="button" className="btn" onClick={actions.edit}>
              Change the panel
            </button>
          )
        }
      />
      {mayEdit && (
        <Corner
          panel={panel}
          onSize={setDrawn}
          onDone={() => {
            if (drawn) actions.size(drawn);
            setDrawn(null);
          }}
        />
      )}
    </section>
  );
}
