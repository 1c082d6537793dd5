import { describe, expect, it } from 'vitest';
import type { PipelineDefinition, PipelineRun, PipelineStep } from '../../records/index.ts';
import { checkPipeline } from './check-pipeline.ts';
import {
  afterStep,
  beginStep,
  candidateOf,
  freshSteps,
  isRetryable,
  leftFor,
  lookAtApproval,
  madeBefore,
  retryRun,
  stepAt,
  stopRun,
} from './run-steps.ts';

const nowMs = Date.parse('2026-11-22T10:00:00Z');

const steps: Record<string, PipelineStep> = {
  dataset: { do: 'dataset', name: 'dataset', dataset: 'golden', from: 'draft', queue: null, least: 1 },
  optimize: {
    ...{ do: 'optimize', name: 'optimize', dataset: null, model: null, proposer: null, scorers: ['exact'] },
    ...{ optimizer: { name: 'random-search' }, budget: { dollars: '2' }, seed: 0, concurrency: 8 },
  },
  publish: { do: 'publish', name: 'publish', alias: null },
  evaluate: {
    ...{ do: 'evaluate', name: 'evaluate', dataset: null, rows: { split: null, tag: null, first: null } },
    ...{ scorers: ['exact'], gates: [], repetitions: 1, concurrency: 8 },
  },
  approve: { do: 'approve', name: 'approve', role: 'admin', hours: 2, note: '' },
};
const pick = (...names: string[]) => names.map((name) => steps[name] as PipelineStep);
const definition = (more: Partial<PipelineDefinition> = {}): PipelineDefinition => ({
  ...{ description: '', model: 'bot', alias: 'production', candidate: null, budget: null, restHours: 1, triggers: [] },
  steps: pick('dataset', 'optimize', 'publish', 'evaluate', 'approve'),
  ...more,
});
const runOf = (of = definition()): PipelineRun => ({
  ...{ id: 'plr_1', pipeline: 'refresh', number: 1, state: 'running', cause: { kind: 'hand', sentence: '' } },
  ...{ definition: of, actsAs: 'ada', baseline: 1, candidate: null, steps: freshSteps(of), sentence: '' },
  ...{ stopping: null, startedAt: '2026-11-22T10:00:00.000Z', endedAt: null },
});
const done = (run: PipelineRun, output = {}, costNanoUsd = '0') => {
  const at = stepAt(run);
  return afterStep(
    beginStep(run, { at, nowMs }),
    { kind: 'done', sentence: 'Made.', output, costNanoUsd },
    { at, nowMs },
  ).run;
};

