import { pipelineSchemas } from '@wheelhouse/core/contract';
import type { ActingCaller } from '@wheelhouse/core/ports';
import { type Caller, defaultProjectId, WheelhouseError } from '@wheelhouse/core/records';
import { fakeAuditStore, fakePipelineStore } from '@wheelhouse/testing/fakes';
import { describe, expect, it, onTestFinished } from 'vitest';
import { repeat } from '../repeat.ts';
import type { Call } from './calls.ts';
import { goOnWithPipelines } from './go-on-with-pipelines.ts';
import { createPipelineHandlers } from './pipeline-handlers.ts';

const project = defaultProjectId;
const person = (actor: string, role: Caller['role'] = 'admin'): Caller => ({
  ...{ project, actor, role, key: null, person: null, team: null },
});
const ada = person('ada');

type Ask = { params?: Record<string, string>; query?: object; body?: Record<string, unknown> };
type Evaluation = { id: string; status: string; metadata: unknown; cap: unknown; runs: unknown; by: string };
type ReleaseAsked = { alias: string; candidate: number; breaking: boolean; allocation: object | null };
type Release = Omit<ReleaseAsked, 'breaking'> & { id: string; state: string; startedBy: string; by: string[] };

/** The API as far as a pipeline asks it, with what was made by it. */
function smallHouse(now: () => number) {
  const iso = () => new Date(now()).toISOString();
  const evaluations: Evaluation[] = [];
  const releases: Release[] = [];
  const state = { gate: 'held', staging: 2, cost: '1000000000', alert: null as string | null, labels: 0 };
  const callers = { at: 1, breaks: null as string | null };
  const shown = (one: Evaluation) => ({
    ...{ ...one, createdAt: iso(), done: 1, total: 2, costNanoUsd: state.cost, error: null, results: [] },
    gateResults: [{ state: state.gate, text: 'exact >= 90%', sentence: `exact is ${state.gate}.` }],
  });
  const find = <T extends { id: string }>(all: T[], id: string | undefined): T => {
    const found = all.find((one) => one.id === id);
    if (!found) throw new WheelhouseError('not_found', 'There is none.');
    return found;
  };
  const answers: Record<string, (by: Caller, ask: Ask) => unknown> = {
    getModel: () => ({
      model: {
        aliases: [
          { alias: 'production', version: callers.at },
          { alias: 'staging', version: state.staging },
        ],
      },
      versions: [{ number: 1 }, { number: 2 }],
    }),
    getDataset: () => ({
      dataset: { head: 4, changed: false, draftCount: 3, recipe: null },
      versions: [{ number: 4, count: 3 }],
    }),
    diffVersions: () => ({
      changes: [
        { text: 'Answers may be longer', breaking: false },
        ...(callers.breaks === null ? [] : [{ text: callers.breaks, breaking: true }]),
      ],
    }),
    getMonitor: () => ({}),
    getReviewQueue: () => ({ items: { done: state.labels } }),
    listAlerts: () => ({ data: state.alert === null ? [] : [{ id: state.alert, sentence: 'It fell.' }] }),
    createEvaluation: (by, { body = {} }) => {
      const { metadata, cap, runs } = body;
      evaluations.push({ id: `ev_${evaluations.length + 1}`, status: 'running', metadata, cap, runs, by: by.actor });
      return evaluations.at(-1);
    },
    listEvaluations: () => ({ data: evaluations.map(shown).reverse(), next: null }),
    getEvaluation: (_, { params }) => shown(find(evaluations, params?.evaluationId)),
    resumeEvaluation: (_, { params }) =>
      shown(Object.assign(find(evaluations, params?.evaluationId), { status: 'running' })),
    stopEvaluation: (_, { params }) =>
      shown(Object.assign(find(evaluations, params?.evaluationId), { status: 'stopped' })),
    startRelease: (by, { body = {} }) => {
      const { alias, candidate, breaking, allocation } = body as ReleaseAsked;
      if (callers.breaks !== null && !breaking)
        throw new WheelhouseError('conflict', `Callers may fail: ${callers.breaks}.`, { param: 'breaking' });
      const id = `rel_${releases.length + 1}`;
      releases.push({ id, alias, candidate, allocation, state: 'running', startedBy: by.actor, by: [by.actor] });
      return releases.at(-1);
    },
    listReleases: () => ({ data: releases.map((one) => ({ ...one, startedAt: iso() })).reverse() }),
    getRelease: (_, { params }) => ({
      release: { ...find(releases, params?.releaseId), share: 0.1, reason: 'Said so.' },
    }),
    rollBackRelease: (by, { params }) => {
      const release = find(releases, params?.releaseId);
      release.by.push(by.actor);
      return Object.assign(release, { state: 'rolled_back' });
    },
  };
  const asked: string[] = [];
  const call = (async (by: Caller, id: string, ask: Ask) => {
    asked.push(id);
    const answer = answers[id];
    if (!answer) throw new Error(`Nobody answers ${id}.`);
    return structuredClone(answer(by, ask));
  }) as unknown as Call;
  return { call, asked, evaluations, releases, state, callers };
}

