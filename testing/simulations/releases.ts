import type { ReleaseRail } from '@wheelhouse/core/records';
import { type Arm, addToArms, startTwoArms } from '@wheelhouse/core/stats';
import { type Evidence, judgeRelease, optionsOf } from '@wheelhouse/core/watch';
import { defineSimulation, type Uniform } from './simulation.ts';

/** How often answers of a version are good, slow, fail and are refused. */
export type Quality = { good: number; slow: number; errors: number; refusals: number };
type Cell = {
  id: string;
  share: number;
  /** What the candidate is like, against the incumbent. */
  change: Partial<Quality>;
  /** So much less is good of both versions, in every second thousand of calls. */
  drift: number;
  /** Who calls: each call stands for itself, or 400 people do, of whom some call often, with all or only the first counted. */
  callers: 'apart' | 'people, all calls' | 'people, the first call';
  /** What is true of it: nothing is lost, as much as matters is, or what counts does not fit the promise. */
  is: 'harmless' | 'a regression' | 'no promise';
};

export const rails: ReleaseRail[] = [
  { kind: 'quality', name: 'quality', score: 'good', low: 0, high: 1, effect: 0.05 },
  { kind: 'latency', name: 'latency', slowNs: '1', effect: 0.1 },
  { kind: 'errors', name: 'errors', effect: 0.03 },
  { kind: 'refusals', name: 'refusals', effect: 0.03 },
];
export const risk = 0.05;
const steps = [{ share: 1, after: 0 }];
export const plan = { rails, steps, minimum: 30, risks: { falseRollback: risk, missedRegression: risk } };
export const usual: Quality = { good: 0.86, slow: 0.05, errors: 0.01, refusals: 0.02 };
const most = 2_500;
const longest = 12_000;
const shownAfter = [50, 75, 100, 125, 150, 200, 250, 300, 350, 400, 500, 600, 1000];
/** Only the ends that decide, so that a look after every call is quick. */
export const begin = (): Evidence => ({
  calls: { a: 0, b: 0 },
  rails: rails.map(({ effect }) => startTwoArms([-effect, 0])),
});

const options = rails.map((rail) => optionsOf(rail, plan));

/** What a call says of each rail, in [0, 1]; of one that failed, that alone. */
export function answer(u: Uniform, { rails: seen }: Evidence, { arm, of }: { arm: Arm; of: Quality }): void {
  const see = (rail: number, value: number) => {
    const [arms, option] = [seen[rail], options[rail]];
    if (arms && option) addToArms(arms, { arm, value }, option);
  };
  const failed = u() < of.errors;
  see(2, failed ? 0 : 1);
  if (failed) return;
  see(0, u() < of.good ? 1 : 0);
  see(1, u() < of.slow ? 0 : 1);
  see(3, u() < of.refusals ? 0 : 1);
}

type Person = { arm: Arm; isHappy: boolean; seen: boolean };

/** Who calls next, and what the call would be like; null: it does not count. */
function createCalls(cell: Cell, u: Uniform): () => { arm: Arm; of: Quality } | null {
  const arms: Record<Arm, Quality> = { a: usual, b: { ...usual } };
  for (const [key, by] of Object.entries(cell.change)) arms.b[key as keyof Quality] += by;
  const drawArm = () => (u() < cell.share ? 'b' : 'a');
  const people = Array.from(
    { length: cell.callers === 'apart' ? 0 : 400 },
    (): Person => ({ arm: drawArm(), isHappy: u() < usual.good, seen: false }),
  );
  let row = 0;
  return () => {
    const isBad = row++ % 2_000 >= 1_000;
    const person = people[Math.floor(u() ** 2 * people.length)];
    const arm = person?.arm ?? drawArm();
    if (person) {
      const counts = !(person.seen && cell.callers === 'people, the first call');
      person.seen = true;
      return counts ? { arm, of: { ...usual, good: person.isHappy ? 0.98 : 0.02 } } : null;
    }
    const of = arms[arm];
    return { arm, of: cell.drift > 0 && isBad ? { ...of, good: of.good - cell.drift } : of };
  };
}

