import type {
  AbusePolicyBody,
  AbuseRouteId,
  AbuseUserBody,
  AbuseUserDetailBody,
  Handlers,
  ParsedBody,
} from '@wheelhouse/core/contract';
import type { AbuseStore, AbuseTelemetry, Clock, LiveFeed, ReleaseTelemetry } from '@wheelhouse/core/ports';
import {
  type AbuseCall,
  type AbusePolicy,
  type AbuseUser,
  type Actor,
  defaultAbusePolicy,
  nanosPerMs,
  type ProjectId,
  rungAt,
  WheelhouseError,
  wholeMs,
} from '@wheelhouse/core/records';
import { learnRates, newAbuseUser, riskOf } from '@wheelhouse/core/watch';
import { isCarriedOut } from './gate.ts';
import { judgedCalls, judgedMs } from './look-at-abuse.ts';
import { tryPolicy } from './try-policy.ts';

type AbuseHandlerDeps = {
  store: Pick<AbuseStore, 'policy' | 'setPolicy' | 'list' | 'get' | 'change'>;
  calls: AbuseTelemetry;
  /** What telemetry takes for now. */
  now: ReleaseTelemetry['now'];
  feed: Pick<LiveFeed, 'publish'>;
  clock: Clock;
  newId(): string;
  /** What is in force is another. */
  changed(): Promise<void>;
};

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const isoOf = (ms: number) => new Date(ms).toISOString();
/** How far back a policy begins to look when it is switched on. */
const firstMs = dayMs;
const noRates = learnRates([], { peaks: { nanoUsd: [], tokens: [] }, learnedMs: 0 });

const missing = (user: string) =>
  new WheelhouseError('not_found', `Nothing is known of an end user \`${user.slice(0, 80)}\`.`, {
    hint: 'GET /api/v1/abuse/users lists those who are known.',
  });

/** The policy with what changes in it, part by part. */
function changedPolicy(was: AbusePolicy, change: ParsedBody<'setAbusePolicy'>): AbusePolicy {
  const merged: Record<string, unknown> = { ...was };
  for (const [part, value] of Object.entries(change)) {
    if (value === undefined) continue;
    const before = was[part as keyof AbusePolicy];
    const isPart = typeof value === 'object' && value !== null && !Array.isArray(value);
    merged[part] = isPart ? { ...(before as object), ...value } : value;
  }
  const policy = merged as AbusePolicy;
  for (const [lower, higher] of [
    ['log', 'throttle'],
    ['throttle', 'challenge'],
    ['challenge', 'block'],
  ] as const)
    if (policy[lower].oneIn > policy[higher].oneIn)
      throw new WheelhouseError('invalid_request', `Fewer would be listed at ${lower} than at ${higher}.`, {
        ...{ param: `${higher}.oneIn`, hint: `Give ${higher}.oneIn at least the ${policy[lower].oneIn} of ${lower}.` },
      });
  return policy;
}

function bodyOf(user: AbuseUser, policy: AbusePolicy, nowMs: number): AbuseUserBody {
  const rung = rungAt(user, nowMs);
  return {
    ...{ user: user.user, rung, by: user.by, isAllowed: user.isAllowed, holds: user.holds },
    since: rung === null ? null : isoOf(user.sinceMs),
    until: rung === null || user.untilMs === null ? null : isoOf(user.untilMs),
    isCarriedOut: rung !== null && rung !== 'log' && isCarriedOut(user, policy),
    ...user.risk,
    lastSeen: isoOf(user.lastSeenMs),
  };
}

/** What was before counts no more. */
const freshAt = (nowMs: number) => ({ freshFromMs: nowMs, risk: { oneIn: 1, kinds: {} } });

/** What a person does about a user. */
function byHand(
  was: AbuseUser,
  { by, body, nowMs, newId }: { by: Actor; body: ParsedBody<'actOnAbuseUser'>; nowMs: number; newId(): string },
) {
  const { do: done, minutes, reason } = body;
  const text = reason ?? '';
  const calm = { ...was, ...freshAt(nowMs), rung: null, untilMs: null, challenge: null, by: by.actor };
  if (done === 'undo') {
    if (rungAt(was, nowMs) === null)
      throw new WheelhouseError('conflict', `Nothing is in force for the end user \`${was.user.slice(0, 80)}\`.`);
    const user = { ...calm, holds: Math.max(0, was.holds - 1) };
    return { user, event: { kind: 'undone' as const, text, traces: [] } };
  }
  if (done === 'allow')
    return { user: { ...calm, isAllowed: true }, event: { kind: 'allowed' as const, text, traces: [] } };
  if (done === 'disallow')
    return { user: { ...calm, isAllowed: false }, event: { kind: 'disallowed' as const, text, traces: [] } };
  const user: AbuseUser = {
    ...{ ...was, rung: done, sinceMs: nowMs, untilMs: minutes === undefined ? null : nowMs + minutes * minuteMs },
    ...{ by: by.actor, isAllowed: false, freshFromMs: nowMs, challenge: done === 'challenge' ? newId() : null },
    lastSeenMs: was.lastSeenMs === 0 ? nowMs : was.lastSeenMs,
  };
  return { user, event: { kind: done, text, traces: [] } };
}

