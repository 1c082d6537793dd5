import { formatUsd } from '@wheelhouse/core/records';
import type { PipelineRunBody } from '@wheelhouse/sdk';
import type { Style } from './style.ts';
import { type CellText, renderTable } from './table.ts';

type Step = PipelineRunBody['steps'][number];

const marks: Record<Step['state'], string> = {
  ...{ to_do: '·', running: '▸', asks: '?', done: '✓', held_back: '–', failed: '✕', stopped: '■' },
};
const words: Record<PipelineRunBody['state'], string> = {
  ...{ running: 'under way', asks: 'asks for a yes', done: 'done', held_back: 'held back', failed: 'failed' },
  stopped: 'stopped',
};

/** `held_back` as people say it. */
export const runWords = (state: PipelineRunBody['state']): string => words[state];

/** What a step made, as one would type it. */
function madeText(
  run: PipelineRunBody,
  { output: { dataset, optimization, evaluation, version, release } }: Step,
): string {
  return [
    dataset && `${dataset.name}@${dataset.version}`,
    optimization,
    evaluation,
    version === undefined ? undefined : `${run.definition.model}@${version}`,
    release,
  ]
    .filter((text) => text !== undefined)
    .join(' ');
}

function stepRow(run: PipelineRunBody, step: Step, { green, red, dim, cyan }: Style): (string | CellText)[] {
  const bad = step.state === 'failed' || step.state === 'held_back';
  const paint = step.state === 'done' ? green : bad ? red : step.state === 'to_do' ? dim : cyan;
  const eta = step.etaSeconds === null ? '' : ` (about ${Math.max(1, Math.round(step.etaSeconds / 60))} min more)`;
  const cost = step.costNanoUsd === '0' ? '' : formatUsd(BigInt(step.costNanoUsd));
  return [{ text: `${marks[step.state]} ${step.name}`, paint }, madeText(run, step), cost, `${step.sentence}${eta}`];
}

/** Whether it asks about something that callers may fail with. */
const breaksCallers = ({ steps }: PipelineRunBody) =>
  steps.some(({ state, output }) => state === 'asks' && (output.breaking?.length ?? 0) > 0);

/** A run: what it is about, then a line a step. */
export function runLines(run: PipelineRunBody, style: Style): string[] {
  const { model, alias } = run.definition;
  const versions = run.baseline === null ? '' : `, ${model}@${alias} at ${run.baseline}`;
  const candidate = run.candidate === null ? '' : `, candidate ${run.candidate}`;
  const rows = run.steps.map((step) => stepRow(run, step, style));
  return [
    `  ${style.bold(`${run.pipeline}, run ${run.number}`)}  ${runWords(run.state)}${versions}${candidate}`,
    `  ${run.cause.sentence}`,
    ...renderTable(rows, ['left', 'left', 'right', 'left']),
    ...(run.endedAt === null ? [] : [`  ${run.sentence}`]),
    ...(run.state === 'asks'
      ? [
          `  wheelhouse pipeline approve ${run.pipeline}${breaksCallers(run) ? ' --breaking' : ''}  or  wheelhouse pipeline reject ${run.pipeline} --note <why>`,
        ]
      : []),
    ...(run.state === 'failed' || run.state === 'stopped'
      ? [`  wheelhouse pipeline retry ${run.pipeline} goes on where it was.`]
      : []),
  ];
}
