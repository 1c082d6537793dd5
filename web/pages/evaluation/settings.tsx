import type { EvaluationBody } from '@wheelhouse/sdk';
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

/** How it was run, so that it can be told what its numbers mean. */
export function Settings({ evaluation }: { evaluation: EvaluationBody }) {
  const { rows, scorers, repetitions, concurrency, rollout, capNanoUsd, cached, place, metadata } = evaluation;
  const some = [
    ...(rows.split === null ? [] : [`split ${rows.split}`]),
    ...(rows.tag === null ? [] : [`tag ${rows.tag}`]),
    ...(rows.first === null ? [] : [`the first ${count(rows.first)}`]),
  ];
  return (
    <section aria-label="Settings" className="min-w-0 border-line p-4 max-lg:border-t lg:border-l">
      <h2 className="mb-2 font-semibold">Settings</h2>
      <dl className="grid grid-cols-[96px_minmax(0,1fr)] gap-y-1">
        <Fact name="Rows">{some.length === 0 ? 'all' : some.join(', ')}</Fact>
        <Fact name="Scorers">
          <span className="mono">{scorers.join(', ')}</span>
        </Fact>
        <Fact name="Repetitions">{count(repetitions)}</Fact>
        <Fact name="At one time">{plural(concurrency, 'call')}</Fact>
        <Fact name="Where">{place === 'server' ? 'on the server' : 'where it was started'}</Fact>
        {capNanoUsd !== null && <Fact name="Cap">{usd(capNanoUsd)}</Fact>}
        {rollout !== null && (
          <Fact name="Rollout">
            {rollout}, {plural(cached, 'answer')} taken from before
          </Fact>
        )}
        <Fact name="Started">{dateTime(evaluation.startedAt ?? evaluation.createdAt)}</Fact>
        {evaluation.finishedAt !== null && <Fact name="Ended">{dateTime(evaluation.finishedAt)}</Fact>}
        {Object.entries(metadata).map(([name, value]) => (
          <Fact key={name} name={name}>
            {typeof value === 'string' ? value : jsonText(value)}
          </Fact>
        ))}
      </dl>
    </section>
  );
}
