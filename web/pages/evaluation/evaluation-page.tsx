import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { EvaluationBody, RunBody } from '@wheelhouse/sdk';
import { Play, RotateCw, Trash2 } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { draftOf } from '../../data/evaluation-draft.ts';
import { evaluationQuery } from '../../data/evaluation-queries.ts';
import { plural, usd } from '../../data/format.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { EvaluationForm } from '../../parts/evaluation-form.tsx';
import { May } from '../../parts/may.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Pill } from '../../parts/pill.tsx';
import { Loading, PageError } from '../../parts/request-state.tsx';
import { candidateOf } from './cells.ts';
import { Progress } from './progress.tsx';
import { Resume } from './resume.tsx';
import { RowReader } from './row-reader.tsx';
import { RunsView } from './runs-view.tsx';
import { VerdictSection } from './verdict-section.tsx';

const route = getRouteApi('/experiments/$evaluationId');

type Open = 'again' | 'resume' | 'remove';

function RunName({ side, run }: { side: 'A' | 'B'; run: RunBody }) {
  const text = `${side === 'A' ? '● A' : '■ B'} ${run.label}`;
  const color = side === 'A' ? 'text-va' : 'text-vb';
  if (run.version === null || run.model === null) return <span className={color}>{text}</span>;
  const named = run.label.endsWith(`@${run.version}`) ? '' : ` (v${run.version})`;
  return (
    <Link
      to="/models/$name"
      params={{ name: run.model }}
      search={{ version: run.version }}
      className={`${color} hover:underline`}
    >
      {text}
      {named}
    </Link>
  );
}

/** Which of the candidates stands beside the baseline. */
function Picker({ evaluation, candidate }: { evaluation: EvaluationBody; candidate: RunBody }) {
  const search = route.useSearch();
  const navigate = useNavigate();
  return (
    <span className="inline-flex items-center gap-1 text-vb">
      <span aria-hidden="true">■ B</span>
      <select
        aria-label="B, the run beside the baseline"
        className="field !w-auto max-w-60"
        value={candidate.id}
        onChange={(event) => {
          const { row: _, rep: __, ...rest } = search;
          void navigate({
            to: '/experiments/$evaluationId',
            params: { evaluationId: evaluation.id },
            search: { ...rest, run: event.target.value },
          });
        }}
      >
        {evaluation.runs.slice(1).map((run) => (
          <option key={run.id} value={run.id}>
            {run.label}
          </option>
        ))}
      </select>
    </span>
  );
}

const isUnderWay = ({ status }: EvaluationBody) => status === 'queued' || status === 'running';

function Actions({ evaluation, onOpen }: { evaluation: EvaluationBody; onOpen: (open: Open) => void }) {
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
  const [baseline] = runs;
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
      actions={<Actions evaluation={evaluation} onOpen={onOpen} />}
    >
      {baseline && <RunName side="A" run={baseline} />}
      {candidate && <span className="text-text-3">vs</span>}
      {candidate && runs.length === 2 && <RunName side="B" run={candidate} />}
      {candidate && runs.length > 2 && <Picker evaluation={evaluation} candidate={candidate} />}
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

function Tabs({ evaluation, tab }: { evaluation: EvaluationBody; tab: 'runs' | undefined }) {
  const { tab: _, ...search } = route.useSearch();
  const tabs = [
    { to: undefined, label: 'Rows' },
    { to: 'runs' as const, label: evaluation.runs.length > 1 ? `${evaluation.runs.length} runs` : 'The run' },
  ];
  return (
    <nav
      aria-label="Parts of the evaluation"
      className="flex flex-none flex-wrap items-center gap-1 border-b border-line px-2 py-1"
    >
      {tabs.map(({ to, label }) => (
        <Link
          key={label}
          to="/experiments/$evaluationId"
          params={{ evaluationId: evaluation.id }}
          search={to === undefined ? search : { ...search, tab: to }}
          className={`btn !min-h-6 ${to === tab ? '!border-line-strong' : 'btn-quiet'}`}
          aria-current={to === tab ? 'page' : undefined}
        >
          {label}
        </Link>
      ))}
    </nav>
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
  const search = route.useSearch();
  const navigate = useNavigate();
  const [open, setOpen] = useState<Open | null>(null);
  const candidate = candidateOf(evaluation, search.run);
  const measures = [...evaluation.scorers, 'latency', 'cost', 'errors'];
  const measure = measures.find((one) => one === search.measure) ?? measures[0] ?? 'errors';
  const [baseline] = evaluation.runs;
  const pick = (next: string) => {
    const { row: _, rep: __, show: ___, ...rest } = search;
    void navigate({
      to: '/experiments/$evaluationId',
      params: { evaluationId: evaluation.id },
      search: { ...rest, measure: next },
      replace: true,
    });
  };
  return (
    <>
      <Header evaluation={evaluation} candidate={candidate} onOpen={setOpen} />
      {isUnderWay(evaluation) && <Progress evaluation={evaluation} />}
      {evaluation.error !== null && (
        <p role="alert" className="border-b border-line bg-bad-bg px-4 py-2 break-words text-bad">
          ✕ {evaluation.error}
        </p>
      )}
      {candidate && search.tab === undefined && (
        <VerdictSection evaluation={evaluation} candidate={candidate.id} measure={measure} onMeasure={pick} />
      )}
      <Tabs evaluation={evaluation} tab={search.tab} />
      {search.tab === 'runs' ? (
        <RunsView evaluation={evaluation} candidate={candidate} measure={measure} />
      ) : (
        baseline && <RowReader evaluation={evaluation} baseline={baseline} candidate={candidate} measure={measure} />
      )}
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
