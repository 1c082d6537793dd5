import { Link } from '@tanstack/react-router';
import type { OptimizationBody } from '@wheelhouse/sdk';
import type { ReactNode } from 'react';
import { count, dateTime, plural, usd } from '../../data/format.ts';
import { jsonText } from '../../data/safe-json.ts';

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-text-3">{name}</dt>
      <dd className="said min-w-0">{children}</dd>
    </>
  );
}

/** What says nothing, such as a teacher that is not another one, is left out. */
const isSaid = ([, value]: [string, unknown]) => value !== null && jsonText(value) !== '{}';
const optionText = ([key, value]: [string, unknown]) => `${key} ${typeof value === 'string' ? value : jsonText(value)}`;

/** How it was asked for, so that it can be told what its numbers mean. */
export function Settings({ optimization }: { optimization: OptimizationBody }) {
  const { registered, program, model, proposer, optimizer, scorers, rows, budget, seed, turn } = optimization;
  const limits = [
    ...(budget.costNanoUsd === null ? [] : [usd(budget.costNanoUsd)]),
    ...(budget.calls === null ? [] : [plural(budget.calls, 'call')]),
    ...(budget.minutes === null ? [] : [plural(budget.minutes, 'minute')]),
  ];
  return (
    <section aria-label="Settings" className="min-w-0 border-b border-line p-4">
      <h2 className="mb-2 font-semibold">Settings</h2>
      <dl className="grid grid-cols-[96px_minmax(0,1fr)] gap-y-1">
        <Fact name="Program">
          {registered === null ? (
            program
          ) : (
            <Link
              to="/models/$name"
              params={{ name: registered.name }}
              search={{ version: registered.version }}
              className="link underline"
            >
              {program}
            </Link>
          )}
        </Fact>
        <Fact name="Model">
          <span className="mono">{model}</span>
          {proposer !== null && proposer !== model && (
            <>
              , instructions by <span className="mono">{proposer}</span>
            </>
          )}
        </Fact>
        <Fact name="Optimizer">
          <span className="mono">
            {[optimizer.name, ...Object.entries(optimizer.options).filter(isSaid).map(optionText)].join(', ')}
          </span>
        </Fact>
        <Fact name="Scorers">
          {scorers.length === 0 ? 'a function where it runs' : <span className="mono">{scorers.join(', ')}</span>}
        </Fact>
        {rows !== null && (
          <Fact name="Rows">
            {count(rows.train)} to train, {count(rows.validation)} to choose by, {count(rows.heldOut)} held out
          </Fact>
        )}
        <Fact name="Budget">{limits.join(', ')}</Fact>
        <Fact name="Seed">{seed}</Fact>
        <Fact name="Where">{optimization.place === 'server' ? 'on the server' : 'where it was started'}</Fact>
        {turn > 0 && <Fact name="Resumed">{turn === 1 ? 'once' : plural(turn, 'time')}</Fact>}
        <Fact name="Started">
          {dateTime(optimization.startedAt ?? optimization.createdAt)}, {optimization.author}
        </Fact>
        {optimization.finishedAt !== null && <Fact name="Ended">{dateTime(optimization.finishedAt)}</Fact>}
      </dl>
    </section>
  );
}
