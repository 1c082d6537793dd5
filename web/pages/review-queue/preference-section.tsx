import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ResponseBody, ReviewQueueBody } from '@wheelhouse/sdk';
import { useData } from '../../data/data-context.tsx';
import { count, plural } from '../../data/format.ts';
import { preferencesQuery } from '../../data/review-queries.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { ErrorText } from '../../parts/request-state.tsx';
import { Section } from './section.tsx';

type Group = ResponseBody<'getReviewPreferences'>['groups'][number];
type Run = Group['runs'][number];

/** Odds as a share: what a strength against the average run comes to. */
const shareOf = (strength: number) => 1 / (1 + Math.exp(-strength));
const percent = (value: number) => `${(value * 100).toFixed(0)} %`;

function Places({ ranked, of }: { ranked: Run['ranked']; of: number }) {
  if (ranked === null) return <span className="text-text-3">–</span>;
  const { best, worst } = ranked.places;
  return <span className="mono">{best === worst ? `${best} of ${of}` : `${best} to ${worst} of ${of}`}</span>;
}

function Strength({ ranked }: { ranked: Run['ranked'] }) {
  if (ranked === null) return <span className="text-text-3">ten rows at least</span>;
  return (
    <span className="mono whitespace-nowrap">
      {percent(shareOf(ranked.strength))}{' '}
      <span className="text-text-3">
        {percent(shareOf(ranked.interval.low))} to {percent(shareOf(ranked.interval.high))}
      </span>
    </span>
  );
}

/** Whether people like what stands left. */
function sideText({ leftAdvantage }: Group): string | null {
  if (leftAdvantage === null) return null;
  const { low, high } = leftAdvantage.interval;
  if (low <= 0 && high >= 0) return 'No habit of choosing one side is seen.';
  const side = low > 0 ? 'left' : 'right';
  return `People choose the ${side} side more often than they should; that is taken out of these numbers.`;
}

function GroupTable({ group }: { group: Group }) {
  const side = sideText(group);
  return (
    <div>
      <p className="mb-2 text-text-2">
        {plural(group.rows, 'row')} of{' '}
        <Link to="/experiments/$evaluationId" params={{ evaluationId: group.evaluationId }} className="link underline">
          the evaluation
        </Link>
        . {side}
      </p>
      <DataTable
        label="Preferences"
        heads={['Run', 'Preferred', 'The same', 'Not preferred', 'Chance against the average run, 95 %', 'Place']}
        right={[1, 2, 3]}
        rows={group.runs.map(({ runId, label, wins, ties, losses, ranked }) => ({
          key: runId,
          cells: [
            <span key="label">{label}</span>,
            ...[wins, ties, losses].map((times, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a number is its column.
              <span key={i} className="mono">
                {count(times)}
              </span>
            )),
            <Strength key="strength" ranked={ranked} />,
            <Places key="places" ranked={ranked} of={group.runs.length} />,
          ],
        }))}
      />
    </div>
  );
}

/** Which run people prefer. */
export function PreferenceSection({ queue }: { queue: ReviewQueueBody }) {
  const { client } = useData();
  const { data, error } = useQuery(preferencesQuery(client, queue.name));
  return (
    <Section title="Which do people prefer?">
      {error && <ErrorText error={error} />}
      {data?.groups.length === 0 && <p className="text-text-2">No pair is labelled yet.</p>}
      <div className="flex flex-col gap-4">
        {data?.groups.map((group) => (
          <GroupTable key={group.runs.map(({ runId }) => runId).join()} group={group} />
        ))}
      </div>
    </Section>
  );
}
