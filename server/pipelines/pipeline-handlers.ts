import {
  type Handlers,
  type PipelineBody,
  type PipelineRouteId,
  type PipelineRunBody,
  pageBelow,
  pipelineSchemas,
} from '@wheelhouse/core/contract';
import type {
  ActingCaller,
  Clock,
  KeptRun,
  LiveFeed,
  PipelineSeen,
  PipelineStore,
  Random,
  RunChange,
} from '@wheelhouse/core/ports';
import {
  atLeast,
  type Caller,
  idRandomBytes,
  newId,
  type Pipeline,
  type PipelineDefinition,
  type PipelineRun,
  WheelhouseError,
  wholeMs,
} from '@wheelhouse/core/records';
import {
  candidateOf,
  checkPipeline,
  costOf,
  freshSteps,
  isRetryable,
  lookAtTriggers,
  nextScheduled,
  retryRun,
  stepAt,
} from '@wheelhouse/core/watch';
import { checkReferences } from './check-references.ts';
import { knownOf, planSteps } from './plan-pipeline.ts';
import { readSigns, type SignDeps } from './read-signs.ts';

export type PipelineHandlerDeps = SignDeps & {
  pipelines: PipelineStore;
  /** Runs are gone on with at once. */
  wake(): void;
  feed: Pick<LiveFeed, 'publish'>;
  clock: Clock;
  random: Random;
  log: { warn(details: object, message: string): void };
};

/** A server that goes on with the same run may write first. */
const mostTries = 10;

const actingOf = ({ actor, role, key, person, team }: Caller): ActingCaller => ({ actor, role, key, person, team });

/** The role that the step asks for which a run is at; null: it asks for nothing. */
function askedRole(run: PipelineRun): 'editor' | 'admin' | 'owner' | null {
  const at = stepAt(run);
  const step = run.definition.steps[at];
  return run.steps[at]?.state === 'asks' && step?.do === 'approve' ? step.role : null;
}

function runBody(run: PipelineRun, { role }: Caller): PipelineRunBody {
  const asked = askedRole(run);
  return {
    ...run,
    definition: run.definition as PipelineRunBody['definition'],
    steps: run.steps.map(({ resumes: _, ...step }) => step),
    candidate: candidateOf(run),
    costNanoUsd: String(costOf(run)),
    mayDecide: run.endedAt === null && run.stopping === null && asked !== null && atLeast(role, asked),
  };
}

const noPipeline = (name: string) =>
  new WheelhouseError('not_found', `There is no pipeline \`${name.slice(0, 80)}\`.`, {
    hint: 'GET /api/v1/pipelines lists them.',
  });
const noRun = (id: string) =>
  new WheelhouseError('not_found', `There is no run \`${id.slice(0, 80)}\` of a pipeline.`, {
    hint: 'GET /api/v1/pipeline-runs lists them.',
  });
const ended = ({ state }: PipelineRun) =>
  new WheelhouseError('conflict', `The run has ended: it is ${state.replace('_', ' ')}.`);

/** Each step has a name, which is what it does unless it was given one. */
const named = ({
  steps,
  ...rest
}: object & { steps: { do: string; name?: string | undefined }[] }): PipelineDefinition =>
  ({ ...rest, steps: steps.map((step) => ({ ...step, name: step.name ?? step.do })) }) as unknown as PipelineDefinition;

type Decision = { yes: boolean; step: string; note: string; breaking: boolean };

