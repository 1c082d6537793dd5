/** How thorough a search is: how many candidates of each kind there are, and at most how many validation rows. */
export const efforts = {
  light: { candidates: 6, rows: 100 },
  medium: { candidates: 12, rows: 300 },
  heavy: { candidates: 18, rows: 1000 },
} as const;
export type Effort = keyof typeof efforts;

/** How many combinations are tried; `variables` are what is chosen at a time. */
export const trialCount = (variables: number, candidates: number): number =>
  Math.floor(Math.max(2 * variables * Math.log2(candidates), 1.5 * candidates));
