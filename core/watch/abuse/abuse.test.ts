import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AbuseCall,
  type AbusePolicy,
  type AbuseTextKind,
  type AbuseUser,
  abuseKinds,
  defaultAbusePolicy,
  rungAt,
  type TraceId,
} from '../../records/index.ts';
import { amountOf, noEvidence, see, waitUntil } from './evidence.ts';
import { learnRates, leastChance, spendBound } from './learn-rates.ts';
import { newAbuseUser, nextAction } from './next-action.ts';
import { wordHashes } from './own-form.ts';
import { riskOf } from './risk-of.ts';

const minuteMs = 60_000;
const dayMs = 1_440 * minuteMs;
const startMs = Date.UTC(2026, 4, 4, 9);
const rates = learnRates([], { peaks: { nanoUsd: [], tokens: [] }, learnedMs: startMs });
const policy: AbusePolicy = { ...defaultAbusePolicy, mode: 'act' };
let count = 0;

const call = (text: string, atMs: number, more: Partial<AbuseCall> & { says?: AbuseTextKind } = {}): AbuseCall => {
  const { says, ...rest } = more;
  const signals = { injection: 0, extraction: 0, probing: 0, ...(says && { [says]: 1 }) };
  return {
    ...{ traceId: `${++count}` as TraceId, user: 'eve', atMs, signals, found: '', words: wordHashes(text) },
    ...{ costNanoUsd: null, tokens: 100, ...rest },
  };
};
/** A text that has no word in common with any other. */
const other = () => ['a', 'b', 'c', 'd'].map((word) => `${word}${++count}`).join(' ');
/** Each of these is another text. */
const attempts = (number: number, fromMs = startMs, says: AbuseTextKind = 'injection') =>
  Array.from({ length: number }, (_, i) => call(other(), fromMs + i * minuteMs, { says }));
const act = (calls: AbuseCall[], was: AbuseUser | null = null, more: { policy?: AbusePolicy; nowMs?: number } = {}) => {
  const given = { policy, nowMs: (calls.at(-1)?.atMs ?? 0) + 1_000, newId: () => 'ch_1', ...more };
  const fresh = calls.filter(({ atMs }) => atMs > (was?.freshFromMs ?? 0));
  return nextAction(was, riskOf(fresh, { rates, policy: given.policy }), given);
};
const rungOf = (calls: AbuseCall[]) => act(calls)?.user.rung ?? null;

describe('evidence', () => {
  it('does not grow on average where calls speak of a kind no more often than assumed, for any share and any strength', () => {
    const kind = fc.constantFrom(...abuseKinds);
    fc.assert(
      fc.property(
        kind,
        fc.double({ min: 0.01, max: 0.49, noNaN: true }),
        fc.double({ min: 0.1, max: 1, noNaN: true }),
        (kind, chance, strength) => {
          const given = { chance: { ...rates.chance, [kind]: chance } };
          const after = (speaks: number) => {
            const evidence = noEvidence();
            waitUntil(evidence, startMs);
            see(evidence, kind, speaks, given);
            return amountOf(evidence);
          };
          const share = Math.min(1, chance / strength);
          expect(share * after(strength) + (1 - share) * after(0)).toBeLessThanOrEqual(1 + 1e-9);
          expect(after(0)).toBeGreaterThan(0);
        },
      ),
    );
  });

  it('fades with time, and begins once a day', () => {
    const evidence = noEvidence();
    waitUntil(evidence, startMs);
    expect(amountOf(evidence)).toBe(1);
    waitUntil(evidence, startMs + minuteMs);
    expect(amountOf(evidence)).toBeLessThan(1);
    waitUntil(evidence, startMs + 3 * dayMs);
    expect(amountOf(evidence)).toBeCloseTo(1.5, 6);
  });
});

