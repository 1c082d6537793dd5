export const ranges = ['1h', '6h', '24h', '7d', '30d'] as const;
export const groupings = [
  'model',
  'name',
  'kind',
  'provider',
  'service',
  'environment',
  'release',
  'tag',
  'tool',
  'user',
] as const;

/** What the address of the Overview says. */
export type OverviewSearch = {
  q?: string | undefined;
  /** Left out: 24 hours. */
  range?: (typeof ranges)[number] | undefined;
  /** Left out: whole traces. */
  of?: 'calls' | undefined;
  /** Left out: by model. */
  by?: (typeof groupings)[number] | undefined;
  /** A line for each group in every chart. */
  split?: 'on' | undefined;
  /** Left out: charts have a line of the period before too. */
  before?: 'off' | undefined;
};