function setUp() {
  let nowMs = Date.parse('2026-11-22T10:00:00Z');
  const audit = fakeAuditStore();
  const pipelines = fakePipelineStore(audit);
  const house = smallHouse(() => nowMs);
  let bytes = 0;
  const shared = {
    ...{ pipelines, feed: { publish: () => {} }, clock: { now: () => BigInt(nowMs) * 1_000_000n } },
    random: { bytes: (count: number) => new Uint8Array(count).fill(++bytes) },
  };
  const gone = new Set<string>();
  const open = (call: Call = house.call) => {
    const deps = {
      ...{ ...shared, call, log: { error: () => {}, warn: () => {} }, isDeprecated: () => false },
      rightsOf: async (_: unknown, acting: ActingCaller) => (gone.has(acting.actor) ? null : acting),
    };
    return repeat((stopping) => goOnWithPipelines(deps, stopping), { everyMs: 1_000, onError: () => {} });
  };
  const worker = open();
  onTestFinished(() => worker.stop());
  const handlers = createPipelineHandlers({
    ...{ ...shared, call: house.call, wake: () => {}, log: { warn: () => {} }, isDeprecated: () => false },
  });
  const plan = (body: object) =>
    handlers.planPipeline({
      ...{ by: ada, params: {}, query: undefined },
      body: pipelineSchemas.newPipeline.parse({ model: 'bot', candidate: 'staging', ...body }),
    });
  const set = (body: object, by = ada, query: { known?: string } = {}) =>
    handlers.setPipeline({
      ...{ by, params: { pipeline: 'refresh' }, query },
      body: pipelineSchemas.newPipeline.parse({ model: 'bot', candidate: 'staging', ...body }),
    });
  const run = (by = ada) =>
    handlers.runPipeline({ by, params: { pipeline: 'refresh' }, query: undefined, body: { reason: '' } });
  const read = async (runId: string) =>
    handlers.getPipelineRun({ by: ada, params: { runId }, query: undefined, body: undefined });
  const decide = (runId: string, yes: boolean, by = person('bo'), breaking = false) =>
    handlers.decidePipelineRun({
      ...{ by, params: { runId }, query: undefined },
      body: { yes, step: 'approve', note: '', breaking },
    });
  /** Time passes, and what is due is gone on with. */
  const pass = async (ms: number, by = worker) => {
    nowMs += ms;
    await by.run();
  };
  /** A server that is killed when it has started something and before it could write that down. */
  async function dies(route: string, made: object[]): Promise<void> {
    const other = open((async (by, asked, ask) => {
      const answer = await house.call(by, asked, ask);
      return asked === route ? new Promise(() => {}) : answer;
    }) as Call);
    void other.run();
    await expect.poll(() => made.length).toBe(1);
    void other.stop();
  }
  return { ...house, dies, pass, plan, set, run, read, decide, handlers, gone, audit, pipelines };
}

