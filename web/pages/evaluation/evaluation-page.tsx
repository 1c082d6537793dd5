import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { EvaluationBody, RunBody } from '@wheelhouse/sdk';
import { CheckCheck, Play, Rocket, RotateCw, Trash2 } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { draftOf } from '../../data/evaluation-draft.ts';
import { evaluationQuery } from '../../data/evaluation-queries.ts';
import { plural, usd } from '../../data/format.ts';
import { modelsQuery } from '../../data/queries.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { EvaluationForm } from '../../parts/evaluation-form.tsx';
import { May } from '../../parts/may.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Pill } from '../../parts/pill.tsx';
import { Loading, PageError } from '../../parts/request-state.tsx';
import { ReviewEvaluation } from '../../parts/review-evaluation.tsx';
import { candidateOf } from './cells.ts';
import { Progress } from './progress.tsx';
import { Resume } from './resume.tsx';
import { RunNames } from './run-names.tsx';
import { RunsAndRows } from './runs-and-rows.tsx';
import { Settings } from './settings.tsx';
import { SoFar } from './so-far.tsx';
import { type Shown, useView } from './view.tsx';

const route = getRouteApi('/experiments/$evaluationId');

type Open = 'again' | 'resume' | 'review' | 'remove';

const isUnderWay = ({ status }: EvaluationBody) => status === 'queued' || status === 'running';

const versionRef = /^(?<name>.+)@(?<version>\d+)$/;

/** Leads on to a release, where the candidate is a version that may take an alias over. */
function ReleaseLink({ candidate }: { candidate: RunBody | null }) {
  const { client } = useData();
  const { name = '', version } = versionRef.exec(candidate?.ref ?? '')?.groups ?? {};
  const model = useQuery({ ...modelsQuery(client), enabled: name !== '' }).data?.find((one) => one.name === name);
  if (!model?.aliases.some((alias) => alias.version !== Number(version))) return null;
  return (
    <May call="startRelease">
      <Link
        to="/models/$name"
        params={{ name }}
        search={{ version: Number(version), open: 'release' }}
        className="btn"
        title={`Give ${name}@${version} a share of an alias`}
      >
        <Rocket size={13} strokeWidth={1.75} aria-hidden="true" />
        Release …
      </Link>
    </May>
  );
}

type ActionsProps = { evaluation: EvaluationBody; candidate: RunBody | null; onOpen: (open: Open) => void };

function Actions({ evaluation, candidate, onOpen }: ActionsProps) {
  const { status, runs, place } = evaluation;
  const canResume = place === 'server' && (status === 'stopped' || status === 'failed');
  const canRepeat = place === 'server' && runs.every(({ ref }) => ref !== null);
  return (
    <>
      <May call="removeEvaluation">
        <button
          type="button"
          className="btn btn-icon"
          aria-label="Delete this evaluation"
          title="Delete"
          onClick={() => onOpen('remove')}
        >
          <Trash2 size={13} strokeWidth={1.75} />
        </button>
      </May>
      {status === 'completed' && <ReleaseLink candidate={candidate} />}
      {status === 'completed' && (
        <May call="addReviewItems">
          <button type="button" className="btn" onClick={() => onOpen('review')}>
            <CheckCheck size={13} strokeWidth={1.75} aria-hidden="true" />
            Review …
          </button>
        </May>
      )}
      {canRepeat && (
        <May call="createEvaluation">
          <button type="button" className="btn" onClick={() => onOpen('again')}>
            <RotateCw size={13} strokeWidth={1.75} aria-hidden="true" />
            Run again …
          </button>
        </May>
      )}
      {canResume && (
        <May call="resumeEvaluation">
          <button type="button" className="btn btn-primary" onClick={() => onOpen('resume')}>
            <Play size={13} strokeWidth={1.75} aria-hidden="true" />
            Resume …
          </button>
        </May>
      )}
    </>
  );
}

type HeaderProps = { evaluation: EvaluationBody; candidate: RunBody | null; onOpen: (open: Open) => void };

