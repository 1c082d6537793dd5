import type { Handlers, OptimizationRouteId, ParsedBody } from '@wheelhouse/core/contract';
import {
  type Actor,
  idRandomBytes,
  type JsonObject,
  nanosToMs,
  newId,
  type Optimization,
  type OptimizationBudget,
  type OptimizationProgress,
  type OptimizationReport,
  type ProjectId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { candidateBody, candidateDetailBody, optimizationBody, summaryBody } from './bodies.ts';
import type { HandlerDeps } from './deps.ts';
import { estimateOptimization } from './estimate.ts';
import { tell } from './live-event.ts';
import { type OptimizationJob, optimizationQueue } from './optimization-queue.ts';
import { budgetOf, planOptimization } from './plan.ts';

type Find = Pick<HandlerDeps, 'optimizations'>;

async function findOptimization({ optimizations }: Find, project: ProjectId, id: string): Promise<Optimization> {
  const found = await optimizations.get(project, id);
  if (found) return found;
  throw new WheelhouseError('not_found', `There is no optimization \`${id.slice(0, 80)}\`.`, {
    hint: 'GET /api/v1/optimizations lists them.',
  });
}

const bodyOf = async ({ optimizations }: Find, optimization: Optimization) =>
  optimizationBody(optimization, await optimizations.candidates(optimization.id));

/** Of one that the client runs, for the client that says how it goes. */
async function findOfClient(deps: Find, project: ProjectId, id: string): Promise<Optimization> {
  const found = await findOptimization(deps, project, id);
  if (found.place === 'client') return found;
  throw new WheelhouseError('conflict', 'The server runs this optimization, and says itself how it goes.');
}

type OfClient = Pick<Handlers, 'recordOptimization' | 'reportOptimization' | 'finishOptimization'>;

/** For optimizations that run where their code is. */
function createClientHandlers(deps: HandlerDeps, freshId: () => string): OfClient {
  const { optimizations, feed } = deps;
  return {
    async recordOptimization({ by, body }) {
      const { name, program, registered, budget, optimizer, ...setup } = body;
      const created = await optimizations.create(by, {
        ...{ ...setup, id: freshId(), place: 'client', name: name || program, program, registered, madeFrom: [] },
        ...{ budget: budgetOf(budget), optimizer: { ...optimizer, options: optimizer.options as JsonObject } },
      });
      tell(feed, by.project, created);
      return bodyOf(deps, created);
    },

    async reportOptimization({ by, params, body: { turn, progress, candidates } }) {
      const { id } = await findOfClient(deps, by.project, params.optimizationId);
      const told = { progress: progress as OptimizationProgress, candidates: candidates as never };
      const goesOn = await optimizations.report({ id, turn }, told);
      if (goesOn) tell(feed, by.project, { id, state: 'running', progress: told.progress });
      const now = goesOn ? null : await optimizations.get(by.project, id);
      return { goesOn, state: goesOn ? 'running' : (now?.state ?? null) };
    },

    async finishOptimization({ by, params, body: { turn, report, definition, ...end } }) {
      const { id } = await findOfClient(deps, by.project, params.optimizationId);
      const ended = await optimizations.end(
        { id, turn },
        {
          ...{ ...end, report: report as OptimizationReport | null },
          definition: report?.verdict === 'gain' ? (definition as never) : null,
        },
      );
      if (ended) tell(feed, by.project, ended);
      return bodyOf(deps, ended ?? (await findOptimization(deps, by.project, id)));
    },
  };
}

/** Whether there is something to go on with. @throws WheelhouseError `conflict` */
function checkResume(
  { state, report, place, budget: before, spend }: Optimization,
  { budget, here }: { budget: OptimizationBudget | undefined; here: boolean },
): void {
  if (place === 'client' && !here)
    throw new WheelhouseError('conflict', 'This optimization runs where its code is.', {
      hint: 'Go on there: wheelhouse optimize <file> --resume',
    });
  if (place === 'client' || state !== 'done') return;
  if (report?.stopped.reason !== 'budget')
    throw new WheelhouseError('conflict', 'The search came to its end: there is nothing to resume.', {
      hint: 'Another seed, or another optimizer, is another search.',
    });
  const limits = budget ?? before;
  const isSpent =
    (limits.calls !== null && limits.calls <= spend.calls) ||
    (limits.minutes !== null && limits.minutes <= spend.minutes) ||
    (limits.costNanoUsd !== null && BigInt(limits.costNanoUsd) <= BigInt(spend.costNanoUsd ?? '0'));
  if (budget === undefined || isSpent)
    throw new WheelhouseError('conflict', 'The budget is spent.', {
      ...{ param: 'budget', hint: 'Resume it with one that is larger than what was spent.' },
    });
}

/** The name of the model that a version of the result goes to. */
function publishedName({ registered }: Optimization, { name }: ParsedBody<'publishOptimization'>): string {
  if (name !== undefined) return name;
  if (registered) return registered.name;
  throw new WheelhouseError('invalid_request', 'Nothing says which model the version is of.', {
    ...{ param: 'name', hint: 'Give it a name.' },
  });
}

/** Starts optimizations and shows them; {@link startOptimizationWorker} runs them. */
export function createOptimizationHandlers(deps: HandlerDeps): Handlers<OptimizationRouteId> {
  const { optimizations, feed, jobs } = deps;
  const freshId = () => newId('op', nanosToMs(deps.clock.now()), deps.random.bytes(idRandomBytes));

  async function enqueue({ project }: Actor, { id, turn }: Optimization): Promise<void> {
    await jobs.enqueue(optimizationQueue, { project, id, turn, kept: 0 } satisfies OptimizationJob);
  }

  return {
    async listOptimizations({ by, query: { limit, cursor, state, program, dataset } }) {
      const found = await optimizations.list(by.project, {
        limit: limit + 1,
        ...(cursor === undefined ? {} : { before: cursor }),
        ...(state === undefined ? {} : { state }),
        ...(program === undefined ? {} : { program }),
        ...(dataset === undefined ? {} : { dataset }),
      });
      const data = found.slice(0, limit);
      return { data: data.map(summaryBody), next: found.length > limit ? (data.at(-1)?.id ?? null) : null };
    },

    async createOptimization({ by, body }) {
      const { planned } = await planOptimization(deps, by, body, { freezes: true });
      const created = await optimizations.create(by, { id: freshId(), ...planned });
      await enqueue(by, created);
      tell(feed, by.project, created);
      return bodyOf(deps, created);
    },

    estimateOptimization: ({ by, body }) => estimateOptimization(deps, by, body),

    getOptimization: async ({ by, params }) =>
      bodyOf(deps, await findOptimization(deps, by.project, params.optimizationId)),

    async getOptimizationCandidate({ by, params: { optimizationId, candidateId } }) {
      const optimization = await findOptimization(deps, by.project, optimizationId);
      const { id, progress } = optimization;
      const told = await optimizations.candidates(id);
      const n = told.findIndex((one) => one.id === candidateId);
      const at = told[n];
      const read = (one: string | null | undefined) => (one ? optimizations.candidate(id, one) : null);
      const [own, parent, start] = await Promise.all([read(at?.id), read(at?.parents[0]), read(progress.startId)]);
      if (!at || !own || !start)
        throw new WheelhouseError('not_found', `There is no candidate \`${candidateId.slice(0, 80)}\`.`, {
          hint: 'GET /api/v1/optimizations/{optimizationId} lists them.',
        });
      return candidateDetailBody(candidateBody(optimization, at, n), { own, parent, start });
    },

    async stopOptimization({ by, params }) {
      const stopped = await optimizations.stop(by, params.optimizationId);
      tell(feed, by.project, stopped);
      return bodyOf(deps, stopped);
    },

    async resumeOptimization({ by, params, body: { budget: given, here } }) {
      const before = await findOptimization(deps, by.project, params.optimizationId);
      const budget = given && budgetOf(given);
      checkResume(before, { budget, here });
      const resumed = await optimizations.resume(by, before.id, budget === undefined ? {} : { budget });
      if (resumed.place === 'server') await enqueue(by, resumed);
      tell(feed, by.project, resumed);
      return bodyOf(deps, resumed);
    },

    async publishOptimization({ by, params, body }) {
      const optimization = await findOptimization(deps, by.project, params.optimizationId);
      const { id, definition, report, madeFrom } = optimization;
      if (report?.verdict !== 'gain')
        throw new WheelhouseError('conflict', 'Nothing was found that is known to be better.', {
          hint: report === null ? 'It has not ended.' : report.sentence,
        });
      if (definition === null)
        throw new WheelhouseError('conflict', 'What was found holds code, so the server cannot run it.', {
          hint: 'Keep the candidate where the code is: wheelhouse optimize <file> --resume --out candidate.json',
        });
      const found = await deps.publish(by, {
        ...{
          name: publishedName(optimization, body),
          definition,
          madeFrom,
          alias: body.alias,
          breaking: body.breaking,
        },
        message: body.message ?? report.sentence.slice(0, 1000),
      });
      await optimizations.setPublished(by, id, found.published);
      const now = await findOptimization(deps, by.project, id);
      tell(feed, by.project, now);
      return found;
    },

    async removeOptimization({ by, params }) {
      await optimizations.remove(by, params.optimizationId);
      feed.publish({ type: 'optimization_removed', project: by.project, id: params.optimizationId });
      return { removed: true };
    },

    ...createClientHandlers(deps, freshId),
  };
}
