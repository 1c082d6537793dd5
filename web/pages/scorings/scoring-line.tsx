import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ScoringBody } from '@wheelhouse/sdk';
import { useData } from '../../data/data-context.tsx';
import { count, dateTime, plural, usd } from '../../data/format.ts';
import { isScoring } from '../../data/scoring-queries.ts';
import { DoneBar } from '../../parts/done-bar.tsx';
import { May } from '../../parts/may.tsx';
import { Pill } from '../../parts/pill.tsx';
import { ErrorText } from '../../parts/request-state.tsx';

const looks = {
  queued: { tone: 'accent', glyph: '…' },
  running: { tone: 'accent', glyph: '…' },
  completed: { tone: 'good', glyph: '✓' },
  failed: { tone: 'bad', glyph: '✕' },
  cancelled: { tone: 'mute', glyph: '■' },
} as const;

/** What was scored: a link to the list, with the filter and the scores. */
function Targets({ scoring: { of, span, q, total, sample } }: { scoring: ScoringBody }) {
  const chosen = [span.kind, span.name].filter((one) => one !== null).join(':');
  const search = { ...(q === '' ? {} : { q }), ...(of === 'sessions' ? { group: 'session' as const } : {}) };
  return (
    <span className="flex min-w-0 flex-wrap items-baseline gap-x-2">
      <Link to="/traces" search={search} className="link font-medium">
        {plural(total, of.slice(0, -1))}
        {chosen !== '' && ` ${chosen}`}
      </Link>
      {q !== '' && <code className="mono min-w-0 break-words">{q}</code>}
      {sample < 1 && <span className="text-text-2">{Number((sample * 100).toPrecision(4))} % of them</span>}
    </span>
  );
}

/** The traces that have a score of this name. */
const withScore = (q: string, name: string) =>
  `${q === '' ? '' : `(${q}) `}has:score.${/^\w+$/.test(name) ? name : JSON.stringify(name)}`;

/** By what; of traces a link to those that were scored. */
function Scorers({ scoring: { of, q, scorers } }: { scoring: ScoringBody }) {
  return (
    <ul aria-label="Scorers" className="flex flex-wrap gap-x-3">
      {scorers.map(({ name, label }) => (
        <li key={name} className="mono max-w-full truncate" title={label}>
          {of === 'traces' ? (
            <Link to="/traces" search={{ q: withScore(q, name) }} className="link underline">
              {name}
            </Link>
          ) : (
            name
          )}
          {label !== name && <span className="text-text-3"> {label}</span>}
        </li>
      ))}
    </ul>
  );
}

function Counts({ scoring }: { scoring: ScoringBody }) {
  const { done, total, scored, kept, failed, costNanoUsd, capNanoUsd } = scoring;
  return (
    <span className="text-text-2">
      {isScoring(scoring) && `${count(done)} of ${count(total)} looked at, `}
      {plural(scored, 'score')} given
      {kept > 0 && `, ${count(kept)} there already`}
      {failed > 0 && <span className="text-bad">, ✕ {count(failed)} could not be given</span>}, judges cost{' '}
      <span className="mono">{usd(costNanoUsd)}</span>
      {capNanoUsd !== null && (
        <>
          , stops at <span className="mono">{usd(capNanoUsd)}</span>
        </>
      )}
    </span>
  );
}

function Problems({ scoring: { of, problems, failed } }: { scoring: ScoringBody }) {
  return (
    <details>
      <summary className="min-h-6 leading-6 text-text-2">
        {failed > problems.length ? `The first ${count(problems.length)} that could not be scored` : 'Why not'}
      </summary>
      <ul className="mt-1 max-h-60 overflow-auto">
        {problems.map(({ target, scorer, error }) => (
          <li key={`${target} ${scorer}`} className="flex flex-wrap items-baseline gap-x-2">
            {of === 'sessions' ? (
              <Link to="/sessions/$sessionId" params={{ sessionId: target }} className="link mono">
                {target}
              </Link>
            ) : (
              <Link to="/traces/$traceId" params={{ traceId: target.split('/')[0] ?? target }} className="link mono">
                {target.slice(0, 8)}
              </Link>
            )}
            <span className="mono text-text-3">{scorer}</span>
            <span className="said min-w-0">{error}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}

/** One scoring: of what, by what, how far it is, and what could not be scored. */
export function ScoringLine({ scoring }: { scoring: ScoringBody }) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const { id, status, done, total, error, problems, requestedAt, requestedBy } = scoring;
  const stop = useMutation({
    mutationFn: () => client.call('cancelScoring', { params: { scoringId: id } }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['scorings'] }),
  });
  const { tone, glyph } = looks[status];
  return (
    <div className="flex flex-col gap-1">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Pill tone={tone}>
          {glyph} {status}
        </Pill>
        <Targets scoring={scoring} />
        <span className="ml-auto text-text-3">
          {dateTime(requestedAt)}, {requestedBy}
        </span>
        {isScoring(scoring) && (
          <May call="cancelScoring">
            <button
              type="button"
              className="btn"
              disabled={stop.isPending}
              title="The scores that it gave stay"
              onClick={() => stop.mutate()}
            >
              {stop.isPending ? 'Stopping …' : 'Stop'}
            </button>
          </May>
        )}
      </div>
      <Scorers scoring={scoring} />
      {isScoring(scoring) && <DoneBar label="Scored" done={done} total={total} />}
      <Counts scoring={scoring} />
      {error !== null && <p className="said text-bad">✕ {error}</p>}
      {stop.error && <ErrorText error={stop.error} />}
      {problems.length > 0 && <Problems scoring={scoring} />}
    </div>
  );
}