function Header({ evaluation, candidate, onOpen }: HeaderProps) {
  const { runs, name, dataset, datasetVersion, repetitions, status, total, erased } = evaluation;
  const rows = total / Math.max(1, runs.length * repetitions);
  return (
    <PageHeader
      title={`${name === '' ? runs.map(({ label }) => label).join(' vs ') : name} on ${dataset}`}
      heading={
        <>
          {name !== '' && `${name} · `}
          <Link to="/datasets/$name" params={{ name: dataset }} search={{ version: datasetVersion }}>
            {dataset}
          </Link>{' '}
          <span className="text-text-3">
            v{datasetVersion} · {plural(rows, 'row')}
          </span>
        </>
      }
      parent={
        <Link to="/experiments" className="link">
          Experiments
        </Link>
      }
      actions={<Actions {...{ evaluation, candidate, onOpen }} />}
    >
      <RunNames runs={runs} candidate={candidate} />
      {repetitions > 1 && <span className="text-text-2">× {repetitions} repetitions</span>}
      {!isUnderWay(evaluation) && (
        <span className="mono text-text-2">
          {plural(evaluation.done, 'answer')}, {usd(evaluation.costNanoUsd)}
          {evaluation.failed > 0 && <span className="text-bad">, ✕ {plural(evaluation.failed, 'failed call')}</span>}
          {erased > 0 && `, ${plural(erased, 'erased example')} left out`}
        </span>
      )}
      {status === 'failed' && <Pill tone="bad">✕ failed</Pill>}
      {status === 'stopped' && <Pill tone="warn">■ stopped</Pill>}
    </PageHeader>
  );
}

function Dialogs({
  open,
  evaluation,
  onClose,
}: {
  open: Open | null;
  evaluation: EvaluationBody;
  onClose: () => void;
}) {
  const { client } = useData();
  const navigate = useNavigate();
  switch (open) {
    case 'again':
      return <EvaluationForm start={draftOf(evaluation)} onClose={onClose} />;
    case 'resume':
      return <Resume evaluation={evaluation} onClose={onClose} />;
    case 'review':
      return <ReviewEvaluation evaluationId={evaluation.id} onClose={onClose} />;
    case 'remove':
      return (
        <Confirm
          title="Delete this evaluation"
          action="Delete"
          done="The evaluation is deleted."
          changes={['evaluations']}
          run={async () => {
            await client.call('removeEvaluation', { params: { evaluationId: evaluation.id } });
            await navigate({ to: '/experiments' });
          }}
          onClose={onClose}
        >
          Its {plural(evaluation.done, 'answer')} and results go with it, for good. Traces of the calls stay.
        </Confirm>
      );
    default:
      return null;
  }
}

function Evaluation({ evaluation }: { evaluation: EvaluationBody }) {
  const { view } = useView();
  const [open, setOpen] = useState<Open | null>(null);
  const isFinal = evaluation.status === 'completed';
  const shown: Shown = { ...evaluation, isFinal, source: { evaluationId: evaluation.id } };
  return (
    <>
      <Header evaluation={evaluation} candidate={candidateOf(shown, view.run)} onOpen={setOpen} />
      {isUnderWay(evaluation) && <Progress evaluation={evaluation} />}
      {evaluation.error !== null && (
        <p role="alert" className="border-b border-line bg-bad-bg px-4 py-2 break-words text-bad">
          ✕ {evaluation.error}
        </p>
      )}
      <RunsAndRows shown={shown} soFar={(picked) => (isFinal ? null : <SoFar evaluation={evaluation} {...picked} />)}>
        <Settings evaluation={evaluation} />
      </RunsAndRows>
      <Dialogs open={open} evaluation={evaluation} onClose={() => setOpen(null)} />
    </>
  );
}

export function EvaluationPage(): ReactNode {
  const { evaluationId } = route.useParams();
  const { client } = useData();
  const query = useQuery(evaluationQuery(client, evaluationId));
  if (query.data) return <Evaluation key={evaluationId} evaluation={query.data} />;
  if (!query.error) return <Loading what="the evaluation" />;
  return <PageError error={query.error} what="This evaluation" onRetry={() => void query.refetch()} />;
}
