import { Link } from '@tanstack/react-router';
import type { ReleaseBody } from '@wheelhouse/sdk';
import type { ReactNode } from 'react';
import { dateTime } from '../../data/format.ts';
import { stateOf, verdictOf } from '../../data/release-words.ts';
import { Pill } from '../../parts/pill.tsx';
import { SplitBar } from '../../parts/split-bar.tsx';

/** How it stands, as one mark. */
export function ReleaseState({ release }: { release: Pick<ReleaseBody, 'state' | 'shadow'> }) {
  const { tone, glyph, text } = stateOf(release);
  return (
    <Pill tone={tone}>
      {glyph} {text}
    </Pill>
  );
}

export function VerdictMark({ release }: { release: Pick<ReleaseBody, 'verdict' | 'shadow'> }) {
  const { tone, glyph, text } = verdictOf(release);
  return (
    <Pill tone={tone}>
      {glyph} {text}
    </Pill>
  );
}

/** A release in the list: what goes where, how far it is, how it stands and why. */
export const releaseCells = (release: ReleaseBody): ReactNode[] => {
  const { id, model, alias, incumbent, candidate, state, verdict, reason, startedBy, startedAt, message } = release;
  const isRunning = state === 'running';
  return [
    <span key="name" className="block min-w-0">
      <Link to="/releases/$releaseId" params={{ releaseId: id }} className="link break-words">
        {`${model}@${alias}`}
      </Link>
      <span className="block text-sm text-text-2">
        v{incumbent} → v{candidate}
        {message !== '' && <span className="text-text-3"> · {message}</span>}
      </span>
    </span>,
    <span key="state" className="flex flex-wrap gap-1">
      <ReleaseState release={release} />
      {isRunning && <VerdictMark release={release} />}
    </span>,
    isRunning ? (
      <SplitBar key="split" release={release} isSmall />
    ) : (
      <span key="split" className="text-text-3">
        –
      </span>
    ),
    <span key="why" className="block text-sm break-words text-text-2">
      {isRunning ? (verdict?.sentence ?? 'Nothing was looked at yet.') : (reason ?? '')}
    </span>,
    <span key="since" className="whitespace-nowrap text-text-2">
      {dateTime(startedAt)}
    </span>,
    <span key="by" className="break-words text-text-2">
      {startedBy}
    </span>,
  ];
};
