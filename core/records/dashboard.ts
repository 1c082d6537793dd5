import type { TextField } from './filter.ts';

/** What a panel measures of its traces. Durations in milliseconds, money in dollars, shares from 0 to 1. */
export type PanelMeasure =
  | { kind: 'traces' }
  /** Of all of them. */
  | { kind: 'cost' }
  /** Input and output, of all of them. */
  | { kind: 'tokens' }
  /** Different ones that are named. */
  | { kind: 'users' }
  | { kind: 'error_rate' }
  /** Those of them that also fit `q`. */
  | { kind: 'share'; q: string }
  | { kind: 'latency' | 'first_token'; quantile: PanelQuantile }
  /** Of a trace, on average. */
  | { kind: 'input_tokens' }
  | { kind: 'output_tokens' }
  /** Of a trace with a known price, on average. */
  | { kind: 'trace_cost' }
  /** Mean of the newest scores of that name. */
  | { kind: 'score'; name: string };

export const panelQuantiles = ['p50', 'p90', 'p99', 'mean'] as const;
export type PanelQuantile = (typeof panelQuantiles)[number];

/** Fields that traces can be grouped by. */
export const panelFields = [
  ...['model', 'name', 'kind', 'provider', 'service', 'environment', 'release', 'tag', 'tool', 'user'],
  ...['session', 'status', 'dialect', 'run'],
] as const satisfies readonly TextField[];
type PanelGrouping = (typeof panelFields)[number] | `score.${string}`;

/** Columns of twelve. */
export const panelWidths = [3, 4, 6, 8, 12] as const;
/** Rows of the grid. */
export const panelHeights = [1, 2, 3, 4] as const;
export const panelShapes = ['line', 'bars', 'number', 'table'] as const;
type PanelShape = (typeof panelShapes)[number];

export type MeasurePanel = {
  kind: 'measure';
  /** Which traces, in the filter language, without a time. */
  q: string;
  /** Name of a saved view whose filter holds too; null: none. */
  view: string | null;
  measure: PanelMeasure;
  /** null: all in one. */
  by: PanelGrouping | null;
  /** So many groups, the largest ones; all others are one more. */
  top: number;
  shape: PanelShape;
};
/** Markdown, which runs nothing and fetches nothing. */
type TextPanel = { kind: 'text'; text: string };
/** A line is drawn of the first column over time, one for each other column of numbers. */
type SqlPanel = { kind: 'sql'; sql: string; shape: 'table' | 'line' };

export type Panel = {
  /** Of its dashboard alone. */
  id: string;
  title: string;
  width: (typeof panelWidths)[number];
  height: (typeof panelHeights)[number];
} & (MeasurePanel | TextPanel | SqlPanel);

export type DashboardDefinition = {
  title: string;
  /** In the order in which they fill the grid, row by row. */
  panels: Panel[];
};

export type Dashboard = DashboardDefinition & {
  id: string;
  name: string;
  /** Counts its changes, from 1. */
  revision: number;
  createdBy: string;
  createdAt: string;
  changedBy: string;
  changedAt: string;
};
