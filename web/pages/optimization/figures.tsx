import type { OptimizationBody } from '@wheelhouse/sdk';
import type { ReactNode } from 'react';
import { count, plural, seconds, usd } from '../../data/format.ts';
import { unitOf } from '../../data/measures.ts';

const share = unitOf('score').value;

function Figure({ name, value, children }: { name: string; value: string; children: ReactNode }) {
  return (
    <div className="min-w-0 border-line px-4 py-3 @max-[560px]:not-first:border-t @min-[560px]:not-first:border-l">
      <dt className="text-xs text-text-3">{name}</dt>
      <dd>
        <span className="mono text-2xl font-semibold">{value}</span>
        <span className="block min-h-5 text-sm text-text-2">{children}</span>
      </dd>
    </div>
  );
}

/** Three numbers: how good the best is, how fast, and what all of it costs. */
export function Figures({ optimization }: { optimization: OptimizationBody }) {
  const { score, candidates, bestId, spend, budget } = optimization;
  const best = candidates.find(({ id }) => id === bestId);
  const start = candidates[0];
  const measured = best?.score ?? null;
  return (
    <dl className="grid border-b border-line bg-surface @min-[560px]:grid-cols-3">
      <Figure name="Score of the best" value={score.best === null ? '–' : share(score.best)}>
        {measured !== null && measured.low !== null && measured.high !== null && (
          <span className="mono">
            [{share(measured.low)}, {share(measured.high)}]{' '}
          </span>
        )}
        {measured !== null && `on ${plural(measured.rows, 'row')}`}
        {score.start !== null && `${measured === null ? '' : ', '}was ${share(score.start)}`}
      </Figure>
      <Figure name="Latency of the best" value={latencyOf(best?.latencyMs)}>
        {best !== start && start?.latencyMs != null && `was ${latencyOf(start.latencyMs)}`}
      </Figure>
      <Figure name="Spent" value={usd(spend.costNanoUsd)}>
        {budget.costNanoUsd !== null && `of ${usd(budget.costNanoUsd)}, `}
        {budget.calls === null
          ? plural(spend.calls, 'call')
          : `${count(spend.calls)} of ${plural(budget.calls, 'call')}`}
        {spend.tokens !== null &&
          spend.tokens.input + spend.tokens.output > 0 &&
          `, ${count(spend.tokens.input)} → ${count(spend.tokens.output)} tokens`}
      </Figure>
    </dl>
  );
}

const latencyOf = (ms: number | null | undefined) => (ms === null || ms === undefined ? '–' : seconds(ms / 1000));
