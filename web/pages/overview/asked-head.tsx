import type { RefObject } from 'react';
import { type OverviewSearch, ranges } from '../../data/overview-search.ts';
import type { Shortcut } from '../../parts/shortcuts.tsx';
import { withoutTime } from '../traces/edit-filter.ts';
import { FilterBox } from '../traces/filter-box.tsx';
import { askedOf } from './asked-of.ts';

type Asking = Pick<OverviewSearch, 'q' | 'range'>;
type AskedProps<Search> = { search: Search; onChange: (next: Search) => void };

/** The times to choose from. While the filter says another none of them is chosen; choosing one takes that out of it. */
export function Ranges<Search extends Asking>({ search, onChange }: AskedProps<Search>) {
  const { ownTime } = askedOf(search);
  const range = ownTime ? null : (search.range ?? '24h');
  const q = ownTime ? withoutTime(search.q ?? '') || undefined : search.q;
  return (
    <fieldset className="flex gap-1">
      <legend className="sr-only">Time</legend>
      {ranges.map((one) => (
        <button
          key={one}
          type="button"
          className={`btn ${one === range ? '' : 'btn-quiet'}`}
          aria-pressed={one === range}
          onClick={() => onChange({ ...search, q, range: one === '24h' ? undefined : one })}
        >
          {one}
        </button>
      ))}
    </fieldset>
  );
}

type Box = RefObject<HTMLInputElement | null>;

/** Beside the title: which traces the page is of. */
export function HeadFilter<Search extends Asking>({ search, box, onChange }: AskedProps<Search> & { box: Box }) {
  return (
    <div className="flex min-w-0 flex-1 items-center max-lg:order-last max-lg:basis-full">
      <FilterBox box={box} q={search.q ?? ''} onChange={(next) => onChange({ ...search, q: next || undefined })} />
    </div>
  );
}

/** The keys of both. */
export const askedKeys = <Search extends Asking>({
  search,
  box,
  onChange,
}: AskedProps<Search> & { box: Box }): Shortcut[] => [
  { keys: '/', label: 'filter', hint: true, run: () => box.current?.focus() },
  ...ranges.map((range, i) => ({
    ...{ keys: String(i + 1), label: `last ${range}` },
    run: () => onChange({ ...search, range }),
  })),
];
