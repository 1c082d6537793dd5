import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { ReplayDetailBody } from '@wheelhouse/sdk';
import { Rocket } from 'lucide-react';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { plural } from '../../data/format.ts';
import { type ReplayKind, replayQuery } from '../../data/replay-queries.ts';
import { May } from '../../parts/may.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Loading, PageError } from '../../parts/request-state.tsx';
import { useShortcuts } from '../../parts/shortcuts.tsx';
import { FieldTable, SideTable, ToolTable } from './behaviour-tables.tsx';
import { ReplayInputs } from './replay-inputs.tsx';
import { ReplayProgress } from './replay-progress.tsx';
import { ReplayState } from './replay-state.tsx';

const ReleaseForm = lazy(async () => ({ default: (await import('../../parts/release-form.tsx')).ReleaseForm }));

const route = getRouteApi('/releases/replays/$replayId');

/** What it comes to, in words. */
function Summary({ detail: { behaviour, replay } }: { detail: ReplayDetailBody }) {
  const { counts, alike, inputs } = behaviour;
  if (inputs === 0) return null;
  const words = alike === null ? '' : `, ${Math.round(alike * 100)} % of their words alike`;
  const said = [
    `${counts.same} the same`,
    `${counts.changed} changed${words}`,
    ...(counts.recovers > 0 ? [`${counts.recovers} answered that failed`] : []),
    ...(counts.both_fail > 0 ? [`${counts.both_fail} fail with both`] : []),
  ];
  return (
    <p role="status" className="border-b border-line px-4 py-3">
      Of {plural(inputs, 'input')}
      {inputs < replay.inputs && ` of ${replay.inputs}`}: {said.join(' · ')} ·{' '}
      <span className={counts.fails > 0 ? 'font-semibold text-bad' : 'text-good'}>
        {counts.fails > 0 ? `✕ ${counts.fails} fail that answered` : '✓ none fails that answered'}
      </span>
    </p>
  );
}

function Replay({ detail }: { detail: ReplayDetailBody }) {
  const { replay, behaviour } = detail;
  const { id, model, alias, incumbent, candidate, dataset } = replay;
  const { kind } = route.useSearch();
  const navigate = useNavigate();
  const [releases, setReleases] = useState(false);
  const pick = (next: ReplayKind | undefined) =>
    void navigate({
      to: '/releases/replays/$replayId',
      params: { replayId: id },
      search: next === undefined ? {} : { kind: next },
      replace: true,
    });
  const canRelease = incumbent !== candidate;
  useShortcuts(
    'Replay',
    canRelease
      ? [{ needs: 'startRelease', keys: 'p', label: 'release it', hint: true, run: () => setReleases(true) }]
      : [],
  );
  const versions = { incumbent, candidate };
  return (
    <>
      <PageHeader
        title={`Replay of ${model}@${alias} v${incumbent} → v${candidate}`}
        heading={
          <>
            Replay of <Link to="/models/$name" params={{ name: model }}>{`${model}@${alias}`}</Link>{' '}
            <span className="text-text-3">
              v{incumbent} → v{candidate}
            </span>
          </>
        }
        parent={
          <Link to="/releases/replays" className="link">
            Replays
          </Link>
        }
        actions={
          <>
            <Link to="/datasets/$name" params={{ name: dataset }} className="btn">
              Its inputs
            </Link>
            <Link to="/experiments/$evaluationId" params={{ evaluationId: id }} className="btn">
              Its evaluation
            </Link>
            {canRelease && (
              <May call="startRelease">
                <button type="button" className="btn btn-primary" onClick={() => setReleases(true)}>
                  <Rocket size={13} strokeWidth={1.75} aria-hidden="true" />
                  Release v{candidate} …
                </button>
              </May>
            )}
          </>
        }
      >
        <ReplayState replay={replay} />
      </PageHeader>
      <ReplayProgress replay={replay} />
      <Summary detail={detail} />
      {behaviour.inputs > 0 && (
        <div className="flex-none">
          <SideTable behaviour={behaviour} {...versions} />
          <ToolTable behaviour={behaviour} {...versions} />
          <FieldTable behaviour={behaviour} {...versions} />
        </div>
      )}
      <ReplayInputs detail={detail} kind={kind} onKind={pick} />
      <Suspense fallback={null}>
        {releases && (
          <ReleaseForm model={model} alias={alias} candidate={candidate} onClose={() => setReleases(false)} />
        )}
      </Suspense>
    </>
  );
}

/** What would change for callers, input by input. */
export function ReplayPage(): ReactNode {
  const { replayId } = route.useParams();
  const { client } = useData();
  const query = useQuery(replayQuery(client, replayId));
  if (query.data) return <Replay key={replayId} detail={query.data} />;
  if (query.error)
    return <PageError error={query.error} what={`The replay ${replayId}`} onRetry={() => void query.refetch()} />;
  return <Loading what="the replay" />;
}
