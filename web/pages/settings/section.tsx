import { type ReactNode, useId } from 'react';
import { DataTable } from '../../parts/data-table.tsx';

type SectionProps = { title: string; text?: ReactNode; actions?: ReactNode; children: ReactNode };

export function Section({ title, text, actions, children }: SectionProps) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="flex flex-col gap-2">
      <div className="flex flex-wrap items-end gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1 basis-64">
          <h2 id={id} className="text-lg font-semibold">
            {title}
          </h2>
          {text && <p className="text-text-2">{text}</p>}
        </div>
        {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
      </div>
      {children}
    </section>
  );
}

/** A table on a card of its own; without its last column where nothing stands in it. */
export function TableCard({ heads, rows, ...rest }: Parameters<typeof DataTable>[0]) {
  const cut = rows.every((row) => row.cells.at(-1) === '') ? -1 : undefined;
  const shown = rows.map((row) => ({ ...row, cells: row.cells.slice(0, cut) }));
  return (
    <div className="card overflow-hidden [&>section]:border-b-0">
      <DataTable {...rest} heads={heads.slice(0, cut)} rows={shown} />
    </div>
  );
}
