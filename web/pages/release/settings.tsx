import { Link } from '@tanstack/react-router';
import { formatUsd } from '@wheelhouse/core/records';
import type { ReleaseBody } from '@wheelhouse/sdk';
import type { ReactNode } from 'react';
import { count, dateTime } from '../../data/format.ts';
import { callsBehind, percent, railRule } from '../../data/release-words.ts';

const movingText = ({ floor, ceiling }: NonNullable<ReleaseBody['allocation']>): string =>
  `between ${percent(floor)} and ${percent(ceiling)}, by how likely it is that nothing is lost`;

const rampText = ({ steps, sticky, shadow, allocation }: ReleaseBody): string =>
  shadow !== null
    ? `${percent(steps[0]?.share ?? 0)} of the calls are copied; of each ${sticky} the first counts`
    : `${allocation === null ? shareText(steps, sticky) : movingText(allocation)}, by ${sticky}`;

const shareText = (steps: ReleaseBody['steps'], sticky: ReleaseBody['sticky']): string =>
  steps
    .map(({ share, after }) => (after === 0 ? percent(share) : `${percent(share)} from ${count(after)} ${sticky}s on`))
    .join(', ');

function Row({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt className="text-xs text-text-3">{name}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </div>
  );
}

/** What it was started with. */
export function Settings({ release }: { release: ReleaseBody }) {
  const { risks, minimum, promotesItself, rails, startedBy, startedAt, seenUntil, examples, id } = release;
  const { model, incumbent, candidate, shadow } = release;
  return (
    <section aria-label="Settings" className="border-line p-4 max-xl:border-t xl:border-l">
      <h2 className="mb-2 font-semibold">Settings</h2>
      <dl className="flex flex-col gap-2">
        <Row name="What changed">
          <Link
            to="/models/$name"
            params={{ name: model }}
            search={{ version: candidate, against: incumbent }}
            className="link underline"
          >
            v{candidate} against v{incumbent}
          </Link>
        </Row>
        <Row name="Calls">
          <span className="flex flex-wrap gap-x-3">
            {(['incumbent', 'candidate'] as const).map((arm) => (
              <Link key={arm} to="/traces" search={{ q: callsBehind(release, arm) ?? '' }} className="link underline">
                traces of v{release[arm]}
              </Link>
            ))}
          </span>
        </Row>
        <Row name="Traffic">{rampText(release)}</Row>
        {shadow !== null && (
          <Row name="What copies may cost">
            {shadow.budgetNanoUsd === null
              ? 'as much as the project may spend'
              : formatUsd(BigInt(shadow.budgetNanoUsd))}
          </Row>
        )}
        <Row name="Watched">
          {rails.length === 0 ? (
            'nothing'
          ) : (
            <ul>
              {rails.map((rail) => (
                <li key={rail.name}>
                  <span className="font-medium">{rail.name}</span>{' '}
                  <span className="text-sm text-text-2">{railRule(rail)}</span>
                </li>
              ))}
            </ul>
          )}
        </Row>
        <Row name="Risks">
          {percent(risks.falseRollback)} false rollback, {percent(risks.missedRegression)} missed regression
        </Row>
        <Row name="Before a promotion">{count(minimum)} values of each rail, on both sides</Row>
        <Row name="When nothing is worse">
          {shadow !== null
            ? 'somebody starts its canary'
            : promotesItself
              ? 'promoted by itself'
              : 'somebody promotes it'}
        </Row>
        {examples !== null && (
          <Row name="Calls that fail">
            drafts of{' '}
            <Link to="/datasets/$name" params={{ name: examples.dataset }} className="link underline">
              {examples.dataset}
            </Link>
            , when it is rolled back
          </Row>
        )}
        <Row name="Started">
          {dateTime(startedAt)}, {startedBy}
        </Row>
        <Row name="Looked at until">{dateTime(seenUntil)}</Row>
        <Row name="Id">
          <span className="mono text-sm">{id}</span>
        </Row>
      </dl>
    </section>
  );
}
