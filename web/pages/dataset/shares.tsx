import type { DatasetHealthBody } from '@wheelhouse/sdk';
import { count } from '../../data/format.ts';

type Bars = NonNullable<DatasetHealthBody['lengths']['input']>;

/** How often lengths occur; the numbers below say the same. */
export function Histogram({ title, histogram }: { title: string; histogram: Bars | null }) {
  if (histogram === null) return null;
  const { counts, least, most, median } = histogram;
  const highest = Math.max(...counts, 1);
  const width = 100 / counts.length;
  return (
    <section aria-label={title} className="min-w-0 p-4">
      <h2 className="mb-2 font-semibold">{title}</h2>
      <svg viewBox="0 0 100 40" preserveAspectRatio="none" className="h-16 w-full" aria-hidden="true">
        {counts.map((times, i) => (
          <rect
            // biome-ignore lint/suspicious/noArrayIndexKey: bars do not move.
            key={i}
            x={i * width + 0.2}
            y={40 - (times / highest) * 40}
            width={Math.max(0.2, width - 0.4)}
            height={(times / highest) * 40}
            fill="var(--text-3)"
          />
        ))}
      </svg>
      <p className="mono mt-1 flex justify-between text-text-3">
        <span>{count(least)}</span>
        <span>median {count(Math.round(median))}</span>
        <span>{count(most)} characters</span>
      </p>
    </section>
  );
}

type SharesProps = { title: string; shares: { name: string; rows: number }[]; of: number };

const shown = 8;

/** How the rows are spread over the values of something. */
export function Shares({ title, shares, of }: SharesProps) {
  if (shares.length === 0) return null;
  return (
    <section aria-label={title} className="min-w-0 p-4">
      <h2 className="mb-2 font-semibold">{title}</h2>
      <ul className="flex flex-col gap-1">
        {shares.slice(0, shown).map(({ name, rows }) => (
          <li key={name} className="relative flex min-h-6 items-center gap-2 px-2">
            <span
              aria-hidden="true"
              className="absolute inset-y-0 left-0 rounded-1 bg-sunken"
              style={{ width: `${(rows / Math.max(of, 1)) * 100}%` }}
            />
            <span className="relative min-w-0 truncate">{name}</span>
            <span className="mono relative ml-auto text-text-2">{count(rows)}</span>
          </li>
        ))}
      </ul>
      {shares.length > shown && <p className="mt-1 text-text-3">and {count(shares.length - shown)} more</p>}
    </section>
  );
}
