import { Link } from '@tanstack/react-router';
import type { SeriesBody } from '@wheelhouse/sdk';
import { count, duration, usd } from '../../data/format.ts';
import { groupings, type OverviewSearch } from '../../data/overview-search.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { ErrorText } from '../../parts/request-state.tsx';
import { ChangeText } from './change-text.tsx';
import { type Change, isNew, tooFew } from './changes.ts';
import { type Group, groupName, lookOf, type Measures, measures, measuresBefore, short } from './measures.ts';

type By = NonNullable<OverviewSearch['by']>;

const heads = ['', 'Count', 'Errors', 'p50', 'p90', 'p99', 'First token p50', 'Tokens', 'Cost'];

type BreakdownProps = {
  series: SeriesBody | undefined;
  error: Error | null;
  by: By;
  split: boolean;
  onBy: (by: By) => void;
  onSplit: (split: boolean) => void;
  hrefOf: (value: string) => string;
};

/** Beside the period before; null when there is nothing to say, or too little in it. */
function changeOf(id: string, name: string, { now, before }: { now: Measures; before: Measures | null }) {
  if (before === null || before.count === 0 || tooFew(now.count, before.count, '') !== null) return null;
  const figure = measures.find((one) => one.id === id)?.figures.find((one) => one.name === name);
  const change = figure?.change(now, before) ?? null;
  return change?.silent ? null : change;
}

type CellOptions = { index: number; split: boolean; href: string | null; before: Measures | null };

function cellsOf(group: Group, options: CellOptions) {
  const { latency, firstToken, ...total } = group.total;
  const { index, split, href, before } = options;
  const both = { now: group.total, before };
  const look = lookOf(index);
  const name = groupName(group);
  const right = (text: string, key: string, change: Change | null = null) => (
    <span key={key} className="flex flex-col items-end">
      <span className="mono whitespace-nowrap">{text}</span>
      {change && <ChangeText change={change} />}
    </span>
  );
  const errors = changeOf('errors', 'failed', both);
  return [
    <span key="name" className="flex items-center gap-2">
      {split && (
        <svg width="14" height="4" aria-hidden="true" className="flex-none">
          <line x1="0" x2="14" y1="2" y2="2" stroke={look.color} strokeWidth="2" strokeDasharray={look.dash} />
        </svg>
      )}
      {href === null ? (
        <span className="text-text-2">{name}</span>
      ) : (
        <Link to={href} className={`link ${group.value === '' ? 'italic' : ''}`}>
          {name}
        </Link>
      )}
    </span>,
    right(count(total.count), 'count', before?.count === 0 ? isNew : changeOf('count', 'count', both)),
    <span key="errors" className="flex flex-col items-end">
      <span className={`mono whitespace-nowrap ${total.errors > 0 ? 'text-bad' : ''}`}>
        {total.errors > 0 ? `✕ ${count(total.errors)} · ${((total.errors / total.count) * 100).toFixed(1)} %` : '–'}
      </span>
      {errors && <ChangeText change={errors} />}
    </span>,
    right(latency ? duration(latency.p50) : '–', 'p50', changeOf('latency', 'p50', both)),
    right(latency ? duration(latency.p90) : '–', 'p90', changeOf('latency', 'p90', both)),
    right(latency ? duration(latency.p99) : '–', 'p99', changeOf('latency', 'p99', both)),
    right(firstToken ? duration(firstToken.p50) : '–', 'first', changeOf('first', 'p50', both)),
    right(`${short(total.inputTokens)} → ${short(total.outputTokens)}`, 'tokens'),
    right(
      `${usd(total.costNanoUsd)}${total.unpriced > 0 && total.costNanoUsd !== null ? '+?' : ''}`,
      'cost',
      changeOf('cost', 'cost', both),
    ),
  ];
}

/** The same figures by group, each a step from its traces. */
export function Breakdown({ series, error, by, split, onBy, onSplit, hrefOf }: BreakdownProps) {
  return (
    <section aria-label="By group" className="card mt-3 overflow-hidden">
      <div className="flex flex-wrap items-center gap-2 border-b border-line px-3 py-2">
        <h2 className="text-sm text-text-2">By</h2>
        <select
          aria-label="Group by"
          className="field !w-auto"
          value={by}
          onChange={(event) => onBy(event.target.value as By)}
        >
          {groupings.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
        <button type="button" className="btn ml-auto" aria-pressed={split} onClick={() => onSplit(!split)}>
          Split the charts <kbd>s</kbd>
        </button>
      </div>
      {error && !series && (
        <div className="p-3">
          <ErrorText error={error} />
        </div>
      )}
      {!error && !series && (
        <div role="status" className="flex flex-col gap-3 p-3">
          <span className="sr-only">Loading groups …</span>
          <div className="skeleton h-4" />
          <div className="skeleton h-4" />
          <div className="skeleton h-4" />
        </div>
      )}
      {series && series.groups.length === 0 && <p className="p-3 text-text-3">Nothing in this time.</p>}
      {series && series.groups.length > 0 && (
        <div className="overflow-x-auto [&>section]:border-b-0">
          <DataTable
            label={`By ${by}`}
            heads={[by, ...heads.slice(1)]}
            right={[1, 2, 3, 4, 5, 6, 7, 8]}
            rows={series.groups.map((group, index) => ({
              key: group.rest ? 'rest' : (group.value ?? 'all'),
              cells: cellsOf(group, {
                index,
                split,
                before: measuresBefore(series, group),
                href: group.rest || group.value === null ? null : hrefOf(group.value),
              }),
            }))}
          />
        </div>
      )}
    </section>
  );
}
