import {
  type AbuseCall,
  type AbuseKind,
  type AbuseRates,
  type AbuseRung,
  type AbuseTextKind,
  abuseRungs,
  defaultAbusePolicy,
  type TraceId,
} from '@wheelhouse/core/records';
import { learnRates, leastChance, type RiskStep, riskOf } from '@wheelhouse/core/watch';
import { exponential, normal } from './draws.ts';
import { defineSimulation, type Uniform } from './simulation.ts';

const minuteMs = 60_000;
const dayMs = 1_440 * minuteMs;
const firstMs = Date.UTC(2026, 0, 5);
const textKinds: AbuseTextKind[] = ['injection', 'extraction', 'probing'];
const policy = { ...defaultAbusePolicy, mode: 'act' as const };
const rates: AbuseRates = learnRates([], { peaks: { nanoUsd: [], tokens: [] }, learnedMs: firstMs });

const wordOf = (u: Uniform) => Math.floor(u() * 2 ** 31);
/** A text that shares no words with others; of a form, that shares all but one with others of it. */
const textOf = (u: Uniform, form?: number) =>
  (form === undefined
    ? Array.from({ length: 8 }, () => wordOf(u))
    : [...Array.from({ length: 7 }, (_, i) => form * 100 + i), wordOf(u)]
  ).sort((a, b) => a - b);

const call = (
  atMs: number,
  words: number[],
  says: Partial<Record<AbuseTextKind, number>> = {},
  nanoUsd = 0,
): AbuseCall => ({
  ...{ traceId: '' as TraceId, user: 'u', atMs, found: '', words, tokens: 0, costNanoUsd: BigInt(Math.round(nanoUsd)) },
  signals: { injection: 0, extraction: 0, probing: 0, ...says },
});

/** How an honest user goes about a month. */
type Person = {
  days: number;
  callsOfDay: number;
  /** Chance that a call is phrased as an attack of each kind, without being one. */
  odd: number;
  /** Chance that a call fills in one of six forms. */
  forms?: number;
  /** A text with a jailbreak is pasted on so many days, tried four times, and quoted once in another message. */
  pastes?: number;
  /** Each kind is spoken of exactly as often as is assumed of honest users at most. */
  atBound?: true;
};

const people: Record<string, Person> = {
  ordinary: { days: 12, callsOfDay: 5, odd: 0.003 },
  'power user': { days: 22, callsOfDay: 60, odd: 0.005, forms: 0.1 },
  'pastes one jailbreak a week': { days: 20, callsOfDay: 25, odd: 0.005, pastes: 4 },
  'support agent with forms': { days: 22, callsOfDay: 50, odd: 0.01, forms: 0.5 },
  'at the assumed limit': { days: 30, callsOfDay: 40, odd: 0, atBound: true },
};

function drawOdd(u: Uniform, { odd, atBound }: Person): Partial<Record<AbuseTextKind, number>> {
  return Object.fromEntries(
    textKinds.flatMap((kind) => (u() < (atBound ? leastChance[kind] : odd) ? [[kind, 1]] : [])),
  );
}

function drawMonth(u: Uniform, person: Person): AbuseCall[] {
  const calls: AbuseCall[] = [];
  const { days, callsOfDay, forms = 0, pastes = 0, atBound } = person;
  const pasteEvery = pastes === 0 ? 0 : Math.floor(days / pastes);
  for (let day = 0; day < days; day++) {
    let atMs = firstMs + Math.floor((day * 30) / days) * dayMs + 8 * 60 * minuteMs;
    const gap = (8 * 60 * minuteMs) / callsOfDay;
    const number = Math.max(1, Math.round(callsOfDay * (0.5 + u())));
    const pasteAt = pasteEvery > 0 && day % pasteEvery === 0 ? Math.floor(u() * number) : -1;
    for (let i = 0; i < number; i++) {
      atMs += gap * exponential(u);
      // Alike by as much as counts, as often as is assumed.
      const isForm = atBound ? u() < leastChance.scraping / 0.8 : u() < forms;
      calls.push(call(atMs, textOf(u, isForm ? Math.floor(u() * 6) : undefined), drawOdd(u, person)));
      if (i !== pasteAt) continue;
      const pasted = textOf(u);
      for (let tried = 1; tried <= 4; tried++) calls.push(call(atMs + tried * minuteMs, pasted, { injection: 1 }));
      atMs += 5 * minuteMs;
      calls.push(call(atMs, textOf(u), { injection: 1 }));
    }
  }
  return calls;
}

/** One of the hundredth who spends most, among users whose spending falls as a power. */
function drawWhale(u: Uniform): { calls: AbuseCall[]; rates: AbuseRates } {
  const level = () => 1e7 * u() ** (-1 / 1.6);
  const peakOf = (usual: number) => usual * Math.exp(0.4 * Math.abs(normal(u)) + 0.6);
  const peaks = Array.from({ length: 300 }, () => peakOf(level()));
  const whale = 1e7 * (0.01 * u()) ** (-1 / 1.6);
  const calls = Array.from({ length: 22 * 24 }, (_, i) => {
    const atMs = firstMs + Math.floor(i / 24) * dayMs + (480 + (i % 24) * 20) * minuteMs;
    return call(atMs, textOf(u), {}, whale * Math.exp(0.4 * normal(u)));
  });
  return { calls, rates: learnRates([], { peaks: { nanoUsd: peaks, tokens: [] }, learnedMs: firstMs }) };
}

