import { Link } from '@tanstack/react-router';
import type { PipelineBody, PipelineRunBody } from '@wheelhouse/sdk';
import type { ReactNode } from 'react';
import { dateTime, usd } from '../../data/format.ts';
import { runWords, triggerText } from '../../data/pipeline-words.ts';
import { Pill } from '../../parts/pill.tsx';

/** How a run stands, as one mark. */
export function RunState({ state }: Pick<PipelineRunBody, 'state'>) {
  const { tone, glyph, text } = runWords[state];
  return (
    <Pill tone={tone}>
      {glyph} {text}
    </Pill>
  );
}

/** A pipeline in the list: what it is for, what starts it, how its newest run stands. */
export const pipelineCells = ({ name, definition, newest, pending }: PipelineBody): ReactNode[] => [
  <span key="name" className="block min-w-0">
    <Link to="/pipelines/$pipeline" params={{ pipeline: name }} className="link break-words">
      {name}
    </Link>
    <span className="block text-sm text-text-2">{`${definition.model}@${definition.alias}`}</span>
  </span>,
  <span key="triggers" className="block text-sm break-words text-text-2">
    {definition.triggers.length === 0 ? 'by hand' : definition.triggers.map(triggerText).join(', ')}
  </span>,
  newest === null ? (
    <span key="state" className="text-text-3">
      never ran
    </span>
  ) : (
    <span key="state">
      <RunState state={newest.state} />
    </span>
  ),
  <span key="why" className="block text-sm break-words text-text-2">
    {newest?.sentence ?? ''}
    {pending !== null && <span className="block text-text-3">Waits to start: {pending.sentence}</span>}
  </span>,
  <span key="since" className="whitespace-nowrap text-text-2">
    {newest === null ? '' : dateTime(newest.startedAt)}
  </span>,
];

/** A run in the list of a pipeline. */
export const runCells = (run: PipelineRunBody): ReactNode[] => [
  <Link
    key="run"
    to="/pipelines/$pipeline/runs/$runId"
    params={{ pipeline: run.pipeline, runId: run.id }}
    className="link whitespace-nowrap"
  >
    {`Run ${run.number}`}
  </Link>,
  <span key="state">
    <RunState state={run.state} />
  </span>,
  <span key="why" className="block text-sm break-words text-text-2">
    {run.sentence}
  </span>,
  <span key="cause" className="block text-sm break-words text-text-2">
    {run.cause.sentence}
  </span>,
  <span key="cost" className="whitespace-nowrap">
    {usd(run.costNanoUsd)}
  </span>,
  <span key="since" className="whitespace-nowrap text-text-2">
    {dateTime(run.startedAt)}
  </span>,
];
