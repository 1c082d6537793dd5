import type { PipelineRun } from '@wheelhouse/core/records';
import { type Findings, plural, type Row } from './findings.ts';

/** Runs of pipelines that wait for a yes, and those that failed since then. */
export function findInPipelines(runs: readonly PipelineRun[], fromMs: number): Findings {
  const isNews = ({ state, endedAt }: PipelineRun) =>
    state === 'asks' || (state === 'failed' && endedAt !== null && Date.parse(endedAt) >= fromMs);
  const rows = runs.filter(isNews).map(
    ({ id, pipeline, number, state, sentence }): Row => ({
      ...{ kind: 'pipeline', severity: 'warn', href: `/pipelines/${pipeline}/runs/${id}` },
      text: `Pipeline ${pipeline}, run ${number}${state === 'failed' ? ' failed' : ''}: ${sentence}`,
    }),
  );
  return { rows, looked: `${plural(runs.length, 'run')} of pipelines` };
}
