import { type AbuseRung, type AbuseUser, rungAt, rungRank } from '@wheelhouse/core/records';
import { count, type Findings, plural, type Row } from './findings.ts';

/** More users are said in one sentence. */
const mostNamed = 3;

const done: Record<AbuseRung, string> = {
  ...{ log: 'is at risk', throttle: 'is throttled', challenge: 'has to pass a challenge', block: 'is blocked' },
};

/** Users who are at risk, or held; those whom a person holds need nobody. */
export function findInAbuse(users: readonly AbuseUser[], nowMs: number): Findings {
  const listed = users.filter((user) => rungAt(user, nowMs) !== null && user.by === 'wheelhouse');
  listed.sort((a, b) => rungRank(b.rung) - rungRank(a.rung));
  const rowOf = (user: AbuseUser): Row => ({
    ...{ kind: 'abuse', severity: user.rung === 'log' ? 'warn' : 'bad' },
    text: `The end user ${user.user} ${done[user.rung ?? 'log']}: calls look like abuse.`,
    href: `/abuse/${encodeURIComponent(user.user)}`,
  });
  const rows = listed.slice(0, mostNamed).map(rowOf);
  const more = listed.length - mostNamed;
  if (more > 0)
    rows.push({
      ...{ kind: 'abuse', severity: 'warn', href: '/abuse' },
      text: `${count(more)} more end users are at risk.`,
    });
  return { rows, looked: plural(listed.length, 'listed user') };
}
