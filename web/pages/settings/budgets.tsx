import { type ControlScope, eachSubject } from '@wheelhouse/core/records';
import type { GatewayUsageBody } from '@wheelhouse/sdk';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useMay } from '../../data/access-queries.ts';
import { useData } from '../../data/data-context.tsx';
import { count, dateTime, usd } from '../../data/format.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { Snippet } from '../../parts/copy-button.tsx';
import { NeedsRole } from '../../parts/needs-role.tsx';
import { Pill } from '../../parts/pill.tsx';
import { Section, TableCard } from './section.tsx';
import { type Subjects, useSubjects } from './use-subjects.ts';

type Budget = GatewayUsageBody['budgets'][number];
type Limit = GatewayUsageBody['limits'][number];

const mostShown = 3;
const per = { day: 'a day', week: 'a week', month: 'a month', total: 'in all' };

const tones = { ok: 'var(--good)', alert: 'var(--warn)', used: 'var(--bad)' };

type MeterProps = { label: string; used: number; held: number; most: number; state: keyof typeof tones; text: string };

/** How much of an amount is gone; what running calls hold is hatched. */
function Meter({ label, used, held, most, state, text }: MeterProps) {
  const share = (value: number) => `${Math.min(100, most === 0 ? 100 : (value / most) * 100)}%`;
  return (
    <div className="min-w-32 py-0.5">
      <div className="flex justify-between gap-x-3">
        {label !== '' && <span className="min-w-0 truncate text-text-2">{label}</span>}
        <span className="whitespace-nowrap">{text}</span>
      </div>
      <div
        role="meter"
        aria-label={`${label} ${text}`.trim()}
        aria-valuemin={0}
        aria-valuemax={most}
        aria-valuenow={Math.min(used, most)}
        className="relative mt-0.5 h-1.5 overflow-hidden rounded-1 bg-sunken"
        style={{ ['--bar' as string]: tones[state], ['--hatch' as string]: tones[state] }}
      >
        <span
          className="bar absolute inset-y-0 left-0"
          style={{ width: `max(${share(used)}, ${used > 0 ? 2 : 0}px)` }}
        />
        <span className="hatched absolute inset-y-0" style={{ left: share(used), width: share(held) }} />
      </div>
    </div>
  );
}

const More = ({ all }: { all: number }) =>
  all > mostShown ? <p className="text-text-3">and {count(all - mostShown)} more</p> : null;

const labelOf = (subjects: Subjects, row: { scope: ControlScope; subject: string }, subject: string) =>
  row.subject === eachSubject ? subjects.name(row.scope, subject) : '';

function Spent({ budget, subjects }: { budget: Budget; subjects: Subjects }) {
  const most = Number(budget.amountNanoUsd);
  if (budget.usedBy.length === 0) return <span className="text-text-3">nothing yet</span>;
  return (
    <>
      {budget.usedBy.slice(0, mostShown).map(({ subject, spentNanoUsd, reservedNanoUsd, state }) => (
        <Meter
          key={subject}
          label={labelOf(subjects, budget, subject)}
          used={Number(spentNanoUsd)}
          held={Number(reservedNanoUsd)}
          most={most}
          state={state}
          text={`${usd(spentNanoUsd)} of ${usd(budget.amountNanoUsd)}`}
        />
      ))}
      <More all={budget.usedBy.length} />
    </>
  );
}

function BudgetState({ budget }: { budget: Budget }) {
  const worst = (['used', 'alert'] as const).find((state) => budget.usedBy.some((one) => one.state === state));
  if (worst === 'used') return <Pill tone="bad">✕ used up</Pill>;
  if (worst === 'alert') return <Pill tone="warn">▲ near its end</Pill>;
  return <Pill tone="good">✓ has room</Pill>;
}

type Removing<Row> = { row: Row; close(): void };

function RemoveBudget({ row, close, title }: Removing<Budget> & { title: string }) {
  const { client } = useData();
  return (
    <Confirm
      title="Remove this budget?"
      action="Remove"
      run={() => client.call('removeBudget', { params: { budgetId: row.id } })}
      done="The budget is removed"
      changes={['gateway-usage']}
      onClose={close}
    >
      {usd(row.amountNanoUsd)} {per[row.period]} for {title}: calls are not held to it from then on, and what was spent
      of it is forgotten.
    </Confirm>
  );
}

