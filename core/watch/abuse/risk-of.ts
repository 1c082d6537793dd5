import {
  type AbuseCall,
  type AbuseKind,
  type AbusePolicy,
  type AbuseRates,
  type AbuseRisk,
  type AbuseRung,
  abuseKinds,
  abuseRungs,
  rungRank,
  type TraceId,
} from '../../records/index.ts';
import { amountOf, noEvidence, oneInOf, see, waitUntil } from './evidence.ts';
import { ownForm, wasAsked } from './own-form.ts';

/** What is spent is looked at in pieces of ten minutes. */
export const spendSlotMs = 600_000;
/** What a call has to say of a kind to be shown as one that speaks of it. */
const shown = 0.5;
const mostTraces = 20;
const textKinds = ['injection', 'extraction', 'probing'] as const;

/** What one call made of the risk. */
export type RiskStep = {
  call: AbuseCall;
  speaks: Partial<Record<AbuseKind, number>>;
  /** Whether it spoke against the user. */
  raised: boolean;
  /** Of all that is looked for. */
  oneIn: number;
  /** Of the kinds that may lead to the rung. */
  byRung: Record<AbuseRung, number>;
};

export type UserRisk = AbuseRisk & { steps: RiskStep[] };

type Slot = { startMs: number; nanoUsd: number; tokens: number; isSeen: boolean };
const slotOf = (atMs: number): Slot => ({
  ...{ startMs: Math.floor(atMs / spendSlotMs) * spendSlotMs, nanoUsd: 0, tokens: 0, isSeen: false },
});

/** How much the calls speak of each kind; what was asked before word for word says nothing of the texts. */
export function speaksOf(calls: readonly AbuseCall[], at: number): Partial<Record<AbuseKind, number>> {
  const call = calls[at];
  if (call === undefined || wasAsked(calls, at)) return {};
  return { ...call.signals, scraping: ownForm(calls, at) };
}

/** The piece of time that a call is in, with what it spends; what the one before it said, where that ended unseen. */
function spend(slot: Slot | null, call: AbuseCall, { spend: most }: AbuseRates): { slot: Slot; speaks: number[] } {
  if (most.nanoUsd === null && most.tokens === null) return { slot: slot ?? slotOf(call.atMs), speaks: [] };
  const isNew = slot === null || call.atMs >= slot.startMs + spendSlotMs;
  const now = isNew ? slotOf(call.atMs) : slot;
  const speaks = isNew && slot !== null && !slot.isSeen ? [0] : [];
  now.nanoUsd += Number(call.costNanoUsd ?? 0n);
  now.tokens += call.tokens;
  const isFar =
    (most.nanoUsd !== null && now.nanoUsd > most.nanoUsd) || (most.tokens !== null && now.tokens > most.tokens);
  if (isFar && !now.isSeen) {
    now.isSeen = true;
    speaks.push(1);
  }
  return { slot: now, speaks };
}

/**
 * What the calls of one user, the oldest first, say against him or her, call by call: for each kind a test martingale that bets
 * on calls which speak of it against what honest users do, begun anew each day, fading, and averaged over kinds and
 * stakes (an e-detector: Shin, Ramdas & Rinaldo 2023). Honest calls make it smaller.
 */
export function riskOf(
  calls: readonly AbuseCall[],
  { rates, policy }: { rates: AbuseRates; policy: Pick<AbusePolicy, 'highest'> },
): UserRisk {
  const kinds = abuseKinds.filter((kind) => policy.highest[kind] !== null);
  const leadTo = abuseRungs.map((rung) => kinds.filter((kind) => rungRank(policy.highest[kind]) >= rungRank(rung)));
  const evidence = noEvidence();
  let slot: Slot | null = null;
  const steps = calls.map((call, at): RiskStep => {
    waitUntil(evidence, call.atMs);
    const speaks = speaksOf(calls, at);
    let raised = false;
    for (const kind of textKinds) {
      const said = speaks[kind];
      if (said !== undefined) raised = see(evidence, kind, said, rates) || raised;
    }
    if (speaks.scraping !== undefined) raised = see(evidence, 'scraping', speaks.scraping, rates) || raised;
    const spent = spend(slot, call, rates);
    slot = spent.slot;
    for (const said of spent.speaks) raised = see(evidence, 'farming', said, rates) || raised;
    if (spent.speaks.includes(1)) speaks.farming = 1;
    return {
      ...{ call, speaks, raised, oneIn: oneInOf(amountOf(evidence, kinds)) },
      byRung: Object.fromEntries(abuseRungs.map((rung, i) => [rung, oneInOf(amountOf(evidence, leadTo[i]))])) as Record<
        AbuseRung,
        number
      >,
    };
  });
  const ofKinds = kinds.map((kind) => [kind, oneInOf(amountOf(evidence, [kind]))] as const);
  return {
    ...{ steps, oneIn: steps.at(-1)?.oneIn ?? 1 },
    kinds: Object.fromEntries(ofKinds.filter(([, oneIn]) => oneIn > 1)),
  };
}

/** Calls that speak against the user, the newest last. */
export const tellingTraces = (steps: readonly RiskStep[]): TraceId[] =>
  steps
    .filter(({ speaks }) => Object.values(speaks).some((said) => said >= shown))
    .slice(-mostTraces)
    .map(({ call }) => call.traceId);
