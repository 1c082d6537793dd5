import { namedScorer, type RequestBody } from '@wheelhouse/sdk';
import { linesOf } from './evaluation-draft.ts';

/** A scoring of traces or sessions as its form has it. */
export type ScoringDraft = {
  scorers: string[];
  /** Scorers with options, one in a line; `name=` before one names its scores. */
  more: string;
  /** In per cent. */
  share: string;
  most: string;
  /** Dollars; empty: none. */
  cap: string;
};

export const newScoringDraft: ScoringDraft = { scorers: ['pii'], more: '', share: '100', most: '1000', cap: '' };

type Targets = { of: 'traces' | 'sessions'; q: string };

/** What starts it; null while something that it takes is missing. */
export function scoringBody(
  { of, q }: Targets,
  { scorers, more, share, most, cap }: ScoringDraft,
): RequestBody<'createScoring'> | null {
  const asked = [...scorers, ...linesOf(more).map(namedScorer)];
  const [sample, limit] = [Number(share) / 100, Number(most)];
  if (asked.length === 0 || !(sample > 0 && sample <= 1) || !(limit >= 1)) return null;
  return { of, q, scorers: asked, sample, most: Math.round(limit), ...(cap === '' ? {} : { cap }) };
}
