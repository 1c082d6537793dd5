import type { AbuseStore, GateAsk, UserGate } from '@wheelhouse/core/ports';
import { type AbusePolicy, type AbuseUser, type ProjectId, rungAt, WheelhouseError } from '@wheelhouse/core/records';

const minuteMs = 60_000;
/** Times of calls are forgotten of users beyond so many, who are not throttled any more. */
const mostWindows = 10_000;

type Standing = { policy: AbusePolicy; users: Map<string, AbuseUser> };
type Refusal = NonNullable<ReturnType<UserGate['refusal']>>;

const challengeHeader = 'x-wheelhouse-challenge';

export type AbuseGate = UserGate & {
  /** Reads again what is in force. */
  refresh(): Promise<void>;
};

/** Whether it is carried out: what people did is, what follows from calls only where the policy says so. */
export const isCarriedOut = ({ by }: AbuseUser, { mode }: AbusePolicy): boolean =>
  by !== 'wheelhouse' || mode === 'act';

function blocked(user: AbuseUser): Refusal {
  const until = user.untilMs === null ? '' : ` until ${new Date(user.untilMs).toISOString()}`;
  return { error: new WheelhouseError('user_blocked', `The end user ${user.user} is blocked${until}.`), headers: {} };
}

function challenged(user: AbuseUser, { challenge: { url } }: AbusePolicy): Refusal {
  const where = url === null ? '' : `, at ${url}`;
  return {
    error: new WheelhouseError(
      'challenge_required',
      `The end user ${user.user} has to pass a challenge first${where}.`,
    ),
    headers: {
      [challengeHeader]: user.challenge ?? '',
      ...(url === null ? {} : { [`${challengeHeader}-url`]: url }),
    },
  };
}

/**
 * Carries out what is in force: from memory, so that no call waits. Each server counts the calls of a throttled user by
 * itself.
 */
export function createAbuseGate({ store, nowMs }: { store: Pick<AbuseStore, 'inForce'>; nowMs(): number }): AbuseGate {
  let projects = new Map<ProjectId, Standing>();
  const windows = new Map<string, number[]>();

  function throttled(user: AbuseUser, { project }: GateAsk, perMinute: number): Refusal | null {
    const atMs = nowMs();
    const name = `${project} ${user.user}`;
    const taken = (windows.get(name) ?? []).filter((ms) => ms > atMs - minuteMs);
    const isFree = taken.length < perMinute;
    if (isFree) taken.push(atMs);
    windows.delete(name);
    windows.set(name, taken);
    if (windows.size > mostWindows)
      for (const [oldest] of windows) {
        windows.delete(oldest);
        break;
      }
    if (isFree) return null;
    const retryAfterMs = Math.max(1, (taken[0] ?? atMs) + minuteMs - atMs);
    const calls = perMinute === 1 ? '1 call' : `${perMinute} calls`;
    const message = `The end user ${user.user} is held to ${calls} a minute for now.`;
    return { error: new WheelhouseError('throttled', message, { retryAfterMs }), headers: {} };
  }

  return {
    refusal(ask) {
      if (ask.user === null || projects.size === 0) return null;
      const standing = projects.get(ask.project);
      const user = standing?.users.get(ask.user);
      if (standing === undefined || user === undefined) return null;
      const { policy } = standing;
      if (ask.key !== null && policy.exemptKeys.includes(ask.key)) return null;
      const rung = rungAt(user, nowMs());
      if (rung === 'block') return blocked(user);
      if (rung === 'challenge') return challenged(user, policy);
      return rung === 'throttle' ? throttled(user, ask, policy.throttle.callsPerMinute) : null;
    },

    async refresh() {
      const inForce = await store.inForce(nowMs());
      projects = new Map(
        inForce.flatMap(({ project, policy, users }): [ProjectId, Standing][] => {
          const carried = users.filter(
            (user) =>
              isCarriedOut(user, policy) && !(user.by === 'wheelhouse' && policy.exemptUsers.includes(user.user)),
          );
          return carried.length === 0
            ? []
            : [[project, { policy, users: new Map(carried.map((user) => [user.user, user])) }]];
        }),
      );
    },
  };
}
