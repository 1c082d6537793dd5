import {
  type Handlers,
  type ParsedBody,
  pageBelow,
  type ScoringBody,
  type ScoringRouteId,
} from '@wheelhouse/core/contract';
import { createScorer, type NamedScorer, needsExpected, scorerLabel, scorersMeant } from '@wheelhouse/core/eval';
import type { Clock, JobQueue, Random, ScoringStore } from '@wheelhouse/core/ports';
import {
  idRandomBytes,
  type NamedScoring,
  nanosToMs,
  newId,
  type ProjectId,
  parseUsd,
  type Scoring,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { pinTo } from '../create-evaluation.ts';
import { estimateJudges, judgeEstimateBody, type PriceDeps } from '../estimate.ts';
import { countTargets, filterOf, readTargets, type TargetDeps } from './read-targets.ts';
import { type ScoringJob, scoringQueue } from './scoring-worker.ts';

export type ScoringHandlerDeps = PriceDeps &
  TargetDeps & {
    scorings: ScoringStore;
    jobs: Pick<JobQueue, 'enqueue'>;
    clock: Clock;
    random: Random;
  };

type NewScoring = ParsedBody<'createScoring'>;

const targetsRehearsed = 5;
/** Of a score. */
const longestName = 100;

const refuse = (at: number, message: string, hint: string) =>
  new WheelhouseError('invalid_request', message, { param: `scorers.${at}`, hint });

type Asked = { at: number; label: string; as: string | undefined };

/** What is asked for, one by one; what could say nothing of a trace is refused, or left out where a whole set was named. */
async function scorersAsked(
  { checker, routes }: Pick<PriceDeps, 'checker' | 'routes'>,
  project: ProjectId,
  { scorers }: Pick<NewScoring, 'scorers'>,
): Promise<Asked[]> {
  const pin = pinTo(routes(project));
  const found: Asked[] = [];
  for (const [at, one] of scorers.entries()) {
    const { scorer, as = undefined } = typeof one === 'object' && 'scorer' in one ? one : { scorer: one };
    const meant = scorersMeant(scorer as string | NamedScorer);
    for (const single of meant) {
      const label = scorerLabel(single, pin);
      createScorer(label, { checker });
      const isMute = await needsExpected(label, { checker });
      if (isMute && meant.length === 1)
        throw refuse(
          at,
          `\`${label.slice(0, 80)}\` compares with an expected value, and nothing is expected of traces.`,
          'Make a dataset of these traces and evaluate it, or take a scorer that needs none.',
        );
      if (!isMute) found.push({ at, label, as: meant.length === 1 ? as : undefined });
    }
  }
  return found;
}

const plainName = (label: string) => label.split(' ')[0] ?? label;

/** With the names of their scores: the scorer's own, and with its options where two would have the same. */
function named(asked: readonly Asked[]): NamedScoring[] {
  const found: NamedScoring[] = [];
  for (const { at, label, as } of asked) {
    const isAlone = asked.filter((one) => plainName(one.label) === plainName(label)).length === 1;
    const name = as ?? (isAlone ? plainName(label) : label);
    if (name.length > longestName)
      throw refuse(at, `Several scorers are named \`${plainName(label)}\`.`, 'Name the scores of each with `as`.');
    if (found.some((other) => other.name === name))
      throw refuse(at, `Two scorers would give scores named \`${name}\`.`, 'Name one of them with `as`.');
    found.push({ name, label });
  }
  return found;
}

/**
 * Scorers with the names of their scores.
 * @throws WheelhouseError where one does not exist, or could say nothing of what nobody expects anything of
 */
export const scorersNamed = async (
  deps: Pick<PriceDeps, 'checker' | 'routes'>,
  project: ProjectId,
  scorers: NewScoring['scorers'],
): Promise<NamedScoring[]> => named(await scorersAsked(deps, project, { scorers }));

const scoringBody = ({ nowNs: _, progress: { after: __, ...progress }, ...scoring }: Scoring): ScoringBody => ({
  ...scoring,
  ...progress,
});

/** Scoring what is there already: asked for here, done by {@link startScoringWorker}. */
export function createScoringHandlers(deps: ScoringHandlerDeps): Handlers<ScoringRouteId> {
  const { scorings, clock, random } = deps;

  async function plan(project: ProjectId, body: NewScoring) {
    const { of, span, q, sample, most } = body;
    const nowNs = clock.now();
    const filter = filterOf(q);
    const scorers = await scorersNamed(deps, project, body.scorers);
    const total = await countTargets(deps, project, { of, span, filter, nowNs, sample, most });
    return { of, span, q, filter, nowNs, scorers, sample, most, total };
  }

  return {
    listScorings: ({ by, query }) => pageBelow(query, (page) => scorings.list(by.project, page), scoringBody),

    async estimateScoring({ by, body }) {
      const { scorers, total, ...ask } = await plan(by.project, body);
      const page = { ...ask, limit: Math.min(targetsRehearsed, ask.most), sample: 1, after: null };
      const { targets } = await readTargets(deps, by.project, page);
      const rows = targets.slice(0, targetsRehearsed).map(({ target: { input, output, expected, metadata } }) => ({
        ...{ input, output, expected, metadata },
      }));
      const labels = scorers.map(({ label }) => label);
      const judges = rows.length === 0 ? [] : await estimateJudges(deps, by.project, { scorers: labels, rows });
      const each = judges.map(({ nanoUsd }) => nanoUsd);
      const cost = each.some((one) => one === null) ? null : each.reduce<bigint>((sum, one) => sum + (one ?? 0n), 0n);
      return {
        ...{ total, scorers, judges: judges.map(judgeEstimateBody) },
        costNanoUsd: cost === null ? null : String(cost * BigInt(total)),
      };
    },

    async createScoring({ by, body }) {
      const { filter: _, ...planned } = await plan(by.project, body);
      if (planned.total === 0)
        throw new WheelhouseError('invalid_request', `None of the ${body.of} fits.`, {
          ...{ param: 'q', hint: 'GET /api/v1/traces shows what a filter finds.' },
        });
      const id = newId('scr', nanosToMs(clock.now()), random.bytes(idRandomBytes));
      const capNanoUsd = body.cap === null ? null : String(parseUsd(body.cap));
      const scoring = await scorings.create(by, { id, ...planned, capNanoUsd });
      await deps.jobs.enqueue(scoringQueue, { project: by.project, id } satisfies ScoringJob);
      return scoringBody(scoring);
    },

    async getScoring({ by, params }) {
      const scoring = await scorings.get(by.project, params.scoringId);
      if (!scoring)
        throw new WheelhouseError('not_found', `There is no scoring \`${params.scoringId.slice(0, 80)}\`.`, {
          hint: 'GET /api/v1/scorings lists what was asked for.',
        });
      return scoringBody(scoring);
    },

    cancelScoring: async ({ by, params }) => scoringBody(await scorings.cancel(by, params.scoringId)),
  };
}