/** What calls may cost, with what they cost so far. */
export function Budgets({ budgets, onAdd }: { budgets: Budget[]; onAdd: () => void }) {
  const may = useMay();
  const subjects = useSubjects();
  const [ending, setEnding] = useState<Budget | null>(null);
  const mayChange = may('setBudget');
  return (
    <Section
      title="Budgets"
      text="What calls may cost. A hard one refuses a call that could pass it; a soft one is marked and logged."
      actions={
        mayChange && (
          <button type="button" className="btn" onClick={onAdd}>
            <Plus size={13} strokeWidth={1.75} aria-hidden="true" />
            Set a budget
          </button>
        )
      }
    >
      {budgets.length === 0 ? (
        <div className="card p-3">
          <p className="mb-2 text-text-2">No budgets: calls may cost what they cost. From a terminal:</p>
          <Snippet code="wheelhouse budget set project --usd 500" label="Set a first budget" />
        </div>
      ) : (
        <TableCard
          label="All budgets"
          heads={['For', 'Amount', 'Spent', 'State', 'Begins anew', 'Change']}
          rows={budgets.map((budget) => ({
            key: budget.id,
            cells: [
              <span key="for" className="font-medium break-words">
                {subjects.title(budget)}
              </span>,
              <span key="amount">
                <span className="whitespace-nowrap">
                  {usd(budget.amountNanoUsd)} {per[budget.period]}
                </span>
                <span className="block text-text-3">{budget.hard ? 'hard' : 'soft'}</span>
              </span>,
              <Spent key="spent" budget={budget} subjects={subjects} />,
              <BudgetState key="state" budget={budget} />,
              <span key="end" className="whitespace-nowrap text-text-2">
                {budget.periodEnd === null ? 'never' : dateTime(budget.periodEnd)}
              </span>,
              mayChange ? (
                <button
                  key="remove"
                  type="button"
                  className="btn !min-h-6"
                  aria-label={`Remove the budget for ${subjects.title(budget)}`}
                  onClick={() => setEnding(budget)}
                >
                  Remove
                </button>
              ) : (
                ''
              ),
            ],
          }))}
        />
      )}
      <NeedsRole of="setBudget" what="Setting budgets" />
      {ending && <RemoveBudget row={ending} title={subjects.title(ending)} close={() => setEnding(null)} />}
    </Section>
  );
}

const measures = [
  { most: 'requestsPerMinute', used: 'requests', text: 'requests a minute' },
  { most: 'tokensPerMinute', used: 'tokens', text: 'tokens a minute' },
  { most: 'parallelCalls', used: 'parallel', text: 'calls at once' },
] as const;

const limitState = (used: number, most: number) => (used >= most ? 'used' : used >= most * 0.8 ? 'alert' : 'ok');

function Taken({ limit, subjects }: { limit: Limit; subjects: Subjects }) {
  if (limit.usedBy.length === 0) return <span className="text-text-3">nothing in the last minute</span>;
  return (
    <>
      {limit.usedBy.slice(0, mostShown).flatMap((row) =>
        measures.flatMap(({ most, used }) => {
          const top = limit[most];
          if (top === null) return [];
          const label = [labelOf(subjects, limit, row.subject), used].filter((part) => part !== '').join(', ');
          return (
            <Meter
              key={`${row.subject} ${used}`}
              label={label}
              used={row[used]}
              held={0}
              most={top}
              state={limitState(row[used], top)}
              text={`${count(row[used])} of ${count(top)}`}
            />
          );
        }),
      )}
      <More all={limit.usedBy.length} />
    </>
  );
}

/** How fast calls may come, with how fast they come. */
export function Limits({ limits, onAdd }: { limits: Limit[]; onAdd: () => void }) {
  const { client } = useData();
  const may = useMay();
  const subjects = useSubjects();
  const [ending, setEnding] = useState<Limit | null>(null);
  const mayChange = may('setLimit');
  return (
    <Section
      title="Limits"
      text="How many calls and tokens there may be in any minute, and how many calls at the same time."
      actions={
        mayChange && (
          <button type="button" className="btn" onClick={onAdd}>
            <Plus size={13} strokeWidth={1.75} aria-hidden="true" />
            Set a limit
          </button>
        )
      }
    >
      {limits.length === 0 ? (
        <div className="card p-3">
          <p className="mb-2 text-text-2">No limits: calls come as fast as they come. From a terminal:</p>
          <Snippet code="wheelhouse limit set key '*' --rpm 600 --parallel 20" label="Set a first limit" />
        </div>
      ) : (
        <TableCard
          label="All limits"
          heads={['For', 'At most', 'Taken', 'Change']}
          rows={limits.map((limit) => ({
            key: limit.id,
            cells: [
              <span key="for" className="font-medium break-words">
                {subjects.title(limit)}
              </span>,
              <ul key="most">
                {measures.flatMap(({ most, text }) => {
                  const top = limit[most];
                  return top === null ? [] : <li key={most}>{`${count(top)} ${text}`}</li>;
                })}
              </ul>,
              <Taken key="taken" limit={limit} subjects={subjects} />,
              mayChange ? (
                <button
                  key="remove"
                  type="button"
                  className="btn !min-h-6"
                  aria-label={`Remove the limit for ${subjects.title(limit)}`}
                  onClick={() => setEnding(limit)}
                >
                  Remove
                </button>
              ) : (
                ''
              ),
            ],
          }))}
        />
      )}
      <NeedsRole of="setLimit" what="Setting limits" />
      {ending && (
        <Confirm
          title="Remove this limit?"
          action="Remove"
          run={() => client.call('removeLimit', { params: { limitId: ending.id } })}
          done="The limit is removed"
          changes={['gateway-usage']}
          onClose={() => setEnding(null)}
        >
          Calls of {subjects.title(ending)} are not held to it from then on.
        </Confirm>
      )}
    </Section>
  );
}
