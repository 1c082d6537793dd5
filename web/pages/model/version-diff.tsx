import { useQuery } from '@tanstack/react-query';
import type { VersionDiffBody } from '@wheelhouse/sdk';
import { useData } from '../../data/data-context.tsx';
import { diffQuery } from '../../data/registry-queries.ts';
import { LineDiff } from '../../parts/diff-text.tsx';
import { ErrorText, Loading } from '../../parts/request-state.tsx';

type VersionChange = VersionDiffBody['changes'][number];
type Between = { name: string; from: number; to: number };

/** Names stand between backticks. */
function Said({ text }: { text: string }) {
  return text.split('`').map((piece, i) =>
    i % 2 === 1 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text never move.
      <span key={i} className="mono">
        {piece}
      </span>
    ) : (
      piece
    ),
  );
}

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

/** Why callers of what an alias is at may fail, before it is moved; an alias that is new breaks nobody. */
export function useBreaking(name: string, from: number | undefined, to: number): readonly VersionChange[] {
  const { client } = useData();
  const isMoved = from !== undefined && from !== to;
  const { data } = useQuery({ ...diffQuery(client, name, { from: from ?? to, to }), enabled: isMoved });
  return (isMoved && data?.changes.filter((change) => change.breaking)) || [];
}

type Warned = { from: number; to: number; breaking: readonly VersionChange[] };

export function MoveWarning({ from, to, breaking }: Warned) {
  if (breaking.length === 0) return null;
  return (
    <div className="rounded-2 border border-warn bg-warn-bg px-3 py-2">
      <p className="font-medium">
        ▲ Callers of v{from} may fail with v{to}:
      </p>
      <ul className="list-disc pl-5">
        {breaking.map(({ text }) => (
          <li key={text}>
            <Said text={text} />
          </li>
        ))}
      </ul>
    </div>
  );
}