export function settled({ rails }: Evidence): number {
  let count = 0;
  for (const { marks } of rails) for (const { below, above } of marks) if (below === null || above === null) count++;
  return count;
}

function release(cell: Cell, u: Uniform) {
  const evidence = begin();
  const next = createCalls(cell, u);
  let known = 0;
  for (let row = 0; row < longest && evidence.calls.b < most; row++) {
    const call = next();
    if (call === null) continue;
    const { arm } = call;
    evidence.calls[arm]++;
    answer(u, evidence, call);
    const spent = evidence.calls.b;
    // A verdict changes with what is settled, or when there is enough, alone.
    if (arm === 'a') continue;
    const now = settled(evidence);
    const isEnough = spent < plan.minimum || spent > 2 * plan.minimum;
    if (now === known && isEnough) continue;
    known = now;
    const { verdict } = judgeRelease(plan, evidence);
    if (verdict === 'roll_back' || verdict === 'promote') return { verdict, spent };
  }
  return { verdict: null, spent: evidence.calls.b };
}

const cell = (id: string, given: Partial<Cell> & Pick<Cell, 'is'>): Cell => ({
  ...{ id, share: 0.2, change: {}, drift: 0, callers: 'apart' },
  ...given,
});

export const releases = defineSimulation<Cell>({
  name: 'releases',
  about:
    'A release with a fifth of the calls and four rails, looked at after each call, until it is rolled back, promoted, or has 2,500 calls: how often it ends which way, after how many calls of the candidate, and how many rollbacks came within so many. Smallest losses that matter: 5 pp of good answers (86 % are), 10 pp of slow ones, 3 pp of failures and of refusals; both risks 5 %.',
  runs: 20_000,
  repeated: 5,
  cells: [
    cell('equal', { is: 'harmless' }),
    cell('equal, both worse for a while', { is: 'harmless', drift: 0.3 }),
    cell('better by 5 pp', { is: 'harmless', change: { good: 0.05 } }),
    cell('worse by 5 pp', { is: 'a regression', change: { good: -0.05 } }),
    cell('worse by 10 pp', { is: 'a regression', change: { good: -0.1 } }),
    cell('worse by 10 pp, half of the calls', { is: 'a regression', change: { good: -0.1 }, share: 0.5 }),
    cell('worse by 20 pp', { is: 'a regression', change: { good: -0.2 } }),
    cell('worse by 20 pp, half of the calls', { is: 'a regression', change: { good: -0.2 }, share: 0.5 }),
    cell('3 pp more failures', { is: 'a regression', change: { errors: 0.03 } }),
    cell('10 pp more slow ones', { is: 'a regression', change: { slow: 0.1 } }),
    cell('equal, people who call often, all calls', { is: 'no promise', share: 0.5, callers: 'people, all calls' }),
    cell('equal, people who call often, the first', {
      ...{ is: 'harmless', share: 0.5, callers: 'people, the first call' },
    }),
  ],
  once: (cell, uniform) => {
    const { verdict, spent } = release(cell, uniform);
    const rolledBack = verdict === 'roll_back';
    return {
      rolledBack: rolledBack ? 1 : 0,
      promoted: verdict === 'promote' ? 1 : 0,
      callsToRollback: rolledBack ? spent : null,
      callsToPromotion: verdict === 'promote' ? spent : null,
      ...Object.fromEntries(shownAfter.map((n) => [`rolledBackWithin${n}`, rolledBack && spent <= n ? 1 : 0])),
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
    {
      says: 'every call of people who call often, counted, breaks the promise, which is why the first counts',
      holds: ({ callers }, { rolledBack }) =>
        callers !== 'people, all calls' || (rolledBack !== undefined && rolledBack.value > 2 * risk),
    },
  ],
});
