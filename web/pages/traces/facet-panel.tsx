import { useQuery } from '@tanstack/react-query';
import type { TextField } from '@wheelhouse/core/records';
import type { FacetsBody } from '@wheelhouse/sdk';
import { useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { count } from '../../data/format.ts';
import { facetsQuery } from '../../data/trace-queries.ts';
import { useFollow } from '../../data/use-follow.ts';
import { ErrorText } from '../../parts/request-state.tsx';
import { asksForRuns, chosenValues, toggleRuns, toggleValue } from './edit-filter.ts';

type Section = { field: TextField; title: string; open: boolean };

const sections: Section[] = [
  { field: 'status', title: 'Status', open: true },
  { field: 'model', title: 'Model', open: true },
  { field: 'name', title: 'Name', open: true },
  { field: 'kind', title: 'Kind', open: true },
  { field: 'service', title: 'Service', open: true },
  { field: 'environment', title: 'Environment', open: true },
  { field: 'tag', title: 'Tag', open: true },
  { field: 'tool', title: 'Tool', open: false },
  { field: 'user', title: 'User', open: false },
  { field: 'provider', title: 'Provider', open: false },
  { field: 'release', title: 'Release', open: false },
];
const few = 8;
const many = 50;
/** While new traces arrive, counts follow at this pace. */
const followMs = 10_000;

type Facet = FacetsBody['facets'][number];

type ValuesProps = { facet: Facet; q: string; onChange: (q: string) => void };

function Values({ facet, q, onChange }: ValuesProps) {
  const { field } = facet;
  const chosen = chosenValues(q, field);
  const listed = new Set(facet.values.map((one) => one.value));
  const missing = [...chosen].filter((value) => !listed.has(value)).map((value) => ({ value, count: 0 }));
  const most = Math.max(1, ...facet.values.map((one) => one.count));
  return [...facet.values, ...missing].map(({ value, count: n }) => (
    <li key={value}>
      <button
        type="button"
        aria-pressed={chosen.has(value)}
        title={value || 'These traces do not say'}
        className="relative flex min-h-6 w-full items-center gap-2 rounded-1 px-2 text-left text-sm hover:bg-surface aria-pressed:bg-accent-bg aria-pressed:font-medium"
        onClick={() => onChange(toggleValue(q, field, value))}
      >
        <span
          aria-hidden="true"
          className="absolute inset-y-0.5 left-0 rounded-1 bg-line opacity-50"
          style={{ width: `${(n / most) * 100}%` }}
        />
        <span aria-hidden="true" className="relative w-3 flex-none text-xs">
          {chosen.has(value) ? '✓' : ''}
        </span>
        <span className={`relative min-w-0 flex-1 truncate ${value === '' ? 'text-text-2 italic' : ''}`}>
          {value || 'not said'}
        </span>
        <span className="mono relative flex-none text-xs text-text-2">{count(n)}</span>
      </button>
    </li>
  ));
}

type FacetPanelProps = { q: string; onChange: (q: string) => void };

/** How the traces that fit are spread; a click narrows to a value, another takes it back. */
export function FacetPanel({ q, onChange }: FacetPanelProps) {
  const { client } = useData();
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  const [long, setLong] = useState<ReadonlySet<string>>(new Set());
  const isOpen = (section: Section) => section.open !== toggled.has(section.field);
  const fields = sections.filter(isOpen).map((section) => section.field);
  const query = useQuery(facetsQuery(client, { q, fields, limit: long.size > 0 ? many : few }));
  useFollow(query.refetch, followMs);
  const flip = (set: ReadonlySet<string>, field: string) => {
    const next = new Set(set);
    if (!next.delete(field)) next.add(field);
    return next;
  };
  const byField = new Map(query.data?.facets.map((facet) => [facet.field, facet]));
  return (
    <aside
      aria-label="Facets"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
      tabIndex={0}
      className="w-56 flex-none overflow-auto border-r border-line bg-bg py-1 -outline-offset-2 max-lg:hidden"
    >
      {query.error && !query.data && (
        <div className="p-2">
          <ErrorText error={query.error} />
        </div>
      )}
      {query.isPending && <FacetSkeleton />}
      {query.data &&
        sections.map((section) => {
          const { field, title } = section;
          const facet = byField.get(field);
          const open = isOpen(section);
          const says = facet?.values.some((one) => one.value !== '') || chosenValues(q, field).size > 0;
          // What no trace says anything about only takes room.
          if (open && section.open && facet && !says) return null;
          const shown = facet && { ...facet, values: facet.values.slice(0, long.has(field) ? many : few) };
          const hidden = facet && (facet.more || facet.values.length > few);
          return (
            <section key={field} aria-label={title} className="px-2 py-1">
              <h2>
                <button
                  type="button"
                  aria-expanded={open}
                  className="flex min-h-6 w-full items-center gap-1 px-1 text-xs font-medium text-text-2"
                  onClick={() => setToggled(flip(toggled, field))}
                >
                  <span aria-hidden="true" className="w-3 text-text-3">
                    {open ? '▾' : '▸'}
                  </span>
                  {title}
                </button>
              </h2>
              {open && shown && (
                <ul>
                  <Values facet={shown} q={q} onChange={onChange} />
                </ul>
              )}
              {open && facet && !says && <p className="px-2 text-sm text-text-3">No trace says.</p>}
              {open && hidden && (
                <button type="button" className="link min-h-6 px-2 text-sm" onClick={() => setLong(flip(long, field))}>
                  {long.has(field) ? 'fewer' : 'more'}
                </button>
              )}
            </section>
          );
        })}
      {query.data && (
        <section aria-label="Evaluations" className="mt-2 border-t border-line px-2 py-2">
          <button
            type="button"
            aria-pressed={asksForRuns(q)}
            title="Calls that evaluations made are left out otherwise"
            className="flex min-h-6 w-full items-center gap-2 rounded-1 px-2 text-left text-sm hover:bg-surface aria-pressed:bg-accent-bg aria-pressed:font-medium"
            onClick={() => onChange(toggleRuns(q))}
          >
            <span aria-hidden="true" className="w-3 flex-none text-xs">
              {asksForRuns(q) ? '✓' : ''}
            </span>
            calls of evaluations
          </button>
        </section>
      )}
    </aside>
  );
}

function FacetSkeleton() {
  return (
    <div role="status" className="p-3">
      <span className="sr-only">Loading facets …</span>
      {[64, 128, 96, 72, 64, 112, 88, 104].map((width, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: grey bars are all there is.
        <div key={i} aria-hidden="true" className="skeleton mb-3 h-3" style={{ width }} />
      ))}
    </div>
  );
}
