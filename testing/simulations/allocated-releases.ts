import { type Arm, cutBlock } from '@wheelhouse/core/stats';
import { allocatedBy, decideShare, type Evidence, judgeRelease, startAllocation } from '@wheelhouse/core/watch';
import { answer, begin, plan, type Quality, rails, risk, settled, usual } from './releases.ts';
import { defineSimulation, type Uniform } from './simulation.ts';

type Cell = {
  id: string;
  /** By how it does, from a fifth of the calls on; or this share, as long as it runs. */
  share: number | 'allocated';
  change: Partial<Quality>;
  /** So many calls later what was seen of a call is known, and a share holds. */
  late: number;
  is: 'harmless' | 'a regression';
};

const allocation = { floor: 0.1, ceiling: 0.9 };
const start = 0.2;
/** Calls of both versions, until which it is counted what callers lost. */
const horizon = 4_000;

type Ended = { verdict: 'roll_back' | 'promote' | null; calls: number; candidate: number };

function release({ share: given, change, late }: Cell, u: Uniform): Ended {
  const arms: Record<Arm, Quality> = { a: usual, b: { ...usual } };
  for (const [key, by] of Object.entries(change)) arms.b[key as keyof Quality] += by;
  const evidence: Evidence = begin();
  const isFixed = given !== 'allocated';
  let allocated = startAllocation(isFixed ? given : start);
  const waiting: { arm: Arm; share: number }[] = [];
  let share = allocated.share;
  let known = 0;
  let candidate = 0;
  for (let call = 1; call <= horizon; call++) {
    const asked: Arm = u() < share ? 'b' : 'a';
    if (asked === 'b') candidate++;
    waiting.push({ arm: asked, share: allocated.share });
    const seen = waiting.length > late ? waiting.shift() : undefined;
    if (seen === undefined) continue;
    share = allocated.share;
    evidence.calls[seen.arm]++;
    answer(u, evidence, { arm: seen.arm, of: arms[seen.arm] });
    if (!isFixed && evidence.calls.b >= allocated.next) {
      for (const rail of evidence.rails) cutBlock(rail);
      const decision = decideShare(allocation, rails, { seen: evidence.rails, calls: evidence.calls.b });
      allocated = allocatedBy(allocated, decision);
    }
    if (seen.arm === 'a') continue;
    const now = settled(evidence);
    const spent = evidence.calls.b;
    if (now === known && (spent < plan.minimum || spent > 2 * plan.minimum)) continue;
    known = now;
    const { verdict } = judgeRelease(plan, evidence);
    if (verdict === 'roll_back' || verdict === 'promote') return { verdict, calls: call, candidate };
  }
  return { verdict: null, calls: horizon, candidate };
}

/** Good answers that callers lost against the better version, of {@link horizon} calls, whoever answers after the end. */
function lost({ change }: Cell, { verdict, calls, candidate }: Ended): number {
  const gain = change.good ?? 0;
  const after = verdict === 'promote' ? horizon - calls : 0;
  const ofCandidate = candidate + after;
  return gain >= 0 ? gain * (horizon - ofCandidate) : -gain * ofCandidate;
}

const cell = (given: Omit<Cell, 'late'> & { late?: number }): Cell => ({ late: 0, ...given });
const kinds = [
  { of: 'equal', change: {}, is: 'harmless' },
  { of: 'better by 5 pp', change: { good: 0.05 }, is: 'harmless' },
  { of: 'worse by 5 pp', change: { good: -0.05 }, is: 'a regression' },
  { of: 'worse by 10 pp', change: { good: -0.1 }, is: 'a regression' },
] as const;

export const allocatedReleases = defineSimulation<Cell>({
  name: 'allocated-releases',
  about: `A release of four rails whose share moves between 10 and 90 % by how its candidate does, from 20 % on, looked at after each call, beside such with a fixed share: how often it ends which way, after how many calls of both versions, and how many good answers callers lost against the better version in ${horizon} calls, whoever answers after the end. Smallest losses that matter and risks as in \`releases\`.`,
  runs: 20_000,
  repeated: 5,
  cells: [
    ...kinds.flatMap(({ of, change, is }) => [
      cell({ id: `${of}, by how it does`, share: 'allocated', change, is }),
      cell({ id: `${of}, always 20 %`, share: 0.2, change, is }),
    ]),
    cell({
      ...{ id: 'equal, by how it does, 100 calls late', share: 'allocated', change: {}, late: 100, is: 'harmless' },
    }),
    cell({
      ...{ id: '3 pp more failures, by how it does', share: 'allocated', change: { errors: 0.03 }, is: 'a regression' },
    }),
  ],
  once: (one, uniform) => {
    const ended = release(one, uniform);
    return {
      rolledBack: ended.verdict === 'roll_back' ? 1 : 0,
      promoted: ended.verdict === 'promote' ? 1 : 0,
      callsToTheEnd: ended.verdict === null ? null : ended.calls,
      shareOfCandidate: ended.candidate / ended.calls,
      lost: lost(one, ended),
    };
  },
  claims: [
    {
      says: 'what loses nothing is rolled back in at most 5 %',
      holds: ({ is }, { rolledBack }) => is !== 'harmless' || (rolledBack !== undefined && rolledBack.value <= risk),
    },
    {
      says: 'what loses as much as matters is promoted in at most 5 %',
      holds: ({ is }, { promoted }) => is !== 'a regression' || (promoted !== undefined && promoted.value <= risk),
    },
  ],
});