/** What a yes or a no makes of a run. */
function decided(
  kept: KeptRun,
  by: Caller,
  { yes, step, note, breaking }: Decision,
  nowMs: number,
): Omit<RunChange, 'nowMs'> {
  const { run, revision, acting } = kept;
  const role = askedRole(run);
  const asking = run.steps[stepAt(run)];
  if (run.endedAt !== null) throw ended(run);
  if (role === null || asking?.name !== step || run.stopping !== null)
    throw new WheelhouseError('conflict', `The run does not ask for a yes at \`${step}\` now.`, {
      hint: run.sentence,
    });
  if (!atLeast(by.role, role))
    throw new WheelhouseError('forbidden', `The ${role}s of this project decide about \`${step}\`.`, {
      hint: `Ask one of the ${role}s of this project.`,
    });
  const breaks = asking.output.breaking ?? [];
  if (yes && breaks.length > 0 && !breaking)
    throw new WheelhouseError('conflict', `Callers may fail with what is to be released: ${breaks.join('; ')}.`, {
      ...{ param: 'breaking', hint: 'Where they are ready: `"breaking": true`, or --breaking.' },
    });
  const isReady = yes && breaks.length > 0;
  const decision = {
    ...{ yes, by: by.actor, note, at: new Date(nowMs).toISOString() },
    ...(isReady ? { breaking: true } : {}),
  };
  const steps = run.steps.map((one) => (one.name === step ? { ...one, decision } : one));
  const as = yes ? actingOf(by) : acting;
  return {
    ...{ run: { ...run, steps, actsAs: as.actor }, revision, acting: as, action: 'pipeline.decide' },
    detail: { step, yes, note, ...(isReady ? { breaking: true } : {}) },
  };
}

/** What comes after this starts runs; a base model that is deprecated already does as well. */
async function seenNow(deps: PipelineHandlerDeps, by: Caller, definition: PipelineDefinition): Promise<PipelineSeen> {
  const read = await readSigns(deps, by, definition);
  const signs = read.map((sign) => (sign?.on === 'deprecated' ? null : sign));
  return lookAtTriggers(definition, { seen: {}, signs, nowMs: wholeMs(deps.clock.now()) }).seen;
}

type RunRoutes = 'listPipelineRuns' | 'getPipelineRun' | 'decidePipelineRun' | 'stopPipelineRun' | 'retryPipelineRun';

/** Pages hear of it, and it is gone on with. */
function announce(
  { feed, wake }: Pick<PipelineHandlerDeps, 'feed' | 'wake'>,
  { project }: Caller,
  run: PipelineRun,
): void {
  feed.publish({ type: 'pipelines', project, pipeline: run.pipeline, run: run.id });
  wake();
}

function createRunHandlers(deps: PipelineHandlerDeps): Handlers<RunRoutes> {
  const { pipelines, clock } = deps;
  const nowMs = () => wholeMs(clock.now());

  /** As often as a server that goes on with it comes between. */
  async function change(
    by: Caller,
    id: string,
    make: (kept: KeptRun) => Omit<RunChange, 'nowMs'>,
  ): Promise<PipelineRunBody> {
    for (let tries = 0; tries < mostTries; tries++) {
      const kept = await pipelines.run(by.project, id);
      if (!kept) throw noRun(id);
      const made = make(kept);
      if (!(await pipelines.change(by, { ...made, nowMs: nowMs() }))) continue;
      announce(deps, by, made.run);
      return runBody(made.run, by);
    }
    throw new WheelhouseError('store_unavailable', 'The run changes all the time.', { hint: 'Try again.' });
  }

  return {
    listPipelineRuns: ({ by, query: { pipeline, state, ...page } }) =>
      pageBelow(
        page,
        (ask) =>
          pipelines.runs(by.project, {
            ...ask,
            ...(pipeline === undefined ? {} : { pipeline }),
            ...(state === undefined ? {} : { state }),
          }),
        (run) => runBody(run, by),
      ),

    async getPipelineRun({ by, params }) {
      const kept = await pipelines.run(by.project, params.runId);
      if (!kept) throw noRun(params.runId);
      return runBody(kept.run, by);
    },

    decidePipelineRun: ({ by, params, body }) => change(by, params.runId, (kept) => decided(kept, by, body, nowMs())),

    stopPipelineRun: ({ by, params, body: { reason } }) =>
      change(by, params.runId, ({ run, revision }) => {
        if (run.endedAt !== null) throw ended(run);
        const stopping = { by: by.actor, reason };
        return {
          ...{
            run: { ...run, stopping, actsAs: by.actor, sentence: 'It is stopped.' },
            revision,
            acting: actingOf(by),
          },
          ...{ action: 'pipeline.stop', detail: { step: run.steps[stepAt(run)]?.name ?? null } },
        };
      }),

    retryPipelineRun: ({ by, params }) =>
      change(by, params.runId, ({ run, revision }) => {
        if (!isRetryable(run))
          throw new WheelhouseError('conflict', `A run that is ${run.state.replace('_', ' ')} cannot be tried again.`, {
            hint: 'Start another one: POST /api/v1/pipelines/{pipeline}/runs.',
          });
        return {
          ...{ run: { ...retryRun(run), actsAs: by.actor }, revision, acting: actingOf(by), action: 'pipeline.retry' },
          detail: { step: run.steps[stepAt(run)]?.name ?? null },
        };
      }),
  };
}

