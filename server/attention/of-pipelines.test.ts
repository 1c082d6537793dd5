import type { PipelineRun } from '@wheelhouse/core/records';
import { expect, it } from 'vitest';
import { findInPipelines } from './of-pipelines.ts';

const run = (number: number, more: Partial<PipelineRun>) =>
  ({
    id: `plr_${number}`,
    pipeline: 'refresh',
    number,
    endedAt: null,
    sentence: 'approve asks for a yes.',
    ...more,
  }) as PipelineRun;

it('has runs that ask, and those that failed in the time that is looked at', () => {
  const ended = (endedAt: string) => ({ state: 'failed' as const, endedAt, sentence: 'evaluate: It broke.' });
  const { rows } = findInPipelines(
    [run(3, { state: 'asks' }), run(2, ended('2026-11-22T10:00:00.000Z')), run(1, ended('2026-11-20T10:00:00.000Z'))],
    Date.parse('2026-11-22T00:00:00Z'),
  );
  expect(rows).toEqual([
    {
      ...{ kind: 'pipeline', severity: 'warn', href: '/pipelines/refresh/runs/plr_3' },
      text: 'Pipeline refresh, run 3: approve asks for a yes.',
    },
    {
      ...{ kind: 'pipeline', severity: 'warn', href: '/pipelines/refresh/runs/plr_2' },
      text: 'Pipeline refresh, run 2 failed: evaluate: It broke.',
    },
  ]);
});
