import {
  type Handlers,
  type OnlineEvaluationBody,
  type OnlineRouteId,
  onlineSchemas,
  type ParsedBody,
  pageBelow,
  type ScoringRouteId,
  scoringSchemas,
} from '@wheelhouse/core/contract';
import { asksModels } from '@wheelhouse/core/eval';
import type { Clock, LabelDesk, OnlineStore, Random } from '@wheelhouse/core/ports';
import { allOf, printFilter, someCondition } from '@wheelhouse/core/query';
import {
  type Actor,
  type Filter,
  formatUsd,
  idRandomBytes,
  isSpent,
  nanosToMs,
  newId,
  type OnlineDefinition,
  type OnlineEvaluation,
  onDay,
  type ProjectId,
  parseUsd,
  WheelhouseError,
} from '@wheelhouse/core/records';
import type { PriceDeps } from '../estimate.ts';
import { filterOf } from '../scoring/read-targets.ts';
import { scorersNamed } from '../scoring/scoring-handlers.ts';
import { createCheckHandlers, type OnlineCheckDeps } from './check-handlers.ts';
import type { OnlineLookDeps } from './look.ts';
import { tryOnline, unjudged } from './try-online.ts';

export type OnlineHandlerDeps = OnlineLookDeps &
  Pick<OnlineCheckDeps, 'telemetry'> &
  PriceDeps & {
    online: OnlineStore;
    desk: LabelDesk;
    /** Scoring what is there. */
    scoring: Pick<Handlers<ScoringRouteId>, 'createScoring' | 'estimateScoring'>;
    clock: Clock;
    random: Random;
  };

type NewOnline = ParsedBody<'setOnlineEvaluation'>;

const noOnline = (name: string) =>
  new WheelhouseError('not_found', `There is no online evaluation \`${name.slice(0, 80)}\`.`, {
    hint: 'GET /api/v1/online-evaluations lists them.',
  });

function checkName(name: string): void {
  const parsed = onlineSchemas.onlineName.safeParse(name);
  if (!parsed.success)
    throw new WheelhouseError('invalid_request', parsed.error.issues[0]?.message ?? 'The name is wrong.', {
      param: 'online',
    });
}

const timed = new Set<Filter['type']>(['last', 'since', 'until']);
const ofScores = new Set<Filter['type']>(['score', 'scored']);

/** @throws WheelhouseError `filter_invalid`, `invalid_request` where it asks for what is not there when a trace arrives */
function checkFilter(q: string): void {
  const filter = filterOf(q);
  const refuse = (message: string, hint: string) =>
    new WheelhouseError('invalid_request', message, { param: 'q', hint });
  if (someCondition(filter, ({ type }) => timed.has(type)))
    throw refuse(`\`${q.slice(0, 80)}\` names a time.`, 'Leave it out: what arrives is looked at when it arrives.');
  if (someCondition(filter, ({ type }) => ofScores.has(type)))
    throw refuse(
      `\`${q.slice(0, 80)}\` asks for scores.`,
      'Leave them out: most scores come later than the trace. A scoring reads what is there with any filter.',
    );
}

function stateOf(online: OnlineEvaluation, nowMs: number): Pick<OnlineEvaluationBody, 'state' | 'sentence'> {
  const { look: kept, isPaused, scorers, budgetNanoUsd } = online;
  const look = onDay(kept, nowMs);
  const { today, retries } = look;
  if (isPaused) return { state: 'paused', sentence: 'Paused: what arrives is not scored.' };
  if (look.failingSince !== null)
    return {
      state: 'failing',
      sentence: `No judge answers since ${look.failingSince.slice(0, 16).replace('T', ' ')} UTC; what arrives waits, and is scored when one does.`,
    };
  if (isSpent(online, look) && scorers.some(({ label }) => asksModels(label)))
    return {
      state: 'spent',
      sentence: `The ${formatUsd(BigInt(budgetNanoUsd ?? '0'))} of today are spent; ${today.skipped} that came since are not scored. It goes on at midnight UTC.`,
    };
  const waiting = retries.length === 0 ? '' : `, ${retries.length} to be tried again`;
  const failed = today.failed === 0 ? '' : `, ${today.failed} could not be given`;
  const there = today.kept === 0 ? '' : `, ${today.kept} there already`;
  return {
    state: 'on',
    sentence: `${today.scored} ${today.scored === 1 ? 'score' : 'scores'} given today${there}${failed}${waiting}.`,
  };
}