function pass(was: AbuseUser | null, user: string, { challenge, nowMs }: { challenge: string; nowMs: number }) {
  if (was === null) throw missing(user);
  if (rungAt(was, nowMs) !== 'challenge' || was.challenge !== challenge)
    throw new WheelhouseError('conflict', `The end user \`${user.slice(0, 80)}\` has no such challenge to pass.`, {
      hint: 'Each refusal names the one that stands in the header x-wheelhouse-challenge; one that is over needs no passing.',
    });
  const next = { ...was, ...freshAt(nowMs), rung: null, untilMs: null, challenge: null, passes: was.passes + 1 };
  return { user: next, event: { kind: 'passed' as const, text: '', traces: [] } };
}

/** Calls of a user with the risk after each; what does not count any more stands for itself. */
function callsOf(calls: readonly AbuseCall[], user: AbuseUser, given: Parameters<typeof riskOf>[1]) {
  const isFresh = ({ atMs }: AbuseCall) => atMs > user.freshFromMs;
  return [calls.filter((call) => !isFresh(call)), calls.filter(isFresh)]
    .flatMap((of, i) =>
      riskOf(of, given).steps.map(({ call, speaks, oneIn }): AbuseUserDetailBody['calls'][number] => ({
        ...{ traceId: call.traceId, at: isoOf(call.atMs), found: call.found, oneIn, counts: i === 1 },
        speaks: Object.fromEntries(Object.entries(speaks).filter(([, said]) => said > 0)),
      })),
    )
    .reverse();
}

/** Who is at risk, what is done, and the policy of a project; what follows from calls is found by `lookAtAbuse`. */
export function createAbuseHandlers(deps: AbuseHandlerDeps): Handlers<AbuseRouteId> {
  const { store, calls, feed } = deps;
  const nowMs = () => wholeMs(deps.clock.now());

  const current = async (project: ProjectId) =>
    (await store.policy(project)) ?? { policy: defaultAbusePolicy, rates: null };

  async function policyBody(project: ProjectId): Promise<AbusePolicyBody> {
    const [{ policy, rates }, watched] = await Promise.all([
      current(project),
      calls.count(project, nowMs() - 7 * dayMs),
    ]);
    if (rates === null) return { policy, rates: null, watched };
    const nanoUsd = rates.spend.nanoUsd === null ? null : String(Math.round(rates.spend.nanoUsd));
    const { users, chance } = rates;
    const spend = { nanoUsd, tokens: rates.spend.tokens };
    return { policy, rates: { learnedAt: isoOf(rates.learnedMs), users, chance, spend }, watched };
  }

  async function change(by: Actor, user: string, decide: Parameters<AbuseStore['change']>[2]): Promise<AbuseUserBody> {
    const changed = await store.change(by, user, decide);
    await deps.changed();
    feed.publish({ type: 'abuse', project: by.project });
    return bodyOf(changed, (await current(by.project)).policy, nowMs());
  }

  return {
    getAbusePolicy: ({ by }) => policyBody(by.project),

    async setAbusePolicy({ by, body }) {
      const { policy } = await current(by.project);
      const startMs = Number((await deps.now()) / nanosPerMs) - firstMs;
      await store.setPolicy(by, changedPolicy(policy, body), startMs);
      await deps.changed();
      feed.publish({ type: 'abuse', project: by.project });
      return policyBody(by.project);
    },

    async tryAbusePolicy({ by, body }) {
      const { policy, rates } = await current(by.project);
      return tryPolicy(calls, by.project, {
        ...{ policy: changedPolicy(policy, body), rates: rates ?? noRates, nowMs: nowMs() },
      });
    },

    async listAbuseUsers({ by, query }) {
      const at = nowMs();
      const [{ data, next }, { policy }] = await Promise.all([
        store.list(by.project, { ...query, nowMs: at }),
        current(by.project),
      ]);
      return { data: data.map((user) => bodyOf(user, policy, at)), next };
    },

    async getAbuseUser({ by, params }) {
      const at = nowMs();
      const [found, { policy, rates }, of] = await Promise.all([
        store.get(by.project, params.user),
        current(by.project),
        calls.ofUsers(by.project, [params.user], { sinceMs: at - judgedMs, limit: judgedCalls, least: 1 }),
      ]);
      const own = of.get(params.user) ?? [];
      if (found === null && own.length === 0) throw missing(params.user);
      const given = { rates: rates ?? noRates, policy };
      const { oneIn, kinds } = riskOf(own, given);
      const user = found?.user ?? {
        ...{ ...newAbuseUser(params.user), risk: { oneIn, kinds }, lastSeenMs: own.at(-1)?.atMs ?? 0 },
      };
      return { ...bodyOf(user, policy, at), events: found?.events ?? [], calls: callsOf(own, user, given) };
    },

    actOnAbuseUser: ({ by, params, body }) =>
      change(by, params.user, (was) =>
        byHand(was ?? newAbuseUser(params.user), { by, body, nowMs: nowMs(), newId: deps.newId }),
      ),

    passAbuseChallenge: ({ by, params, body }) =>
      change(by, params.user, (was) => pass(was, params.user, { ...body, nowMs: nowMs() })),
  };
}