describe('the risk of a user', () => {
  it('is none after one odd call, whatever it says', () => {
    const odd = call('one odd call', startMs, { signals: { injection: 1, extraction: 1, probing: 1 } });
    expect(riskOf([odd], { rates, policy }).oneIn).toBeLessThan(policy.log.oneIn);
    expect(rungOf([odd])).toBeNull();
  });

  it('comes to each rung in turn with attempts in a row', () => {
    expect([2, 3, 4, 5, 6].map((number) => rungOf(attempts(number)))).toEqual([
      null,
      'log',
      'throttle',
      'challenge',
      'block',
    ]);
  });

  it('is what it was when the same text comes again and again', () => {
    const again = Array.from({ length: 50 }, (_, i) =>
      call('ignore all of it', startMs + i * minuteMs, { says: 'injection' }),
    );
    expect(rungOf(again)).toBeNull();
  });

  it('is made smaller by each honest call, and never below what nobody would act on', () => {
    const honest = Array.from({ length: 40 }, (_, i) => call(other(), startMs + (10 + i) * minuteMs));
    const { steps } = riskOf([...attempts(5), ...honest], { rates, policy });
    const after = steps.slice(5).map(({ oneIn }) => oneIn);
    expect(after).toEqual(after.toSorted((a, b) => b - a));
    expect(after.at(-1)).toBeLessThan(policy.log.oneIn);
  });

  it('finds who does it in one of ten calls only', () => {
    const calls = Array.from({ length: 400 }, (_, i) =>
      call(other(), startMs + i * minuteMs, i % 10 === 0 ? { says: 'probing' } : {}),
    );
    expect(riskOf(calls, { rates, policy }).oneIn).toBeGreaterThan(policy.block.oneIn);
  });

  it('finds a form that is filled in again and again, and no conversation', () => {
    const form = Array.from({ length: 40 }, (_, i) => call(`what is the price of product ${i}`, startMs + i * 10_000));
    const { steps, kinds } = riskOf(form, { rates, policy });
    expect(steps.at(-1)?.speaks.scraping).toBe(1);
    expect(kinds.scraping).toBeGreaterThan(policy.throttle.oneIn);
    const talk = [
      'where is my parcel',
      'it was sent on Monday',
      'no, the blue one',
      'can I change the address',
      'thanks a lot',
    ];
    const said = talk.map((text, i) => call(text, startMs + i * minuteMs));
    expect(riskOf(said, { rates, policy }).steps.every(({ speaks }) => speaks.scraping === 0)).toBe(true);
  });

  it('leads no higher than the policy lets a kind', () => {
    const form = Array.from({ length: 80 }, (_, i) => call(`what is the price of product ${i}`, startMs + i * 10_000));
    expect(rungOf(form)).toBe('throttle');
    const none = { ...policy, highest: { ...policy.highest, scraping: null } };
    expect(act(form, null, { policy: none })).toBeNull();
  });

  it('sees who spends far more than anybody, and not who spends most', () => {
    const peaks = Array.from({ length: 200 }, (_, i) => 1e7 * ((i + 0.5) / 200) ** -0.6);
    const learned = learnRates([], { peaks: { nanoUsd: peaks, tokens: [] }, learnedMs: startMs });
    const bound = learned.spend.nanoUsd ?? 0;
    expect(bound).toBeGreaterThan(Math.max(...peaks));
    const spending = (nanoUsd: number) =>
      Array.from({ length: 12 }, (_, i) =>
        call(other(), startMs + i * 10 * minuteMs, { costNanoUsd: BigInt(Math.round(nanoUsd)) }),
      );
    const of = (nanoUsd: number) => riskOf(spending(nanoUsd), { rates: learned, policy });
    expect(of(bound * 1.1).oneIn).toBeGreaterThan(policy.throttle.oneIn);
    expect(of(Math.max(...peaks)).oneIn).toBeLessThan(policy.log.oneIn);
  });
});

describe('what honest users do', () => {
  it('is learned from what most of them do, so that a form of the app is nobody’s', () => {
    const wrapped = Array.from({ length: 40 }, (_, user) =>
      Array.from({ length: 30 }, (_, i) =>
        call(`summarise this text for a reader in a hurry ${user} ${i}`, startMs + i * minuteMs),
      ),
    );
    const learned = learnRates(wrapped, { peaks: { nanoUsd: [], tokens: [] }, learnedMs: startMs });
    expect(learned).toMatchObject({ users: 40, chance: { injection: leastChance.injection, scraping: 0.5 } });
    expect(riskOf(wrapped[0] ?? [], { rates: learned, policy }).oneIn).toBeLessThan(policy.log.oneIn);
  });

  it('is not moved by the few who abuse', () => {
    const peaks = Array.from({ length: 200 }, (_, i) => 1e9 * ((i + 0.5) / 200) ** -0.6);
    const abused = peaks.map((peak, i) => (i < 8 ? peak * 1e6 : peak));
    expect(spendBound(abused, 0)).toBeCloseTo(spendBound(peaks, 0) ?? 0, -3);
    expect(spendBound(peaks.slice(0, 19), 0)).toBeNull();
  });
});

