import { formatUsd, type Verdict } from '../records/index.ts';
import { type Interval, type PairedDifference, rowsNeeded } from '../stats/index.ts';
import type { MeasureKind } from './measures.ts';

type Said = {
  kind: MeasureKind;
  verdict: Verdict;
  found: PairedDifference;
  failuresA: number;
  failuresB: number;
  noiseShare: number | null;
  toOverturn: number | null;
};

const better: Record<MeasureKind, string> = {
  score: 'better',
  latency: 'faster',
  cost: 'cheaper',
  errors: 'more reliable',
};
const worse: Record<MeasureKind, string> = {
  score: 'worse',
  latency: 'slower',
  cost: 'more expensive',
  errors: 'less reliable',
};
/** What an example that makes no pair lacks. */
const lacking: Record<MeasureKind, string> = { score: 'score', latency: 'answer', cost: 'known cost', errors: 'call' };

/** The smallest difference that people ask about: two percentage points, or 2 % of what A takes. */
const smallest = 0.02;

const grouped = (count: number) => String(count).replace(/\B(?=(\d{3})+$)/g, ',');
export const examples = (count: number): string => (count === 1 ? '1 example' : `${grouped(count)} examples`);

/** Two significant digits: it is an estimate. */
function about(count: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(count)) - 1);
  return Math.round(count / unit) * unit;
}

const pText = (p: number | null) => (p !== null && p < 0.001 ? '< 0.001' : `= ${(p ?? 1).toFixed(3)}`);

type Format = { show: (amount: number) => string; unit: string };

/** Numbers of one sentence share unit and decimals, so that three significant digits are left of the largest. */
function formatFor(kind: MeasureKind, amounts: readonly number[]): Format {
  if (kind === 'score' || kind === 'errors') return { show: (amount) => (amount * 100).toFixed(1), unit: ' pp' };
  if (kind === 'cost') return { show: (amount) => formatUsd(BigInt(Math.round(amount * 1e9))), unit: '' };
  const largest = Math.max(...amounts.map(Math.abs));
  const [scale, unit] = largest < 1 ? [1000, ' ms'] : [1, ' s'];
  const digits = Math.min(3, Math.max(0, 2 - Math.floor(Math.log10(Math.max(1e-9, largest * scale)))));
  return { show: (amount) => (amount * scale).toFixed(digits), unit };
}

/** With a sign, and a minus that is as wide as the plus; no sign on what is shown as zero. */
function signed({ show }: Format, amount: number): string {
  const text = show(Math.abs(amount));
  if (!/[1-9]/.test(text)) return text;
  return `${amount < 0 ? '−' : '+'}${text}`;
}

/** A difference with its interval. */
export function differenceText(kind: MeasureKind, difference: number, { low, high }: Interval): string {
  const format = formatFor(kind, [difference, low, high]);
  return `${signed(format, difference)}${format.unit} [${signed(format, low)}, ${signed(format, high)}]`;
}

export const adjectiveOf = (verdict: 'better' | 'worse', kind: MeasureKind): string =>
  (verdict === 'better' ? better : worse)[kind];

/** How many examples would settle it, or what these would have shown. */
function outlook({ kind, found }: Said, difference: number, format: Format): string {
  const reference = kind === 'score' || kind === 'errors' ? smallest : smallest * Math.abs(found.meanA ?? 0);
  const effect = Math.max(Math.abs(difference), reference);
  if (!found.spread || effect === 0) return '.';
  const needed = rowsNeeded({ spread: found.spread, effect, minimum: found.minimum });
  const seen = Math.abs(difference) >= reference ? signed(format, difference) : format.show(effect);
  if (needed <= found.pairs) return `, enough to have seen ${seen}${format.unit}.`;
  return `; about ${examples(about(needed))} would settle ${seen}${format.unit}.`;
}

/** A verdict that a few examples made is no lie, but one should look at them. */
function fragility({ found, toOverturn }: Said): string {
  if (toOverturn === null || toOverturn > Math.max(1, found.pairs / 20)) return '';
  return ` It would not stand without ${toOverturn === 1 ? 'one' : toOverturn} of them.`;
}

/** Where answers vary more than examples do, asking again tells more than asking something else. */
const advice = ({ noiseShare }: Said) =>
  (noiseShare ?? 0) > 0.5 ? ' Most of the uncertainty is answers that vary: more repetitions would help.' : '';

function finding(said: Said): string {
  const { kind, verdict, found } = said;
  const { difference, interval, pairs } = found;
  if (difference === null || verdict === 'not_enough_data') {
    const article = kind === 'latency' ? 'an' : 'a';
    return `Not enough data: ${examples(pairs)} with ${article} ${lacking[kind]} on both sides; at least ${found.minimum} are needed.`;
  }
  if (interval === null) {
    const format = formatFor(kind, [difference]);
    const said = adjectiveOf(verdict === 'better' ? 'better' : 'worse', kind);
    return `B is ${said}: ${signed(format, difference)}${format.unit} on ${examples(pairs)} (p ${pText(found.p)}); an interval takes ${found.minimum}.`;
  }
  if (found.ties === pairs) return `No difference: the same ${kind} on all ${examples(pairs)}.`;
  const format = formatFor(kind, [difference, interval.low, interval.high]);
  const numbers = differenceText(kind, difference, interval);
  if (verdict === 'better' || verdict === 'worse')
    return `B is ${adjectiveOf(verdict, kind)}: ${numbers} on ${examples(pairs)}.${fragility(said)}`;
  const isVetoed = interval.low > 0 || interval.high < 0;
  const few = isVetoed ? `, of which only ${pairs - found.ties} differ (p ${pText(found.p)})` : '';
  return `No clear difference: ${numbers} on ${examples(pairs)}${few}${outlook(said, difference, format)}${advice(said)}`;
}

function missing({ kind, failuresA, failuresB }: Said): string {
  const sides = [
    ...(failuresA > 0 ? [`${examples(failuresA)} on A`] : []),
    ...(failuresB > 0 ? [`${examples(failuresB)} on B`] : []),
  ];
  return sides.length === 0 ? '' : ` No ${lacking[kind]} for ${sides.join(' and ')}.`;
}

/** The verdict in one or two sentences for people: direction, interval, size, and what would settle it. */
export const verdictSentence = (said: Said): string => finding(said) + missing(said);
