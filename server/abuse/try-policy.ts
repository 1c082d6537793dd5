import type { AbuseTrialBody } from '@wheelhouse/core/contract';
import type { AbuseTelemetry } from '@wheelhouse/core/ports';
import { type AbusePolicy, type AbuseRates, type ProjectId, rungRank } from '@wheelhouse/core/records';
import { nextAction, riskOf } from '@wheelhouse/core/watch';

const weekMs = 7 * 24 * 3_600_000;
/** Those whose calls speak of it most, and the newest calls of each. */
const tried = { users: 500, calls: 300, least: 3 };

/** Whom a policy would have acted upon in the last seven days: each user's calls once more, until the highest rung. */
export async function tryPolicy(
  calls: AbuseTelemetry,
  project: ProjectId,
  { policy, rates, nowMs }: { policy: AbusePolicy; rates: AbuseRates; nowMs: number },
): Promise<AbuseTrialBody> {
  const sinceMs = nowMs - weekMs;
  const users = await calls.users(project, { sinceMs, least: tried.least, limit: tried.users, by: 'risk' });
  const of = await calls.ofUsers(project, users, { sinceMs, limit: tried.calls, least: 1 });
  const acting: AbusePolicy = { ...policy, mode: 'act' };
  const actions = [...of].flatMap(([user, own]): AbuseTrialBody['actions'] => {
    const risk = riskOf(own, { rates, policy });
    const at = risk.steps.at(-1)?.call.atMs ?? nowMs;
    // Calls of a week are looked at as if each came now.
    const steps = risk.steps.map((step) => ({ ...step, call: { ...step.call, atMs: at } }));
    const action = nextAction(null, { ...risk, steps }, { policy: acting, nowMs: at, newId: () => '' });
    if (action?.event == null || action.user.rung === null) return [];
    const { rung } = action.user;
    const begins = risk.steps.find((step) => step.raised && step.byRung[rung] >= policy[rung].oneIn);
    const { text, traces } = action.event;
    return [{ user, rung, at: new Date(begins?.call.atMs ?? at).toISOString(), text, traces }];
  });
  actions.sort((a, b) => rungRank(b.rung) - rungRank(a.rung) || (a.at < b.at ? 1 : -1));
  const looked = [...of.values()].reduce((sum, own) => sum + own.length, 0);
  return { from: new Date(sinceMs).toISOString(), calls: looked, users: of.size, actions };
}
