import type { ReactNode } from 'react';

type Row = { key: string; cells: ReactNode[] };

/** A short table; it scrolls sideways by itself where the window is narrower than it. */
export function DataTable({ label, heads, rows }: { label: string; heads: string[]; rows: Row[] }) {
  return (
    <section
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
      tabIndex={0}
      className="min-h-0 overflow-auto border-b border-line bg-surface -outline-offset-2"
    >
      <table className="w-full border-collapse text-left">
        <thead className="table-head sticky top-0">
          <tr>
            {heads.map((head) => (
              <th key={head} scope="col" className="h-7 px-4 font-medium whitespace-nowrap">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.key} className="border-t border-line hover:bg-sunken">
              {row.cells.map((cell, i) => (
                <td key={heads[i]} className="h-[var(--row)] max-w-[420px] px-4 py-1">
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
