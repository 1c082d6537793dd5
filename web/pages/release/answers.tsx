import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReleaseBody, ResponseBody } from '@wheelhouse/sdk';
import { useData } from '../../data/data-context.tsx';
import { releaseAnswersQuery } from '../../data/release-queries.ts';
import { percent } from '../../data/release-words.ts';
import { RequestError } from '../../parts/request-state.tsx';

type AnswersBody = ResponseBody<'compareReleaseAnswers'>;
type Answer = AnswersBody['data'][number];

const shown = 8;
const kinds = {
  same: { text: 'the same', look: 'text-text-3' },
  changed: { text: 'changed', look: 'text-text-2' },
  fails: { text: 'fails', look: 'text-bad' },
  recovers: { text: 'answers where the other failed', look: 'text-good' },
  both_fail: { text: 'both fail', look: 'text-bad' },
} as const;

const inputText = (input: unknown) => (typeof input === 'string' ? input : JSON.stringify(input));

function Side({ side, label, look }: { side: Answer['incumbent']; label: string; look: string }) {
  return (
    <div className="min-w-0">
      <Link to="/traces/$traceId" params={{ traceId: side.traceId }} className={`link text-xs ${look}`}>
        {label}
      </Link>
      <p className="line-clamp-4 break-words whitespace-pre-wrap">
        {side.output ?? <span className="text-text-3">no answer</span>}
      </p>
    </div>
  );
}

function Row({ answer, release }: { answer: Answer; release: ReleaseBody }) {
  const { text, look } = kinds[answer.kind];
  return (
    <li className="border-t border-line px-4 py-3">
      <p className="flex flex-wrap gap-x-3 text-sm">
        <span className={look}>{text}</span>
        {answer.alike !== null && answer.kind === 'changed' && (
          <span className="text-text-3">{percent(answer.alike)} of the words alike</span>
        )}
        <span className="line-clamp-2 min-w-0 break-words text-text-2">{inputText(answer.input)}</span>
      </p>
      <div className="mt-1 grid gap-3 sm:grid-cols-2">
        <Side side={answer.incumbent} label={`● v${release.incumbent} answered`} look="text-va" />
        <Side side={answer.candidate} label={`■ v${release.candidate} would have said`} look="text-vb" />
      </div>
    </li>
  );
}

/** What the version that only listens would have said, beside what went out. */
export function Answers({ release }: { release: ReleaseBody }) {
  const { client } = useData();
  const query = useQuery(releaseAnswersQuery(client, release));
  const answers = query.data;
  const differing = answers?.data.filter(({ kind }) => kind !== 'same') ?? [];
  const { same = 0 } = answers?.counts ?? {};
  return (
    <section aria-label="What it would have said" className="border-b border-line bg-surface">
      <div className="px-4 pt-3 pb-2">
        <h2 className="font-semibold">What it would have said</h2>
        <p className="text-sm text-text-3">
          {answers === undefined || answers.data.length === 0
            ? 'No copy of a call shows what was said yet.'
            : `Of the latest ${answers.data.length} copies ${same} say the same.`}
          {answers && answers.alike !== null && ` ${percent(answers.alike)} of the words are alike.`}
          {answers && answers.gone.length > 0 && ` Gone from answers: ${answers.gone.join(', ')}.`}
          {answers && answers.added.length > 0 && ` New in answers: ${answers.added.join(', ')}.`}
        </p>
      </div>
      {query.error && answers === undefined && (
        <RequestError error={query.error} onRetry={() => void query.refetch()} />
      )}
      <ul>
        {differing.slice(0, shown).map((answer) => (
          <Row key={answer.candidate.traceId} answer={answer} release={release} />
        ))}
      </ul>
    </section>
  );
}