const evaluates = { do: 'evaluate', dataset: 'golden', gates: ['exact >= 90%'] };
const whole = [{ do: 'dataset', dataset: 'golden' }, evaluates, { do: 'approve' }, { do: 'release', share: 0.2 }];

describe('a pipeline that is edited', () => {
  it('says step by step what it would do now, and what would hold it back', async () => {
    const { plan, asked, evaluations, state } = setUp();
    const { steps, baseline } = await plan({
      steps: [{ do: 'dataset', dataset: 'golden', least: 5 }, ...whole.slice(1)],
    });
    expect(baseline).toBe(1);
    expect(steps).toMatchObject([
      {
        sentence: 'Freezes the draft of golden, which has 3 rows now.',
        problem: 'It has 3 rows, and 5 are asked for.',
      },
      { sentence: 'Asks bot@1 and bot@2 about golden; it goes on if exact >= 90%.', problem: null },
      { sentence: 'Asks one of the admins for a yes; without one in 72 hours it ends.' },
      {
        sentence: 'Gives bot@2 20 % of bot@production, and waits for somebody to promote it.',
      },
    ]);
    const moving = await plan({ steps: [{ do: 'release', allocation: { ceiling: 0.5 } }] });
    expect(moving.steps[0]?.sentence).toBe(
      'Gives bot@2 10 % of bot@production, moving between 10 % and 50 % by how it does, and waits for somebody to promote it.',
    );
    expect((await plan({ steps: [evaluates] })).steps[0]?.sentence).toContain('golden version 4 (3 rows)');
    state.staging = 1;
    expect((await plan({ steps: [evaluates] })).steps[0]?.problem).toBe('bot@production is at version 1 already.');
    await expect(plan({ candidate: null, steps: [evaluates] })).rejects.toMatchObject({ param: 'steps.0' });
    expect(evaluations).toEqual([]);
    expect(asked).not.toContain('freezeDataset');
  });

  it('is not set over what somebody else set meanwhile', async () => {
    const { set, pass } = setUp();
    const first = await set({ steps: whole }, ada, { known: 'none' });
    await pass(1_000);
    const second = await set({ steps: [evaluates] }, person('bo'), { known: first.changedAt });
    await pass(1_000);
    const late = { known: first.changedAt };
    await expect(set({ steps: whole }, ada, late)).rejects.toMatchObject({ code: 'conflict' });
    await expect(set({ steps: whole }, ada, { known: 'none' })).rejects.toMatchObject({ code: 'conflict' });
    await expect(set({ steps: whole }, ada, { known: 'soon' })).rejects.toMatchObject({ param: 'known' });
    expect(await set({ steps: whole }, ada, { known: second.changedAt })).toMatchObject({ appliedBy: 'ada' });
  });
});

