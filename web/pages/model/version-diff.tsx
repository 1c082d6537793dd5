import { useQuery } from '@tanstack/react-query';
import type { VersionDiffBody } from '@wheelhouse/sdk';
import { useData } from '../../data/data-context.tsx';
import { diffQuery } from '../../data/registry-queries.ts';
import { Said } from '../../parts/callers-warning.tsx';
import { LineDiff } from '../../parts/diff-text.tsx';
import { ErrorText, Loading } from '../../parts/request-state.tsx';

type Between = { name: string; from: number; to: number };

/** What is different for callers, what breaks them first. */
function Changes({ diff }: { diff: VersionDiffBody }) {
  if (diff.changes.length === 0) return <p className="px-3 py-2 text-text-3">Callers see no difference.</p>;
  return (
    <ul className="px-3 py-2">
      {diff.changes.map(({ text, breaking }) => (
        <li key={text} className="grid grid-cols-[16px_minmax(0,1fr)] gap-x-1 break-words">
          <span className={breaking ? 'text-bad' : 'text-text-3'}>
            <span aria-hidden="true">{breaking ? '✕' : '•'}</span>
            {breaking && <span className="sr-only">may break callers: </span>}
          </span>
          <span>
            <Said text={text} />
          </span>
        </li>
      ))}
    </ul>
  );
}

const textOf = (diff: VersionDiffBody, without: 'added' | 'removed') =>
  diff.lines
    .filter(({ kind }) => kind !== without)
    .map(({ text }) => text)
    .join('\n');

/** The two versions as files, line by line, below what it means. */
export function VersionDiff({ name, from, to }: Between) {
  const { client } = useData();
  const query = useQuery(diffQuery(client, name, { from, to }));
  if (query.error) return <ErrorText error={query.error} />;
  if (!query.data) return <Loading what="the difference" />;
  return (
    <>
      <div className="border-b border-line">
        <Changes diff={query.data} />
      </div>
      <LineDiff
        before={textOf(query.data, 'added')}
        after={textOf(query.data, 'removed')}
        label={`Changes from v${from} to v${to}`}
      />
    </>
  );
}
