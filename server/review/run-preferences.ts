import type { Handlers, ResponseBody } from '@wheelhouse/core/contract';
import {
  type EvaluationId,
  type Preference,
  type ProjectId,
  preferences,
  type ReviewLabel,
  type RunId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { type Match, type Ranking, rankVariants } from '@wheelhouse/core/stats';
import { findQueue, type ReviewDeps } from './deps.ts';
import { everyItem } from './queue-handlers.ts';

type Group = ResponseBody<'getReviewPreferences'>['groups'][number];

const outcomes: Record<Preference, Match<RunId>['outcome']> = { left: 'first', same: 'tie', right: 'second' };
const confidence = 0.95;

/** What was said of a pair: a decision, else everything. */
function saidOf(field: string, labels: readonly ReviewLabel[]): Preference[] {
  const decided = labels.filter(({ decides }) => decides);
  return (decided.length > 0 ? decided : labels).flatMap(
    ({ answers }) => preferences.find((one) => one === answers[field]) ?? [],
  );
}

/** How often a run was preferred, without what would follow from it. */
function talliedOf(run: RunId, matches: readonly Match<RunId>[]) {
  const own = matches.filter(({ first, second }) => first === run || second === run);
  const wins = own.filter(({ first, outcome }) => outcome === (first === run ? 'first' : 'second')).length;
  const ties = own.filter(({ outcome }) => outcome === 'tie').length;
  return { wins, ties, losses: own.length - wins - ties };
}

function runsOf(variants: RunId[], ranking: Ranking<RunId> | null, matches: readonly Match<RunId>[]) {
  if (ranking === null)
    return variants
      .map((runId) => ({ runId, ...talliedOf(runId, matches), ranked: null }))
      .sort((a, b) => b.wins - b.losses - (a.wins - a.losses));
  return ranking.ranked.map(({ variant: runId, wins, ties, losses, ...ranked }) => ({
    ...{ runId, wins, ties, losses, ranked },
  }));
}

/** Which runs people prefer, by how often each was, whichever side it stood on. */
export function createPreferenceHandlers(deps: ReviewDeps): Handlers<'getReviewPreferences'> {
  async function labelsOf(project: ProjectId, ids: Iterable<EvaluationId>): Promise<Map<RunId, string>> {
    const labels = new Map<RunId, string>();
    for (const id of ids)
      for (const run of (await deps.evaluations.get(project, id))?.runs ?? []) labels.set(run.id, run.label);
    return labels;
  }

  return {
    async getReviewPreferences({ by, params }) {
      const queue = await findQueue(deps, by.project, params.queue);
      const field = queue.form.find(({ kind }) => kind === 'preference')?.name;
      if (field === undefined)
        throw new WheelhouseError('invalid_request', `\`${queue.name}\` does not ask which of two answers is better.`, {
          hint: 'A form with a `preference` does.',
        });
      const matches: Match<RunId>[] = [];
      const evaluationOf = new Map<RunId, EvaluationId>();
      for await (const { item, labels } of everyItem(deps, by.project, queue.name)) {
        if (item.target.kind !== 'pair') continue;
        const { left: first, right: second, exampleId: row, evaluationId } = item.target;
        for (const said of saidOf(field, labels)) {
          matches.push({ first, second, outcome: outcomes[said], row });
          for (const run of [first, second]) evaluationOf.set(run, evaluationId);
        }
      }
      const labels = await labelsOf(by.project, new Set(evaluationOf.values()));
      const groups = rankVariants(matches, { position: true }).map(({ variants, ranking }): Group => {
        const own = matches.filter(({ first }) => variants.includes(first));
        return {
          evaluationId: evaluationOf.get(variants[0] as RunId) ?? '',
          rows: new Set(own.map(({ row }) => row)).size,
          runs: runsOf(variants, ranking, own).map((run) => ({ ...run, label: labels.get(run.runId) ?? run.runId })),
          leftAdvantage: ranking?.firstAdvantage ?? null,
        };
      });
      return { field, groups, confidence };
    },
  };
}
