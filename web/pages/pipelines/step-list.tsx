import { Link } from '@tanstack/react-router';
import type { PipelineRunBody } from '@wheelhouse/sdk';
import { dateTime, plural, usd } from '../../data/format.ts';
import { settingsOf, stepDoes, stepWords } from '../../data/pipeline-words.ts';
import { roughTime } from '../../data/rough-time.ts';
import { Pill } from '../../parts/pill.tsx';

type Step = PipelineRunBody['steps'][number];
type Definition = PipelineRunBody['definition']['steps'][number];

/** What a step made, each where it is shown. */
function Made({ output, model }: { output: Step['output']; model: string }) {
  const { dataset, optimization, evaluation, version, release } = output;
  return (
    <span className="flex flex-wrap gap-x-3 gap-y-1 text-sm empty:hidden">
      {dataset && (
        <Link
          to="/datasets/$name"
          params={{ name: dataset.name }}
          search={{ version: dataset.version }}
          className="link"
        >
          {`${dataset.name} v${dataset.version}, ${plural(dataset.rows, 'row')}`}
        </Link>
      )}
      {optimization && (
        <Link
          to="/experiments/optimizations/$optimizationId"
          params={{ optimizationId: optimization }}
          className="link"
        >
          Optimization
        </Link>
      )}
      {evaluation && (
        <Link to="/experiments/$evaluationId" params={{ evaluationId: evaluation }} className="link">
          Evaluation
        </Link>
      )}
      {version !== undefined && (
        <Link to="/models/$name" params={{ name: model }} search={{ version }} className="link">
          {`${model} v${version}`}
        </Link>
      )}
      {release && (
        <Link to="/releases/$releaseId" params={{ releaseId: release }} className="link">
          Release
        </Link>
      )}
    </span>
  );
}

function Progress({ name, progress: { done, total } }: { name: string; progress: NonNullable<Step['progress']> }) {
  return (
    <progress
      className="mt-1 h-1.5 w-full max-w-80 accent-[var(--accent)]"
      aria-label={`How far ${name} is`}
      value={done}
      max={Math.max(1, total)}
    />
  );
}

function Settings({ step }: { step: Definition }) {
  const settings = settingsOf(step);
  if (settings.length === 0) return null;
  return (
    <details className="mt-1 text-sm text-text-2">
      <summary className="min-h-6 cursor-pointer">Settings</summary>
      <dl className="mt-1 grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 gap-y-0.5">
        {settings.map(({ name, value }) => (
          <div key={name} className="contents">
            <dt className="text-text-3">{name}</dt>
            <dd className="mono break-words">{value}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

function StepRow({ run, step, definition }: { run: PipelineRunBody; step: Step; definition: Definition | undefined }) {
  const { tone, glyph, text } = stepWords[step.state];
  const isWaiting = step.state === 'running' && step.etaSeconds !== null;
  return (
    <li className="flex flex-wrap items-start gap-x-3 gap-y-1 border-b border-line px-4 py-3 last:border-b-0">
      <span className="w-28 flex-none">
        <Pill tone={tone}>
          {glyph} {text}
        </Pill>
      </span>
      <div className="min-w-0 flex-1 basis-64">
        <h3 className="font-medium">
          {step.name} <span className="font-normal text-text-3">{stepDoes[step.do]}</span>
        </h3>
        {step.sentence !== '' && <p className="break-words text-text-2">{step.sentence}</p>}
        {step.progress && <Progress name={step.name} progress={step.progress} />}
        <Made output={step.output} model={run.definition.model} />
        {definition && <Settings step={definition} />}
      </div>
      <span className="flex-none text-right text-sm text-text-2 max-md:text-left">
        {step.costNanoUsd !== '0' && <span className="block">{usd(step.costNanoUsd)}</span>}
        {isWaiting && <span className="block">about {roughTime((step.etaSeconds ?? 0) * 1_000)} more</span>}
        {step.until !== null && step.endedAt === null && (
          <span className="block">a no after {dateTime(step.until)}</span>
        )}
        {step.endedAt !== null && <span className="block whitespace-nowrap">{dateTime(step.endedAt)}</span>}
        {step.attempts > 1 && <span className="block text-text-3">tried {step.attempts} times</span>}
      </span>
    </li>
  );
}

/** The steps of a run, in their order, each with what it made. */
export function StepList({ run }: { run: PipelineRunBody }) {
  return (
    <ol aria-label="Steps" className="border-b border-line bg-surface">
      {run.steps.map((step, i) => (
        <StepRow key={step.name} run={run} step={step} definition={run.definition.steps[i]} />
      ))}
    </ol>
  );
}