describe('the steps of a run', () => {
  it('hand on what they made to those behind them', () => {
    const first = done(runOf(), { dataset: { name: 'golden', version: 3, rows: 40 } });
    const second = done(first, { optimization: 'op_1' });
    expect(candidateOf(second)).toBeNull();
    const third = done(second, { version: 7 });
    const dataset = { name: 'golden', version: 3, rows: 40 };
    expect(madeBefore(third, 3)).toEqual({ dataset, optimization: 'op_1', version: 7 });
    expect(madeBefore(third, 1)).toEqual({ dataset });
    expect(candidateOf(third)).toBe(7);
    expect(third).toMatchObject({ state: 'running', endedAt: null });
    const asks = beginStep(done(third), { at: 4, nowMs });
    expect(asks).toMatchObject({ state: 'asks', steps: { 4: { state: 'asks', until: '2026-11-22T12:00:00.000Z' } } });
  });

  it('end the run with the last of them, or with a no', () => {
    const only = runOf(definition({ candidate: 'staging', steps: pick('approve') }));
    expect(done(only)).toMatchObject({ state: 'done', endedAt: '2026-11-22T10:00:00.000Z' });
    const no = { kind: 'held_back' as const, sentence: 'Gate not passed: exact.' };
    const held = afterStep(beginStep(runOf(), { at: 0, nowMs }), no, { at: 0, nowMs }).run;
    expect(held).toMatchObject({ state: 'held_back', sentence: 'dataset: Gate not passed: exact.' });
    expect(held.steps.map(({ state }) => state)).toEqual(['held_back', 'to_do', 'to_do', 'to_do', 'to_do']);
    expect(isRetryable(held)).toBe(false);
  });

  it('are tried again with longer and longer pauses, and then no more', () => {
    const bad = { kind: 'failed' as const, again: true, sentence: 'The store is away.' };
    let run = beginStep(runOf(), { at: 0, nowMs });
    const waits: number[] = [];
    for (let tries = 0; tries < 4; tries++) {
      const after = afterStep(run, bad, { at: 0, nowMs });
      expect(after.run).toMatchObject({ endedAt: null, steps: { 0: { resumes: true, attempts: tries + 2 } } });
      waits.push(after.dueMs - nowMs);
      run = after.run;
    }
    expect(waits).toEqual([5_000, 30_000, 120_000, 600_000]);
    const last = afterStep(run, bad, { at: 0, nowMs }).run;
    expect(last).toMatchObject({ state: 'failed', sentence: 'dataset: The store is away.' });
    const hopeless = afterStep(beginStep(runOf(), { at: 0, nowMs }), { ...bad, again: false }, { at: 0, nowMs }).run;
    expect(hopeless.state).toBe('failed');
    const again = retryRun(hopeless);
    expect(again).toMatchObject({ state: 'running', endedAt: null, steps: { 0: { state: 'to_do', resumes: true } } });
  });

  it('may cost together what the run may cost', () => {
    const run = done(runOf(definition({ budget: '3' })), {}, '1000000000');
    expect(leftFor(run, 1)).toBe(2_000_000_000n);
    expect(leftFor(done(run, {}, '5000000000'), 2)).toBe(0n);
    expect(leftFor(runOf(), 1)).toBeNull();
  });

  it('go on when somebody says yes, and end when nobody answers in time', () => {
    const run = beginStep(runOf(definition({ candidate: '2', steps: pick('approve') })), { at: 0, nowMs });
    const asks = run.steps[0];
    if (!asks) throw new Error('There is no step.');
    expect(lookAtApproval(asks, nowMs).kind).toBe('waits');
    expect(afterStep(run, lookAtApproval(asks, nowMs), { at: 0, nowMs }).dueMs).toBe(nowMs + 2 * 3_600_000);
    expect(lookAtApproval(asks, nowMs + 2 * 3_600_000)).toMatchObject({
      ...{ kind: 'held_back', sentence: 'Nobody answered in time, which is a no.' },
    });
    const decision = { by: 'bo', note: 'Looks good', at: '2026-11-22T11:00:00.000Z' };
    const yes = lookAtApproval({ ...asks, decision: { ...decision, yes: true } }, nowMs + 9 * 3_600_000);
    expect(yes).toEqual({ kind: 'done', sentence: 'bo said yes: Looks good' });
    expect(lookAtApproval({ ...asks, decision: { ...decision, yes: false } }, nowMs).kind).toBe('held_back');
  });

  it('stop where they are, and what was not begun stays as it was', () => {
    const stopping = { by: 'ada', reason: 'Too dear' };
    const stopped = stopRun({ ...beginStep(runOf(), { at: 0, nowMs }), stopping }, nowMs);
    expect(stopped).toMatchObject({ state: 'stopped', sentence: 'ada stopped it: Too dear', stopping: null });
    expect(stopped.steps.map(({ state }) => state).slice(0, 2)).toEqual(['stopped', 'to_do']);
    expect(stopRun({ ...runOf(), stopping }, nowMs).steps[0]?.state).toBe('to_do');
    expect(isRetryable(stopped)).toBe(true);
  });
});

describe('a definition', () => {
  const problem = (more: Partial<PipelineDefinition>): string => {
    try {
      checkPipeline(definition(more));
    } catch (error) {
      return error instanceof Error ? error.message : '';
    }
    return '';
  };

  it('is refused where a step lacks what it needs, with the name of the step', () => {
    expect(problem({})).toBe('');
    expect(problem({ steps: pick('optimize') })).toBe('The step `optimize` has no dataset.');
    expect(problem({ steps: pick('publish') })).toBe('The step `publish` has nothing to publish.');
    expect(problem({ steps: pick('dataset', 'evaluate') })).toBe('The step `evaluate` has no version to look at.');
    expect(problem({ steps: pick('dataset', 'evaluate'), candidate: 'staging' })).toBe('');
    expect(problem({ candidate: 'staging' })).toContain('`candidate` names another one');
    expect(problem({ steps: pick('dataset', 'dataset') })).toBe('Two steps are called `dataset`.');
    const moves = { ...(steps.publish as PipelineStep), alias: 'production' } as PipelineStep;
    expect(problem({ steps: [...pick('dataset', 'optimize'), moves] })).toContain('would move `production` itself');
  });

  it('is refused with a trigger twice, or a schedule that names no time', () => {
    expect(problem({ triggers: [{ on: 'rolled_back' }, { on: 'rolled_back' }] })).toContain('twice');
    expect(problem({ triggers: [{ on: 'schedule', cron: 'daily' }] })).toContain('is no schedule');
  });
});