/** Calls of somebody who abuses from the first call on. */
type Abuser = { kind: AbuseKind; everyNth: number; gapMs: number };
const abusers: Record<string, Abuser> = {
  'jailbreaks only': { kind: 'injection', everyNth: 1, gapMs: minuteMs },
  'a jailbreak in each third call': { kind: 'injection', everyNth: 3, gapMs: minuteMs },
  'a jailbreak in each tenth call': { kind: 'injection', everyNth: 10, gapMs: minuteMs },
  'instructions asked for in each second call': { kind: 'extraction', everyNth: 2, gapMs: minuteMs },
  'data of others asked for in each third call': { kind: 'probing', everyNth: 3, gapMs: minuteMs },
  'a form each ten seconds': { kind: 'scraping', everyNth: 1, gapMs: 10_000 },
  'a form each minute, half of the calls': { kind: 'scraping', everyNth: 2, gapMs: 30_000 },
  'spends five times the limit': { kind: 'farming', everyNth: 1, gapMs: minuteMs },
};
const abusiveCalls = 600;

function drawAbuse(u: Uniform, { kind, everyNth, gapMs }: Abuser): { calls: AbuseCall[]; rates: AbuseRates } {
  const given = kind === 'farming' ? drawWhale(u).rates : rates;
  const spends = kind === 'farming' ? (5 * (given.spend.nanoUsd ?? 0)) / 10 : 0;
  let atMs = firstMs + 9 * 60 * minuteMs;
  const calls = Array.from({ length: abusiveCalls }, () => {
    atMs += gapMs * (0.5 + u());
    const isOne = u() < 1 / everyNth;
    const says = isOne && textKinds.some((one) => one === kind) ? { [kind]: 1 } : {};
    return call(atMs, textOf(u, isOne && kind === 'scraping' ? 1 : undefined), says, spends);
  });
  return { calls, rates: given };
}

type Cell = { id: string; runs?: number; honest: string | null; abuser: string | null };
const isReached = (steps: readonly RiskStep[], rung: AbuseRung) =>
  steps.findIndex(({ raised, byRung }) => raised && byRung[rung] >= policy[rung].oneIn);

function falseActions(calls: readonly AbuseCall[], given: AbuseRates): Record<string, number> {
  const { steps } = riskOf(calls, { rates: given, policy });
  return Object.fromEntries(abuseRungs.map((rung) => [rung, isReached(steps, rung) < 0 ? 0 : 1]));
}

function delays({ calls, rates: given }: { calls: AbuseCall[]; rates: AbuseRates }): Record<string, number | null> {
  const { steps } = riskOf(calls, { rates: given, policy });
  const [throttled, blocked] = [isReached(steps, 'throttle'), isReached(steps, 'block')];
  const minutes = ((steps[throttled]?.call.atMs ?? 0) - (steps[0]?.call.atMs ?? 0)) / minuteMs;
  return {
    throttled: throttled < 0 ? 0 : 1,
    'calls until throttled': throttled < 0 ? null : throttled + 1,
    'minutes until throttled': throttled < 0 ? null : minutes,
    blocked: blocked < 0 ? 0 : 1,
    'calls until blocked': blocked < 0 ? null : blocked + 1,
  };
}

const whales = 'of the hundredth who spends most';
const bounds: Record<AbuseRung, number> = {
  log: 1 / policy.log.oneIn,
  throttle: 1 / policy.throttle.oneIn,
  challenge: 1 / policy.challenge.oneIn,
  block: 1 / policy.block.oneIn,
};

export const abuse = defineSimulation<Cell>({
  name: 'abuse',
  about:
    'Honest users over a month, judged by the default policy: the share that would be listed, throttled, challenged or blocked. And calls until somebody who abuses from the first call on is throttled and blocked.',
  runs: 100,
  repeated: 2,
  cells: [
    ...[...Object.keys(people), whales].map((name): Cell => ({ id: `honest: ${name}`, honest: name, abuser: null })),
    ...Object.keys(abusers).map((name): Cell => ({ id: `abuse: ${name}`, runs: 20, honest: null, abuser: name })),
  ],
  once: ({ honest, abuser }, u) => {
    if (abuser !== null) return delays(drawAbuse(u, abusers[abuser] as Abuser));
    if (honest === whales) {
      const { calls, rates: given } = drawWhale(u);
      return falseActions(calls, given);
    }
    return falseActions(drawMonth(u, people[honest ?? ''] as Person), rates);
  },
  claims: [
    {
      says: 'no more honest users come to a rung within a month than the policy says',
      holds: ({ honest }, found) =>
        honest === null ||
        abuseRungs.every((rung) => {
          const { value = 1, count = 1 } = found[rung] ?? {};
          // One user in a hundred is such a one.
          const bound = Math.min(1, bounds[rung] * (honest === whales ? 100 : 1));
          // As far as so many runs can tell.
          return value <= bound + 3 * Math.sqrt(bound / count);
        }),
    },
    {
      says: 'whoever abuses is throttled',
      holds: ({ abuser }, { throttled }) => abuser === null || (throttled?.value ?? 0) >= 0.95,
    },
    {
      says: 'jailbreaks alone are blocked with the sixth call or the seventh',
      holds: ({ abuser }, found) => abuser !== 'jailbreaks only' || (found['calls until blocked']?.value ?? 99) <= 7,
    },
  ],
});
