import { useQuery } from '@tanstack/react-query';
import type { TraceSummaryBody } from '@wheelhouse/sdk';
import { Search } from 'lucide-react';
import { type RefObject, useEffect, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { modelsQuery, type TraceSearch } from '../../data/queries.ts';

const settleMs = 250;

type TraceFiltersProps = {
  box: RefObject<HTMLInputElement | null>;
  search: TraceSearch;
  rows: TraceSummaryBody[];
  onChange: (search: TraceSearch) => void;
};

function TextBox({ box, search, onChange }: Omit<TraceFiltersProps, 'rows'>) {
  const wanted = search.text ?? '';
  const [text, setText] = useState(wanted);
  useEffect(() => setText(wanted), [wanted]);
  useEffect(() => {
    if (text === wanted) return;
    const timer = setTimeout(() => onChange({ ...search, text }), settleMs);
    return () => clearTimeout(timer);
  }, [text, wanted, search, onChange]);
  return (
    <div className="relative min-w-40 flex-1 md:max-w-80">
      <Search
        size={13}
        strokeWidth={1.75}
        aria-hidden="true"
        className="pointer-events-none absolute top-2 left-2 text-text-3"
      />
      <input
        ref={box}
        type="search"
        aria-label="Filter by words in name, input or output"
        placeholder="Filter by words"
        className="field pl-7"
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape' || event.key === 'Enter') event.currentTarget.blur();
        }}
      />
    </div>
  );
}

/** Everything that narrows the list; its only state is the URL. */
export function TraceFilters({ box, search, rows, onChange }: TraceFiltersProps) {
  const { client } = useData();
  const registered = useQuery(modelsQuery(client)).data ?? [];
  const seen = rows.flatMap((row) => (row.model === null ? [] : [row.model]));
  const models = [...new Set([search.model ?? '', ...registered.map((model) => model.name), ...seen])]
    .filter((name) => name !== '')
    .sort();
  return (
    <search className="flex flex-1 flex-wrap items-center gap-2 max-md:order-last max-md:basis-full">
      <TextBox box={box} search={search} onChange={onChange} />
      <select
        aria-label="Status"
        className="field !w-auto"
        value={search.status ?? ''}
        onChange={(event) => onChange({ ...search, status: event.target.value as 'ok' })}
      >
        <option value="">any status</option>
        <option value="ok">ok</option>
        <option value="error">error</option>
        <option value="unset">unset</option>
      </select>
      <select
        aria-label="Model"
        className="field !w-auto max-w-48"
        value={search.model ?? ''}
        onChange={(event) => onChange({ ...search, model: event.target.value })}
      >
        <option value="">any model</option>
        {models.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </search>
  );
}
