import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { OnlineEvaluationBody } from '@wheelhouse/sdk';
import { useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { count, dateTime, plural, usd } from '../../data/format.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { May } from '../../parts/may.tsx';
import { Pill } from '../../parts/pill.tsx';
import { ErrorText } from '../../parts/request-state.tsx';

const looks = {
  on: { tone: 'good', glyph: '✓', text: 'on' },
  paused: { tone: 'mute', glyph: '■', text: 'paused' },
  spent: { tone: 'warn', glyph: '–', text: 'spent for today' },
  failing: { tone: 'bad', glyph: '✕', text: 'failing' },
} as const;

const nouns = { traces: 'traces', spans: 'spans', sessions: 'sessions', follow_ups: 'follow-ups' } as const;
const followUps = ['regenerated', 'rephrased', 'settled'];

/** The traces that have a score of this name. */
const withScore = (q: string, name: string) =>
  `${q === '' ? '' : `(${q}) `}has:score.${/^\w+$/.test(name) ? name : JSON.stringify(name)}`;

function What({ online: { of, q, sample, scorers, span } }: { online: OnlineEvaluationBody }) {
  const names = of === 'follow_ups' ? followUps.map((name) => ({ name, label: name })) : scorers;
  const which = [span.kind, span.name].filter((part) => part !== null).join(' ');
  return (
    <div className="flex flex-wrap items-baseline gap-x-2">
      <span className="text-text-2">
        {sample < 1 && `${Number((sample * 100).toPrecision(4))} % of `}
        {which !== '' && `${which} `}
        {nouns[of]}
      </span>
      {q !== '' && <code className="mono min-w-0 break-words">{q}</code>}
      <span className="text-text-3">by</span>
      <ul aria-label="Scores" className="flex flex-wrap gap-x-3">
        {names.map(({ name, label }) => (
          <li key={name} className="mono max-w-full truncate" title={label}>
            {of === 'sessions' ? (
              name
            ) : (
              <Link to="/traces" search={{ q: withScore(q, name) }} className="link underline">
                {name}
              </Link>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Today({ online: { of, today, budgetNanoUsd, lastScoreAt, waiting } }: { online: OnlineEvaluationBody }) {
  return (
    <p className="text-text-2">
      Today {plural(today.looked, nouns[of].replace(/s$/, ''))} looked at, {plural(today.scored, 'score')} given
      {today.kept > 0 && `, ${count(today.kept)} there already`}
      {today.failed > 0 && <span className="text-bad">, ✕ {count(today.failed)} could not be given</span>}
      {waiting > 0 && `, ${count(waiting)} to be tried again`}
      {today.skipped > 0 && `, ${count(today.skipped)} skipped`}
      {of !== 'follow_ups' && (
        <>
          ; judges cost <span className="mono">{usd(today.costNanoUsd)}</span>
          {budgetNanoUsd !== null && (
            <>
              {' '}
              of <span className="mono">{usd(budgetNanoUsd)}</span>
            </>
          )}
        </>
      )}
      {today.unpriced > 0 && (
        <span className="text-warn"> ({plural(today.unpriced, 'score')} of judges without a known price)</span>
      )}
      . {lastScoreAt === null ? 'No score yet.' : `Last score ${dateTime(lastScoreAt)}.`}
    </p>
  );
}

function Problems({ problems }: Pick<OnlineEvaluationBody, 'problems'>) {
  return (
    <details>
      <summary className="min-h-6 leading-6 text-text-2">What could not be scored lately</summary>
      <ul className="mt-1 max-h-60 overflow-auto">
        {problems.map(({ target, scorer, error, at }) => (
          <li key={`${target} ${scorer} ${at}`} className="flex flex-wrap items-baseline gap-x-2">
            {/^[0-9a-f]{32}/.test(target) ? (
              <Link to="/traces/$traceId" params={{ traceId: target.slice(0, 32) }} className="link mono">
                {target.slice(0, 8)}
              </Link>
            ) : (
              <Link to="/sessions/$sessionId" params={{ sessionId: target }} className="link mono">
                {target}
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

type OnlineLineProps = { online: OnlineEvaluationBody; onOpen: (what: 'edit' | 'check' | 'backfill') => void };

/** One online evaluation: its state, of what and by what, what it did today, and what can be done with it. */
export function OnlineLine({ online, onOpen }: OnlineLineProps) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const [isRemoving, setRemoving] = useState(false);
  const { name, of, state, sentence, problem, problems, scorers } = online;
  const params = { online: name };
  const isPaused = state === 'paused';
  const pause = useMutation({
    mutationFn: () => client.call(isPaused ? 'resumeOnlineEvaluation' : 'pauseOnlineEvaluation', { params }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['online'] }),
  });
  const { tone, glyph, text } = looks[state];
  return (
    <div className="flex flex-col gap-1">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h2 className="min-w-0 font-medium break-words">{name}</h2>
        <Pill tone={tone}>
          {glyph} {text}
        </Pill>
        <span className="flex flex-wrap gap-1 sm:ml-auto">
          {of === 'traces' && scorers.length > 0 && (
            <button type="button" className="btn" onClick={() => onOpen('check')}>
              Check by people …
            </button>
          )}
          {of !== 'follow_ups' && (
            <May call="backfillOnlineEvaluation">
              <button type="button" className="btn" onClick={() => onOpen('backfill')}>
                Score before …
              </button>
            </May>
          )}
          <May call="setOnlineEvaluation">
            <button type="button" className="btn" onClick={() => onOpen('edit')}>
              Edit
            </button>
          </May>
          <May call="pauseOnlineEvaluation">
            <button type="button" className="btn" disabled={pause.isPending} onClick={() => pause.mutate()}>
              {isPaused ? 'Resume' : 'Pause'}
            </button>
          </May>
          <May call="removeOnlineEvaluation">
            <button type="button" className="btn" onClick={() => setRemoving(true)}>
              Remove
            </button>
          </May>
        </span>
      </div>
      <What online={online} />
      {state !== 'on' && <p className={state === 'failing' ? 'said text-bad' : 'text-text-2'}>{sentence}</p>}
      <Today online={online} />
      {problem !== null && <p className="said text-bad">✕ {problem}</p>}
      {pause.error && <ErrorText error={pause.error} />}
      {problems.length > 0 && <Problems problems={problems} />}
      {isRemoving && (
        <Confirm
          title={`Remove ${name}`}
          action="Remove"
          run={() => client.call('removeOnlineEvaluation', { params })}
          done={`${name} scores no more`}
          changes={['online']}
          onClose={() => setRemoving(false)}
        >
          Nothing that arrives is scored by it any more. The scores that it gave stay.
        </Confirm>
      )}
    </div>
  );
}
