import { useMutation, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { OptimizationBody } from '@wheelhouse/sdk';
import { Play, Rocket, Square, Trash2 } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { optimizationQuery } from '../../data/optimization-queries.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { May } from '../../parts/may.tsx';
import { OptimizationOutcome } from '../../parts/optimization-outcome.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { ErrorText, Loading, PageError } from '../../parts/request-state.tsx';
import { CandidatePeek } from './candidate-peek.tsx';
import { Candidates } from './candidates.tsx';
import { Figures } from './figures.tsx';
import { Front } from './front.tsx';
import { HeldOut } from './held-out.tsx';
import { Progress } from './progress.tsx';
import { Publish, whyNotPublished } from './publish.tsx';
import { canResume, Resume } from './resume.tsx';
import { Settings } from './settings.tsx';
import { SpendSection } from './spend-section.tsx';
import { isUnderWay, useView } from './view.ts';

const route = getRouteApi('/experiments/optimizations/$optimizationId');

function StopButton({ isPending, onStop }: { isPending: boolean; onStop: () => void }) {
  return (
    <May call="stopOptimization">
      <button
        type="button"
        className="btn btn-primary"
        disabled={isPending}
        title="Calls under way end; what was asked is kept"
        onClick={onStop}
      >
        <Square size={12} strokeWidth={1.75} aria-hidden="true" />
        {isPending ? 'Stopping …' : 'Stop'}
      </button>
    </May>
  );
}

/** Offered when it has ended; where it cannot be, it says why. */
function PublishButton({ optimization }: { optimization: OptimizationBody }) {
  const { go } = useView();
  const reason = whyNotPublished(optimization);
  return (
    <May call="publishOptimization">
      <button
        type="button"
        className={`btn ${optimization.published === null && reason === null ? 'btn-primary' : ''}`}
        aria-disabled={reason !== null}
        title={reason ?? undefined}
        onClick={() => reason === null && go({ open: 'publish' }, 'push')}
      >
        <Rocket size={13} strokeWidth={1.75} aria-hidden="true" />
        Publish as version …{reason !== null && <span className="sr-only"> {reason}</span>}
      </button>
    </May>
  );
}

type ActionsProps = {
  optimization: OptimizationBody;
  stop: { isPending: boolean; mutate: () => void };
  onRemove: () => void;
};

function Actions({ optimization, stop, onRemove }: ActionsProps) {
  const { go } = useView();
  return (
    <>
      <May call="removeOptimization">
        <button
          type="button"
          className="btn btn-icon"
          aria-label="Delete this optimization"
          title="Delete"
          onClick={onRemove}
        >
          <Trash2 size={13} strokeWidth={1.75} />
        </button>
      </May>
      {canResume(optimization) && (
        <May call="resumeOptimization">
          <button
            type="button"
            className={`btn ${optimization.state === 'done' ? '' : 'btn-primary'}`}
            onClick={() => go({ open: 'resume' }, 'push')}
          >
            <Play size={13} strokeWidth={1.75} aria-hidden="true" />
            Resume …
          </button>
        </May>
      )}
      {isUnderWay(optimization) ? (
        <StopButton isPending={stop.isPending} onStop={() => stop.mutate()} />
      ) : (
        optimization.state === 'done' && <PublishButton optimization={optimization} />
      )}
    </>
  );
}

function Header(props: ActionsProps) {
  const { optimization } = props;
  const { name, optimizer, dataset, datasetVersion, published } = optimization;
  return (
    <PageHeader
      title={`${name}, optimized`}
      heading={name}
      parent={
        <Link to="/experiments" search={{ kind: 'optimizations' }} className="link">
          Experiments
        </Link>
      }
      actions={<Actions {...props} />}
    >
      <OptimizationOutcome row={optimization} />
      <span className="text-text-2">
        by <span className="mono">{optimizer.name}</span>
        {dataset !== null && (
          <>
            {' '}
            on{' '}
            <Link
              to="/datasets/$name"
              params={{ name: dataset }}
              search={datasetVersion === null ? {} : { version: datasetVersion }}
              className="link underline"
            >
              {dataset}
              {datasetVersion !== null && ` v${datasetVersion}`}
            </Link>
          </>
        )}
      </span>
      {published !== null && (
        <Link
          to="/models/$name"
          params={{ name: published.name }}
          search={{ version: published.version }}
          className="link"
        >
          ✓ {published.name} v{published.version}
          {published.alias !== null && ` @${published.alias}`}
        </Link>
      )}
    </PageHeader>
  );
}

function Dialogs({
  optimization,
  isRemoved,
  onKept,
}: {
  optimization: OptimizationBody;
  isRemoved: boolean;
  onKept: () => void;
}) {
  const { client } = useData();
  const { view, go } = useView();
  const navigate = useNavigate();
  const close = () => go({ open: undefined });
  if (isRemoved)
    return (
      <Confirm
        title="Delete this optimization"
        action="Delete"
        done="The optimization is deleted."
        changes={['optimizations']}
        run={async () => {
          await client.call('removeOptimization', { params: { optimizationId: optimization.id } });
          await navigate({ to: '/experiments', search: { kind: 'optimizations' } });
        }}
        onClose={onKept}
      >
        Its candidates and all that was asked go with it, for good. Traces of the calls and versions that were published
        stay.
      </Confirm>
    );
  if (view.open === 'publish' && optimization.isPublishable)
    return <Publish optimization={optimization} onClose={close} />;
  if (view.open === 'resume' && canResume(optimization)) return <Resume optimization={optimization} onClose={close} />;
  return null;
}

function Optimization({ optimization }: { optimization: OptimizationBody }) {
  const { client } = useData();
  const { view } = useView();
  const [isRemoved, setRemoved] = useState(false);
  const stop = useMutation({
    mutationFn: () => client.call('stopOptimization', { params: { optimizationId: optimization.id } }),
  });
  return (
    <div className="relative flex min-h-0 flex-1">
      <div className="@container min-w-0 flex-1 overflow-auto">
        <Header optimization={optimization} stop={stop} onRemove={() => setRemoved(true)} />
        {stop.error && <ErrorText error={stop.error} />}
        {isUnderWay(optimization) && <Progress optimization={optimization} />}
        {optimization.error !== null && (
          <p role="alert" className="border-b border-line bg-bad-bg px-4 py-2 break-words text-bad">
            ✕ {optimization.error}
          </p>
        )}
        {optimization.place === 'client' && (optimization.state === 'stopped' || optimization.state === 'failed') && (
          <p className="border-b border-line px-4 py-2 text-text-2">
            It goes on where it was started: <code className="mono">wheelhouse optimize</code> with its file and{' '}
            <code className="mono">--resume</code>.
          </p>
        )}
        <Figures optimization={optimization} />
        {optimization.report !== null && !isUnderWay(optimization) && <HeldOut report={optimization.report} />}
        <div className="grid @min-[820px]:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
          <SpendSection optimization={optimization} />
          <Settings optimization={optimization} />
        </div>
        <Candidates optimization={optimization} />
        <Front optimization={optimization} />
      </div>
      {view.candidate !== undefined && (
        <CandidatePeek key={view.candidate} optimization={optimization} candidateId={view.candidate} />
      )}
      <Dialogs optimization={optimization} isRemoved={isRemoved} onKept={() => setRemoved(false)} />
    </div>
  );
}

/** One search for something better: how far it is, what it found, and whether that holds on rows it never saw. */
export function OptimizationPage(): ReactNode {
  const { optimizationId } = route.useParams();
  const { client } = useData();
  const query = useQuery(optimizationQuery(client, optimizationId));
  if (query.data) return <Optimization key={optimizationId} optimization={query.data} />;
  if (!query.error) return <Loading what="the optimization" />;
  return <PageError error={query.error} what="This optimization" onRetry={() => void query.refetch()} />;
}