describe('a run of a pipeline', () => {
  it('goes from rows to a release, in the name of whoever started it and then of whoever said yes', async () => {
    const { set, run, read, pass, decide, evaluations, releases } = setUp();
    await set({ steps: whole });
    const { id } = await run();
    await pass(0);
    expect(await read(id)).toMatchObject({
      state: 'running',
      baseline: 1,
      candidate: 2,
      steps: { 0: { state: 'done' } },
    });
    expect(evaluations).toMatchObject([{ runs: [{ ref: 'bot@1' }, { ref: 'bot@2' }], by: 'ada' }]);
    await pass(2_000);
    expect((await read(id)).steps[1]).toMatchObject({ state: 'running', progress: { done: 1, total: 2 } });
    Object.assign(evaluations[0] ?? {}, { status: 'completed' });
    await pass(2_000);
    const asks = await read(id);
    expect(asks).toMatchObject({ state: 'asks', mayDecide: true, costNanoUsd: '1000000000', actsAs: 'ada' });
    expect(asks.steps[1]).toMatchObject({ state: 'done', sentence: 'Gates passed: exact >= 90%.' });
    expect(releases).toEqual([]);
    await expect(decide(id, true, person('eve', 'editor'))).rejects.toMatchObject({ code: 'forbidden' });
    await decide(id, true);
    await pass(0);
    expect(releases).toMatchObject([{ alias: 'production', candidate: 2, startedBy: 'bo' }]);
    Object.assign(releases[0] ?? {}, { state: 'promoted' });
    await pass(2_000);
    expect(await read(id)).toMatchObject({ state: 'done', actsAs: 'bo', sentence: 'It was promoted. Said so.' });
    await expect(decide(id, true)).rejects.toMatchObject({ code: 'conflict' });
  });

  it('shows whoever is asked what breaks callers, and takes a yes for that by name', async () => {
    const { set, run, read, pass, decide, callers, releases, audit } = setUp();
    callers.breaks = '`order` is required';
    await set({ steps: [{ do: 'approve' }, { do: 'release' }] });
    const { id } = await run();
    await pass(0);
    expect((await read(id)).steps[0]).toMatchObject({
      ...{ state: 'asks', output: { breaking: ['`order` is required'] } },
      sentence: expect.stringContaining('Callers may fail with it: `order` is required.'),
    });
    await expect(decide(id, true)).rejects.toMatchObject({ code: 'conflict', param: 'breaking' });
    await decide(id, true, person('bo'), true);
    await pass(0);
    expect(releases).toHaveLength(1);
    expect((await read(id)).steps[0]).toMatchObject({
      ...{ state: 'done', decision: { yes: true, breaking: true } },
      sentence: 'bo said yes, also for callers who may fail.',
    });
    const entries = await audit.list(project, { limit: 10 });
    expect(entries.find(({ action }) => action === 'pipeline.decide')?.detail).toMatchObject({ breaking: true });
  });

  it('is held back where callers would fail and nobody was asked, or something else answers them by now', async () => {
    const { set, run, read, pass, decide, callers, releases } = setUp();
    callers.breaks = '`order` is required';
    await set({ steps: [{ do: 'release' }] });
    const first = await run();
    await pass(0);
    expect(await read(first.id)).toMatchObject({
      ...{ state: 'held_back', sentence: expect.stringMatching(/`order` is required.*a step `approve` before it/) },
    });
    await set({ steps: [{ do: 'approve' }, { do: 'release' }] });
    const second = await run();
    await pass(0);
    await decide(second.id, true, person('bo'), true);
    callers.at = 7;
    await pass(0);
    expect(await read(second.id)).toMatchObject({ state: 'held_back' });
    expect(releases).toEqual([]);
    await set({ steps: [{ do: 'approve' }, { do: 'release', breaking: true }] });
    const third = await run();
    await pass(0);
    expect((await read(third.id)).steps[0]?.output).toEqual({});
    await decide(third.id, true);
    await pass(0);
    expect(releases).toHaveLength(1);
  });

  it('ends where a gate does not hold, and releases nothing', async () => {
    const { set, run, read, pass, evaluations, releases, state } = setUp();
    await set({ steps: [evaluates, { do: 'release' }] });
    const { id } = await run();
    await pass(0);
    Object.assign(evaluations[0] ?? {}, { status: 'completed' });
    state.gate = 'inconclusive';
    await pass(2_000);
    const { steps, ...ended } = await read(id);
    expect(ended).toMatchObject({
      state: 'held_back',
      sentence: 'evaluate: Gate not passed: exact >= 90%: exact is inconclusive.',
    });
    expect(steps[1]?.state).toBe('to_do');
    expect(releases).toEqual([]);
  });

  it('starts nothing twice when a server dies between the start and the note of it', async () => {
    const { set, run, read, pass, dies, evaluations, releases } = setUp();
    await set({ steps: [evaluates, { do: 'release' }] });
    const { id } = await run();
    await dies('createEvaluation', evaluations);
    await pass(9_000);
    expect((await read(id)).steps[0]?.output).toEqual({});
    await pass(1_000);
    expect((await read(id)).steps[0]?.output).toEqual({ evaluation: 'ev_1' });
    expect(evaluations).toHaveLength(1);
    expect(releases).toEqual([]);
  });

  it('adopts the release that a server had started that died', async () => {
    const { set, run, read, pass, dies, releases } = setUp();
    await set({ steps: [{ do: 'release', allocation: { ceiling: 0.5 } }] });
    const { id } = await run();
    await dies('startRelease', releases);
    await pass(10_000);
    expect(releases[0]?.allocation).toEqual({ floor: 0.1, ceiling: 0.5 });
    expect((await read(id)).steps[0]).toMatchObject({ state: 'running', output: { release: 'rel_1' } });
    expect(releases).toHaveLength(1);
  });

  it('tries again what failed for a while, and says so', async () => {
    const { set, run, read, pass, evaluations } = setUp();
    await set({ steps: [evaluates] });
    const { id } = await run();
    await pass(0);
    const fails = () => Object.assign(evaluations[0] ?? {}, { status: 'failed' });
    fails();
    await pass(2_000);
    expect((await read(id)).steps[0]).toMatchObject({ state: 'running', attempts: 2 });
    await pass(4_000);
    expect(evaluations[0]?.status).toBe('failed');
    await pass(1_000);
    expect(evaluations[0]?.status).toBe('running');
    for (const pause of [30_000, 120_000, 600_000]) {
      fails();
      await pass(2_000);
      await pass(pause);
      expect(evaluations[0]?.status).toBe('running');
    }
    fails();
    await pass(2_000);
    expect(await read(id)).toMatchObject({ state: 'failed', sentence: 'evaluate: The evaluation failed.' });
  });

  it('goes on at the step that failed when somebody wants it to', async () => {
    const { set, run, read, pass, handlers, evaluations, gone } = setUp();
    await set({ steps: [evaluates] });
    const { id } = await run();
    await pass(0);
    gone.add('ada');
    await pass(2_000);
    const lost = await read(id);
    expect(lost).toMatchObject({ state: 'failed', sentence: expect.stringContaining('ada may do nothing') });
    const bo = person('bo');
    await handlers.retryPipelineRun({ by: bo, params: { runId: id }, query: undefined, body: undefined });
    Object.assign(evaluations[0] ?? {}, { status: 'completed' });
    await pass(0);
    expect(await read(id)).toMatchObject({ state: 'done', actsAs: 'bo' });
    expect(evaluations).toHaveLength(1);
    const again = handlers.retryPipelineRun({ by: bo, params: { runId: id }, query: undefined, body: undefined });
    await expect(again).rejects.toMatchObject({ code: 'conflict' });
  });

  it('stops with what it has under way: a release is rolled back', async () => {
    const { set, run, read, pass, handlers, releases } = setUp();
    await set({ steps: [{ do: 'release' }] });
    const { id } = await run();
    await pass(0);
    const body = { reason: 'Not today' };
    await handlers.stopPipelineRun({ by: person('bo'), params: { runId: id }, query: undefined, body });
    await pass(0);
    expect(await read(id)).toMatchObject({ state: 'stopped', sentence: 'bo stopped it: Not today' });
    expect(releases).toMatchObject([{ state: 'rolled_back', by: ['ada', 'bo'] }]);
    await handlers.retryPipelineRun({ by: ada, params: { runId: id }, query: undefined, body: undefined });
    await pass(0);
    expect(releases.map(({ state }) => state)).toEqual(['rolled_back', 'running']);
  });

  it('spends no more than its budget, and says when there is none left', async () => {
    const { set, run, read, pass, evaluations } = setUp();
    const second = { ...evaluates, name: 'again' };
    await set({ budget: 1, steps: [evaluates, second] });
    const { id } = await run();
    await pass(0);
    expect(evaluations[0]?.cap).toBe('1.000000000');
    Object.assign(evaluations[0] ?? {}, { status: 'completed' });
    await pass(2_000);
    expect(await read(id)).toMatchObject({ state: 'held_back', sentence: expect.stringContaining('budget of $1.00') });
    expect(evaluations).toHaveLength(1);
  });

  it('has nothing to do where the candidate is what the alias is at', async () => {
    const { set, run, read, pass, state } = setUp();
    await set({ steps: whole });
    state.staging = 1;
    const { id } = await run();
    await pass(0);
    expect(await read(id)).toMatchObject({ state: 'held_back', sentence: 'bot@production is at version 1 already.' });
  });

  it('waits for an answer for as long as it was told, and takes none as a no', async () => {
    const { set, run, read, pass, asked } = setUp();
    await set({ steps: [{ do: 'approve', hours: 1 }] });
    const { id } = await run();
    await pass(0);
    const calls = asked.length;
    await pass(3_599_000);
    expect((await read(id)).state).toBe('asks');
    expect(asked).toHaveLength(calls);
    await pass(1_000);
    expect(await read(id)).toMatchObject({
      state: 'held_back',
      sentence: 'approve: Nobody answered in time, which is a no.',
    });
  });
});