function bodyOf(online: OnlineEvaluation, nowMs: number): OnlineEvaluationBody {
  const { look: kept, isPaused: _, draw: __, ...rest } = online;
  const look = onDay(kept, nowMs);
  const { place, at, lastScoreAt, failingSince, problem, problems, day, today, total, retries } = look;
  return {
    ...{ ...rest, ...stateOf(online, nowMs), lookedAt: at, seenUntil: new Date(place.ms).toISOString(), lastScoreAt },
    ...{ failingSince, problem, problems, day, today, total, waiting: retries.length },
  };
}

/** Online evaluations; what arrives is scored by `lookAtDueOnline`. */
export function createOnlineHandlers(deps: OnlineHandlerDeps): Handlers<OnlineRouteId> {
  const { online: store, clock, random } = deps;
  const nowMs = () => Math.floor(nanosToMs(clock.now()));
  const storeMs = async () => Number((await deps.storeNow()) / 1_000_000n);

  async function find(project: ProjectId, name: string): Promise<OnlineEvaluation> {
    const found = await store.get(project, name);
    if (found) return found;
    throw noOnline(name);
  }

  async function definitionOf(project: ProjectId, body: NewOnline): Promise<OnlineDefinition> {
    const { of, q, span, scorers, sample, budget, waitSeconds } = body;
    checkFilter(q);
    const named = scorers.length === 0 ? [] : await scorersNamed(deps, project, scorers);
    const budgetNanoUsd = budget === null ? null : String(parseUsd(budget));
    return { of, q, span, scorers: named, sample, budgetNanoUsd, waitSeconds };
  }

  async function pause(by: Actor, name: string, isPaused: boolean): Promise<OnlineEvaluationBody> {
    const found = await store.pause(by, name, { isPaused, fromMs: await storeMs() });
    if (!found) throw noOnline(name);
    return bodyOf(found, nowMs());
  }

  /** What the scoring of what is there is asked for. */
  async function backfillOf(project: ProjectId, name: string, body: ParsedBody<'backfillOnlineEvaluation'>) {
    const { of, span, q, scorers, sample } = await find(project, name);
    if (of === 'follow_ups')
      throw new WheelhouseError('invalid_request', `\`${name}\` scores follow-ups as they come.`, {
        hint: 'Traces, spans and sessions of before can be scored.',
      });
    const { since, most, cap } = body;
    const from: Filter[] = since === undefined ? [] : [{ type: 'since', ns: BigInt(Date.parse(since)) * 1_000_000n }];
    return scoringSchemas.newScoring.parse({
      ...{ of, span, q: printFilter(allOf([filterOf(q), unjudged, ...from])), sample, most, cap },
      scorers: scorers.map(({ name: as, label: scorer }) => ({ scorer, as })),
    });
  }

  return {
    listOnlineEvaluations: ({ by, query }) =>
      pageBelow(
        query,
        (page) => store.list(by.project, page),
        (online) => bodyOf(online, nowMs()),
      ),
    getOnlineEvaluation: async ({ by, params }) => bodyOf(await find(by.project, params.online), nowMs()),
    async setOnlineEvaluation({ by, params, body }) {
      checkName(params.online);
      const definition = await definitionOf(by.project, body);
      const id = newId('on', nowMs(), random.bytes(idRandomBytes));
      const set = { id, name: params.online, definition, startMs: await storeMs() };
      return bodyOf(await store.set(by, set), nowMs());
    },
    removeOnlineEvaluation: async ({ by, params }) => ({ removed: await store.remove(by, params.online) }),
    tryOnlineEvaluation: async ({ by, body }) => tryOnline(deps, by.project, await definitionOf(by.project, body)),
    pauseOnlineEvaluation: ({ by, params }) => pause(by, params.online, true),
    resumeOnlineEvaluation: ({ by, params }) => pause(by, params.online, false),
    estimateOnlineBackfill: async ({ by, params, body }) =>
      deps.scoring.estimateScoring({
        ...{ by, params: {}, query: undefined, body: await backfillOf(by.project, params.online, body) },
      }),
    backfillOnlineEvaluation: async ({ by, params, body }) =>
      deps.scoring.createScoring({
        ...{ by, params: {}, query: undefined, body: await backfillOf(by.project, params.online, body) },
      }),
    ...createCheckHandlers({ ...deps, find }),
  };
}
