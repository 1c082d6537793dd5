import type { RequestBody } from '@wheelhouse/sdk';
import type { Rail } from './release-words.ts';

type Body = RequestBody<'startRelease'>;
type Sticky = NonNullable<Body['sticky']>;

export const stickyChoices: readonly { value: Sticky; label: string; text: string }[] = [
  { value: 'user', label: 'user', text: 'Whoever has the new version keeps it, and counts once.' },
  { value: 'session', label: 'session', text: 'A conversation stays with one version, and counts once.' },
  { value: 'request', label: 'request', text: 'Each call by itself; answers of one conversation may differ in tone.' },
];

/** A release as its form has it. */
export type ReleaseDraft = {
  model: string;
  alias: string;
  /** Empty: none is chosen yet. */
  candidate: string;
  /** Only listen: the candidate answers nobody, and the share is of calls that it is asked as well. */
  listens: boolean;
  /** In per cent. */
  share: string;
  /** How its share goes on: by steps, or by how it does. */
  goes: 'steps' | 'moves';
  /** Shares that come after it: `25@200, 50@1000`; empty: it stays. */
  ramp: string;
  /** Between which per cent it moves. */
  floor: string;
  ceiling: string;
  sticky: Sticky;
  /** In per cent. */
  falseRollback: string;
  missedRegression: string;
  minimum: string;
  promotesItself: boolean;
  /** The candidate that callers may fail with, of which somebody said that they are ready: `bot@production 4`; empty: none. */
  readyFor: string;
  /** A dataset; empty: none. */
  examples: string;
  message: string;
  /** null: as the history of the alias says. */
  rails: Rail[] | null;
};

export const newReleaseDraft: ReleaseDraft = {
  ...{ model: '', alias: 'production', candidate: '', listens: false, share: '10', sticky: 'user' },
  ...{ goes: 'steps', ramp: '', floor: '10', ceiling: '90' },
  ...{ falseRollback: '5', missedRegression: '5', minimum: '50', promotesItself: false, readyFor: '' },
  ...{ examples: '', message: '', rails: null },
};

type Step = { share: number; after: number };

/** null: it cannot be read. */
export function stepsOf({ share, ramp }: Pick<ReleaseDraft, 'share' | 'ramp'>): Step[] | null {
  const first = Number(share);
  if (share.trim() === '' || !(first > 0 && first < 100)) return null;
  const steps: Step[] = [{ share: first / 100, after: 0 }];
  for (const part of ramp.split(/[,\s]+/).filter((one) => one !== '')) {
    const [, percent, after] = /^(\d+(?:\.\d+)?)%?@(\d+)$/.exec(part) ?? [];
    const step = { share: Number(percent) / 100, after: Number(after) };
    const last = steps.at(-1);
    if (percent === undefined || step.share >= 1) return null;
    if (last === undefined || step.share <= last.share || step.after <= last.after) return null;
    steps.push(step);
  }
  return steps;
}

export type ShareDraft = Pick<ReleaseDraft, 'share' | 'goes' | 'ramp' | 'floor' | 'ceiling'>;
type Shares = { steps: Step[] } | { share: number; allocation: { floor: number; ceiling: number } };

/** Where it begins and how it goes on; null: it cannot be. */
export function sharesOf({ goes, ...draft }: ShareDraft): Shares | null {
  if (goes === 'steps') {
    const steps = stepsOf(draft);
    return steps && { steps };
  }
  const [share, floor, ceiling] = [draft.share, draft.floor, draft.ceiling].map((text) =>
    text.trim() === '' ? Number.NaN : Number(text) / 100,
  ) as [number, number, number];
  if (!(floor > 0 && floor <= share && share <= ceiling && floor < ceiling && ceiling < 1)) return null;
  return { share, allocation: { floor, ceiling } };
}

/** What {@link ReleaseDraft.readyFor} names. */
export const readyName = ({ model, alias, candidate }: Pick<ReleaseDraft, 'model' | 'alias' | 'candidate'>): string =>
  `${model}@${alias} ${candidate}`;

/** What starts it; null while something that it takes is missing or cannot be read. */
export function releaseBody(draft: ReleaseDraft): Body | null {
  const { model, alias, candidate, listens, sticky, rails } = draft;
  const shares = sharesOf(listens ? { ...draft, goes: 'steps', ramp: '' } : draft);
  const [promotesItself, examples] = [draft.promotesItself && !listens, listens ? '' : draft.examples];
  const [falseRollback, missedRegression] = [draft.falseRollback, draft.missedRegression].map(
    (one) => Number(one) / 100,
  );
  const minimum = Number(draft.minimum);
  const isRisk = (risk: number | undefined): risk is number => risk !== undefined && risk > 0 && risk <= 0.5;
  if (model === '' || alias === '' || candidate === '' || shares === null) return null;
  if (!isRisk(falseRollback) || !isRisk(missedRegression) || !Number.isInteger(minimum) || minimum < 10) return null;
  return {
    ...{ model, alias, candidate: Number(candidate), sticky, minimum, promotesItself },
    ...(listens ? { share: Number(draft.share) / 100, shadow: {} } : shares),
    risks: { falseRollback, missedRegression },
    ...(draft.readyFor === readyName(draft) ? { breaking: true } : {}),
    ...(rails === null ? {} : { rails }),
    ...(examples === '' ? {} : { examples: { dataset: examples } }),
    ...(draft.message.trim() === '' ? {} : { message: draft.message.trim() }),
  };
}
