import type { Handlers } from '@wheelhouse/core/contract';
import type { Clock, IssueStore, IssueTelemetry } from '@wheelhouse/core/ports';
import { nanosToMs, type ProjectId, type SeenScore, WheelhouseError } from '@wheelhouse/core/records';
import { suggestedRule, usualRule } from '@wheelhouse/core/watch';

type Deps = {
  issues: Pick<IssueStore, 'badScores' | 'setBadScore'>;
  telemetry: Pick<IssueTelemetry, 'seenScores'>;
  clock: Clock;
};

const lookedBackMs = 30 * 86_400_000;
const longestName = 200;

const unseen = (name: string): SeenScore => ({
  ...{ name, count: 0, truths: 0, judgedNumbers: 0, least: null, most: null, labels: [] },
});

/** Which values of scores say that something is bad: what people said for a name, and what is usual. */
export function createBadScoreHandlers({
  issues,
  telemetry,
  clock,
}: Deps): Handlers<'listBadScores' | 'setBadScore' | 'removeBadScore'> {
  async function list(project: ProjectId) {
    const sinceMs = Math.floor(nanosToMs(clock.now())) - lookedBackMs;
    const [ruled, seen] = await Promise.all([issues.badScores(project), telemetry.seenScores(project, sinceMs)]);
    const ruleOf = new Map(ruled.map((one) => [one.name, one]));
    const names = new Set(seen.map(({ name }) => name));
    const all = [...seen, ...ruled.flatMap(({ name }) => (names.has(name) ? [] : [unseen(name)]))];
    return {
      data: all.map((one) => {
        const own = ruleOf.get(one.name);
        const { count, least, most, labels } = one;
        return {
          ...{ name: one.name, rule: own?.rule ?? null, usual: usualRule(one) },
          suggested: own === undefined ? suggestedRule(one) : null,
          seen: { count, least, most, labels },
          ...{ setBy: own?.setBy ?? null, setAt: own?.setAt ?? null },
        };
      }),
    };
  }

  return {
    listBadScores: ({ by }) => list(by.project),
    async setBadScore({ by, params: { score }, body: { rule } }) {
      if (score.length > longestName)
        throw new WheelhouseError('invalid_request', `A score has a name of ${longestName} characters at most.`, {
          param: 'score',
        });
      await issues.setBadScore(by, score, rule);
      return list(by.project);
    },
    async removeBadScore({ by, params: { score } }) {
      await issues.setBadScore(by, score, null);
      return list(by.project);
    },
  };
}