/** Sets pipelines up, starts runs of them and decides about those; `goOnWithPipelines` carries them out. */
export function createPipelineHandlers(deps: PipelineHandlerDeps): Handlers<PipelineRouteId> {
  const { pipelines, call, feed, clock, random } = deps;
  const nowMs = () => wholeMs(clock.now());

  async function pipelineBody(by: Caller, pipeline: Pipeline): Promise<PipelineBody> {
    const { id: _, definition, ...rest } = pipeline;
    const [newest] = await pipelines.runs(by.project, { limit: 1, pipeline: pipeline.name });
    const nextMs = nextScheduled(definition, nowMs());
    return {
      ...rest,
      definition: definition as PipelineBody['definition'],
      nextAt: nextMs === null ? null : new Date(nextMs).toISOString(),
      newest: newest === undefined ? null : runBody(newest, by),
    };
  }

  return {
    async listPipelines({ by, query: { limit, cursor } }) {
      const found = await pipelines.list(by.project, {
        limit: limit + 1,
        ...(cursor !== undefined && { after: cursor }),
      });
      const shown = found.slice(0, limit);
      const data = await Promise.all(shown.map((pipeline) => pipelineBody(by, pipeline)));
      return { data, next: found.length > limit ? (data.at(-1)?.name ?? null) : null };
    },

    async getPipeline({ by, params }) {
      const pipeline = await pipelines.get(by.project, params.pipeline);
      if (!pipeline) throw noPipeline(params.pipeline);
      return pipelineBody(by, pipeline);
    },

    async planPipeline({ by, body }) {
      const definition = named(body);
      checkPipeline(definition);
      await checkReferences(call, by, definition);
      const nextMs = nextScheduled(definition, nowMs());
      return {
        definition: definition as PipelineBody['definition'],
        ...(await planSteps({ call, by }, definition)),
        nextAt: nextMs === null ? null : new Date(nextMs).toISOString(),
      };
    },

    async setPipeline({ by, params: { pipeline: name }, query, body }) {
      const parsed = pipelineSchemas.pipelineName.safeParse(name);
      if (!parsed.success)
        throw new WheelhouseError('invalid_request', parsed.error.issues[0]?.message ?? 'The name is wrong.', {
          param: 'pipeline',
        });
      const definition = named(body);
      checkPipeline(definition);
      await checkReferences(call, by, definition);
      const id = newId('pl', nowMs(), random.bytes(idRandomBytes));
      const seen = await seenNow(deps, by, definition);
      const known = knownOf(query.known);
      const set = await pipelines.set(by, {
        ...{ id, name, definition, seen, nowMs: nowMs() },
        ...(known === undefined ? {} : { known }),
      });
      feed.publish({ type: 'pipelines', project: by.project, pipeline: name, run: '' });
      return pipelineBody(by, set);
    },

    async removePipeline({ by, params }) {
      const removed = await pipelines.remove(by, params.pipeline);
      if (removed) feed.publish({ type: 'pipelines', project: by.project, pipeline: params.pipeline, run: '' });
      return { removed };
    },

    async runPipeline({ by, params: { pipeline: name }, body: { reason } }) {
      const pipeline = await pipelines.get(by.project, name);
      if (!pipeline) throw noPipeline(name);
      const { definition } = pipeline;
      const sentence = reason === '' ? `${by.actor} started it.` : `${by.actor}: ${reason}`;
      const run = await pipelines.start(by, name, {
        id: newId('plr', nowMs(), random.bytes(idRandomBytes)),
        ...{ cause: { kind: 'hand', sentence }, definition, steps: freshSteps(definition), sentence },
        ...{ acting: actingOf(by), nowMs: nowMs() },
      });
      announce(deps, by, run);
      return runBody(run, by);
    },

    ...createRunHandlers(deps),
  };
}