describe('what starts a run', () => {
  it('is noted once while one is under way, and starts the next after the rest', async () => {
    const { set, pass, handlers, state } = setUp();
    const { decide, read } = { decide: handlers.decidePipelineRun, read: handlers.listPipelineRuns };
    await set({ triggers: [{ on: 'alert', monitor: 'quality' }], steps: [{ do: 'approve' }], restHours: 1 });
    const runs = async () =>
      (await read({ by: ada, params: {}, query: { limit: 50, pipeline: 'refresh' }, body: undefined })).data;
    expect(await runs()).toEqual([]);
    state.alert = 'al_1';
    await pass(10_000);
    expect(await runs()).toMatchObject([{ number: 1, cause: { kind: 'alert', sentence: 'quality: It fell.' } }]);
    for (const id of ['al_2', 'al_3']) {
      state.alert = id;
      await pass(10_000);
    }
    const [first] = await runs();
    expect(first?.state).toBe('asks');
    const body = { yes: true, step: 'approve', note: '', breaking: false };
    await decide({ by: ada, params: { runId: first?.id ?? '' }, query: undefined, body });
    await pass(0);
    await pass(10_000);
    expect((await runs()).map(({ state: of }) => of)).toEqual(['done']);
    await pass(3_600_000);
    expect((await runs()).map(({ number }) => number)).toEqual([2, 1]);
    await pass(10_000);
    expect(await runs()).toHaveLength(2);
  });
});

describe('a definition', () => {
  it('is refused with the name of the step that is wrong', async () => {
    const { set } = setUp();
    await expect(set({ steps: [{ ...evaluates, gates: ['nonsense'] }] })).rejects.toMatchObject({
      ...{ code: 'invalid_request', param: 'steps.0', message: expect.stringContaining('The step `evaluate`') },
    });
    await expect(set({ steps: [{ do: 'dataset', dataset: 'golden', from: 'recipe' }] })).rejects.toMatchObject({
      message: 'The step `dataset`: `golden` has no recipe.',
    });
    await expect(set({ candidate: null, steps: [{ do: 'release' }] })).rejects.toMatchObject({ param: 'steps.0' });
    const moves = { do: 'release', share: 0.9, allocation: { floor: 0.1, ceiling: 0.5 } };
    await expect(set({ steps: [moves] })).rejects.toMatchObject({
      ...{ param: 'steps.0', message: expect.stringContaining('It begins at 0.9') },
    });
    const twice = [{ do: 'approve' }, { do: 'approve' }];
    await expect(set({ steps: twice })).rejects.toMatchObject({ param: 'steps.1' });
  });
});
