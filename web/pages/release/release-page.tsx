import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { ReleaseBody, ReleaseDetailBody } from '@wheelhouse/sdk';
import { ArrowUpToLine, Undo2 } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useMay } from '../../data/access-queries.ts';
import { useData } from '../../data/data-context.tsx';
import { modelQuery } from '../../data/queries.ts';
import { releaseQuery } from '../../data/release-queries.ts';
import { May } from '../../parts/may.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Loading, PageError } from '../../parts/request-state.tsx';
import { useShortcuts } from '../../parts/shortcuts.tsx';
import { ReleaseState } from '../releases/release-cells.tsx';
import { Answers } from './answers.tsx';
import { callOf, type Ending, EndRelease } from './end-release.tsx';
import { History } from './history.tsx';
import { RailTable } from './rail-table.tsx';
import { Settings } from './settings.tsx';
import { ShareSection } from './share-section.tsx';
import { Standing } from './standing.tsx';
import { TrackSection } from './track-section.tsx';

const route = getRouteApi('/releases/$releaseId');

/** Why a promotion cannot be undone any more; null: it can. */
function useWhyNotUndone({ state, model, alias, candidate }: ReleaseBody): string | null {
  const { client } = useData();
  const known = useQuery({ ...modelQuery(client, model), enabled: state === 'promoted' });
  if (state !== 'promoted' || known.data === undefined) return null;
  const at = known.data.model.aliases.find((one) => one.alias === alias)?.version;
  if (at === candidate) return null;
  return at === undefined ? `@${alias} is gone.` : `@${alias} was moved since, to v${at}.`;
}

/** What follows when all is well. */
const nextOf = ({ shadow }: ReleaseBody): Ending => (shadow === null ? 'promote' : 'canary');

type ActionsProps = { release: ReleaseBody; onEnd: (ending: Ending) => void };

function Actions({ release, onEnd }: ActionsProps) {
  const whyNot = useWhyNotUndone(release);
  const { state, incumbent, candidate, shadow } = release;
  if (state === 'promoted')
    return (
      <May call="rollBackRelease">
        <button
          type="button"
          className="btn"
          aria-disabled={whyNot !== null}
          title={whyNot ?? `Moves the alias back to v${incumbent}`}
          onClick={() => whyNot === null && onEnd('undo')}
        >
          <Undo2 size={13} strokeWidth={1.75} aria-hidden="true" />
          Undo …
        </button>
      </May>
    );
  if (state !== 'running') return null;
  const next = nextOf(release);
  return (
    <>
      <May call="rollBackRelease">
        <button type="button" className="btn" onClick={() => onEnd('rollback')}>
          <Undo2 size={13} strokeWidth={1.75} aria-hidden="true" />
          {shadow === null ? 'Roll back …' : 'End …'}
        </button>
      </May>
      <May call={callOf(next)}>
        <button type="button" className="btn btn-primary" onClick={() => onEnd(next)}>
          <ArrowUpToLine size={13} strokeWidth={1.75} aria-hidden="true" />
          {shadow === null ? `Promote v${candidate} …` : 'Start its canary …'}
        </button>
      </May>
    </>
  );
}

function useReleaseKeys(release: ReleaseBody, onEnd: (ending: Ending) => void) {
  const isRunning = release.state === 'running';
  const whyNot = useWhyNotUndone(release);
  const next = nextOf(release);
  useShortcuts('Release', [
    ...(isRunning
      ? [
          { needs: callOf(next), keys: 'p', label: next, hint: true, run: () => onEnd(next) },
          {
            needs: 'rollBackRelease' as const,
            keys: 'b',
            label: release.shadow === null ? 'roll back' : 'end',
            hint: true,
            run: () => onEnd('rollback'),
          },
        ]
      : []),
    ...(release.state === 'promoted' && whyNot === null
      ? [{ needs: 'rollBackRelease' as const, keys: 'b', label: 'undo', hint: true, run: () => onEnd('undo') }]
      : []),
  ]);
}

function Release({ detail }: { detail: ReleaseDetailBody }) {
  const { release, events, track, shares, decidedNext } = detail;
  const { model, alias, incumbent, candidate, rails, shadow } = release;
  const search = route.useSearch();
  const navigate = useNavigate();
  const may = useMay();
  const [ending, setEnding] = useState<Ending | null>(null);
  const end = (next: Ending) => {
    if (may(callOf(next))) setEnding(next);
  };
  useReleaseKeys(release, end);
  const worst = release.verdict?.rails.find((rail) => rail.state === 'broken');
  const picked =
    rails.find(({ name }) => name === search.rail) ?? rails.find(({ name }) => name === worst?.name) ?? rails[0];
  const pick = (rail: string) =>
    void navigate({
      to: '/releases/$releaseId',
      params: { releaseId: release.id },
      search: rail === rails[0]?.name && worst === undefined ? {} : { rail },
      replace: true,
    });
  return (
    <>
      <PageHeader
        title={`${model}@${alias} v${incumbent} → v${candidate}`}
        heading={
          <>
            <Link to="/models/$name" params={{ name: model }} search={{ tab: 'aliases' }}>{`${model}@${alias}`}</Link>{' '}
            <span className="text-text-3">
              v{incumbent} → v{candidate}
            </span>
          </>
        }
        parent={
          <Link to="/releases" className="link">
            Releases
          </Link>
        }
        actions={<Actions release={release} onEnd={end} />}
      >
        <ReleaseState release={release} />
        {release.message !== '' && <span className="min-w-0 break-words text-text-2">{release.message}</span>}
      </PageHeader>
      <div className="grid flex-auto xl:grid-cols-[minmax(0,1fr)_320px]">
        <div className="min-w-0">
          <Standing release={release} track={track} />
          {release.verdict !== null && (
            <RailTable release={release} verdict={release.verdict} picked={picked?.name} onPick={pick} />
          )}
          {picked && release.verdict !== null && (
            <TrackSection rail={picked} release={release} verdict={release.verdict} track={track} />
          )}
          {release.allocation !== null && (
            <ShareSection
              release={release}
              allocation={release.allocation}
              shares={shares}
              decidedNext={decidedNext}
              seen={track.at(-1)?.calls.candidate ?? 0}
            />
          )}
          {shadow !== null && <Answers release={release} />}
          <History release={release} events={events} />
        </div>
        <Settings release={release} />
      </div>
      {ending && <EndRelease release={release} ending={ending} onClose={() => setEnding(null)} />}
    </>
  );
}

export function ReleasePage(): ReactNode {
  const { releaseId } = route.useParams();
  const { client } = useData();
  const query = useQuery(releaseQuery(client, releaseId));
  if (query.data) return <Release key={releaseId} detail={query.data} />;
  if (query.error)
    return <PageError error={query.error} what={`The release ${releaseId}`} onRetry={() => void query.refetch()} />;
  return <Loading what="the release" />;
}
