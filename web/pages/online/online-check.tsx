import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { OnlineEvaluationBody, ResponseBody } from '@wheelhouse/sdk';
import { useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { count, dateTime, plural } from '../../data/format.ts';
import { onlineCheckQuery } from '../../data/online-queries.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { May } from '../../parts/may.tsx';
import { ErrorText, Loading } from '../../parts/request-state.tsx';

type Check = ResponseBody<'checkOnlineEvaluation'>;

const percent = (value: number) => `${(value * 100).toFixed(1)} %`;
const least = 30;

/** Two marks on one line from 0 to 1: what the scorer says, and what people would say, with its interval. */
function Marks({ raw, estimate, interval }: Check['score']) {
  if (raw === null) return null;
  const at = (value: number) => 10 + 580 * value;
  return (
    <svg viewBox="0 0 600 44" className="w-full" role="img" aria-label="What the scorer says beside what people say">
      <line x1="10" x2="590" y1="22" y2="22" stroke="var(--color-line)" />
      {interval !== null && (
        <line
          x1={at(interval.low)}
          x2={at(interval.high)}
          y1="22"
          y2="22"
          stroke="var(--color-vb)"
          strokeWidth="4"
          strokeLinecap="round"
        />
      )}
      <circle cx={at(raw)} cy="22" r="6" fill="var(--color-va)" />
      {estimate !== null && (
        <rect x={at(estimate) - 5} y="17" width="10" height="10" fill="var(--color-vb)" stroke="var(--color-surface)" />
      )}
    </svg>
  );
}

function Numbers({ check: { scorer, since, until, score } }: { check: Check }) {
  const { rows, labels, raw, estimate, interval, labelsWanted, worthLabels } = score;
  return (
    <div className="flex flex-col gap-1">
      <p className="text-text-2">
        {plural(rows, 'trace')} scored by <code className="mono text-text">{scorer}</code> from {dateTime(since)} to{' '}
        {dateTime(until)}.
      </p>
      <Marks {...score} />
      <p>
        <span className="text-va">●</span> The scorer says{' '}
        <b className="font-semibold">{raw === null ? 'nothing' : percent(raw)}</b>.
      </p>
      <p>
        <span className="text-vb">■</span>{' '}
        {estimate === null || interval === null ? (
          `What people would say is not known with ${plural(labels, 'label')}; ${least} are the least.`
        ) : (
          <>
            People would say <b className="font-semibold">{percent(estimate)}</b>, from {percent(interval.low)} to{' '}
            {percent(interval.high)}, going by {plural(labels, 'label')}
            {worthLabels !== null && worthLabels > labels && ` that tell as much as ${count(worthLabels)} alone`}.
          </>
        )}
      </p>
      {labelsWanted !== null && labelsWanted > labels && (
        <p className="text-text-2">{count(labelsWanted)} labels in all would tell it to ± 5 points.</p>
      )}
    </div>
  );
}

/** What a scorer says of all, beside what people say of some that were drawn; and which to label next. */
export function OnlineCheck({ online: { name }, onClose }: { online: OnlineEvaluationBody; onClose: () => void }) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const [more, setMore] = useState('30');
  const { data: check, error, isPending } = useQuery(onlineCheckQuery(client, name));
  const draw = useMutation({
    mutationFn: (anew: boolean) =>
      client.call('drawOnlineLabels', { params: { online: name }, body: { count: Number(more), anew } }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['online-check', name] }),
  });
  return (
    <Dialog title={`${name}, checked by people`} onClose={onClose} width={680}>
      {isPending && <Loading what="what people say" />}
      {error && <ErrorText error={error} />}
      {check && (
        <div className="flex flex-col gap-4">
          <Numbers check={check} />
          <section aria-labelledby="next" className="flex flex-col gap-2">
            <h3 id="next" className="font-medium">
              To label next
            </h3>
            <p className="text-text-2">
              Drawn by chance, those of which the scorer is in doubt more often: so few labels correct it well, and one
              that errs where it is sure is found out, too.
            </p>
            <ul className="flex flex-col">
              {check.suggestions.map(({ traceId, value, isQueued }) => (
                <li key={traceId} className="flex min-h-6 flex-wrap items-baseline gap-x-3">
                  <Link to="/traces/$traceId" params={{ traceId }} className="link mono underline">
                    {traceId.slice(0, 8)}
                  </Link>
                  <span className="mono">{value.toFixed(2)}</span>
                  {isQueued && <span className="text-text-3">in the queue</span>}
                </li>
              ))}
            </ul>
            {check.suggestions.length === 0 && <p className="text-text-3">Nothing was scored yet.</p>}
            <May call="drawOnlineLabels">
              <form
                className="flex flex-wrap items-center gap-2"
                onSubmit={(event) => {
                  event.preventDefault();
                  draw.mutate(false);
                }}
              >
                <label className="flex items-center gap-2">
                  Put
                  <input
                    type="number"
                    min="1"
                    max="500"
                    required
                    aria-label="How many more"
                    className="field !w-20"
                    value={more}
                    onChange={(event) => setMore(event.target.value)}
                  />
                  more into
                </label>
                <Link to="/review/$queue" params={{ queue: check.queue }} className="link mono underline">
                  {check.queue}
                </Link>
                <button type="submit" className="btn btn-primary" disabled={draw.isPending}>
                  {draw.isPending ? 'Drawing …' : 'Draw'}
                </button>
                {check.isDrawn && (
                  <button
                    type="button"
                    className="btn"
                    title="From the scores of the last 30 days until now, in the place of these"
                    disabled={draw.isPending}
                    onClick={() => draw.mutate(true)}
                  >
                    Draw anew
                  </button>
                )}
              </form>
            </May>
            {draw.data && (
              <p role="status">
                ✓ {count(draw.data.added)} added.{' '}
                <Link to="/review/$queue" params={{ queue: draw.data.queue }} className="link underline">
                  Label them
                </Link>
              </p>
            )}
            {draw.error && <ErrorText error={draw.error} />}
          </section>
        </div>
      )}
    </Dialog>
  );
}