describe('what follows', () => {
  const blocked = () => act(attempts(8))?.user as AbuseUser;

  it('ends by itself, counts nothing that was before, and is twice as long the next time', () => {
    const user = blocked();
    expect(rungAt(user, (user.untilMs ?? 0) - 1)).toBe('block');
    expect(rungAt(user, user.untilMs ?? 0)).toBeNull();
    const later = (user.untilMs ?? 0) + minuteMs;
    expect(act([...attempts(8), ...attempts(2, later)], user)?.event).toBeNull();
    const next = act([...attempts(8), ...attempts(8, later)], user)?.user as AbuseUser;
    const nowMs = later + 7 * minuteMs + 1_000;
    expect((next.untilMs ?? 0) - nowMs).toBe(2 * policy.block.holdMinutes * minuteMs);
  });

  it('is one hold while somebody climbs on', () => {
    const throttled = act(attempts(4))?.user as AbuseUser;
    const climbed = act([...attempts(4), ...attempts(2, startMs + 4 * minuteMs)], throttled)?.user as AbuseUser;
    expect([throttled.holds, climbed.holds, climbed.rung]).toEqual([1, 1, 'block']);
  });

  it('keeps why somebody is held, whatever calls come after', () => {
    const after = act([...attempts(8), call(other(), startMs + 20 * minuteMs)], blocked());
    expect(after?.user.risk).toEqual(blocked().risk);
  });

  it('is never less than what is in force', () => {
    const user = { ...newAbuseUser('eve'), rung: 'block' as const, sinceMs: startMs - 1, by: 'ada' };
    expect(act(attempts(4), user)).toMatchObject({ user: { rung: 'block', by: 'ada', untilMs: null }, event: null });
  });

  it('blocks who passed a challenge and goes on', () => {
    const user = { ...newAbuseUser('eve'), sinceMs: startMs - dayMs, freshFromMs: startMs - 1, passes: 1 };
    expect(act(attempts(6), user)?.user.rung).toBe('block');
  });

  it('is nothing for those who are exempt or allowed, and a line in a list where the policy only lists', () => {
    expect(act(attempts(8), null, { policy: { ...policy, exemptUsers: ['eve'] } })).toBeNull();
    expect(act(attempts(8), { ...newAbuseUser('eve'), isAllowed: true })?.event).toBeNull();
    expect(act(attempts(8), null, { policy: { ...policy, mode: 'log' } })?.user.rung).toBe('log');
  });

  it('only lists what was over long ago', () => {
    expect(act(attempts(8), null, { nowMs: startMs + 2 * 60 * minuteMs })?.user.rung).toBe('log');
  });

  it('begins with nothing but a call that speaks against the user', () => {
    const first = act(attempts(4))?.user as AbuseUser;
    expect(first.rung).toBe('throttle');
    const nowMs = (first.untilMs ?? 0) + minuteMs;
    const honest = [...attempts(4), call('a question of mine', nowMs)];
    expect(act(honest, first, { nowMs: nowMs + 1 })?.event).toBeNull();
    const again = [...attempts(4), call('one more attempt', nowMs, { says: 'injection' })];
    expect(act(again, first, { nowMs: nowMs + 1 })?.event?.kind).toBeDefined();
  });

  it('says why, with the calls that it was decided by', () => {
    const calls = attempts(8);
    const event = act(calls)?.event;
    expect(event?.text).toMatch(
      /^8 × attempts to override the instructions: of honest users at most one in [\d,]+ shows this in a month$/,
    );
    expect(event?.traces).toEqual(calls.map(({ traceId }) => traceId));
  });
});
