import type { TextField } from './filter.ts';

/** What a monitor measures of the traces that fit. Shares and means ask for `leastRows` of them; totals do not. */
export type MonitorMeasure =
  | { kind: 'traces' }
  /** Dollars, of all of them. */
  | { kind: 'cost' }
  | { kind: 'error_rate' }
  /** Those of them that also fit `q`. */
  | { kind: 'share'; q: string }
  /** Milliseconds. */
  | { kind: 'latency'; quantile: 'p50' | 'p90' | 'p99' }
  | { kind: 'first_token'; quantile: 'p50' | 'p90' | 'p99' }
  /** Of a trace, on average. */
  | { kind: 'input_tokens' }
  | { kind: 'output_tokens' }
  /** Mean of the newest scores of that name. */
  | { kind: 'score'; name: string }
  /** Dollars that the month that runs comes to, if days go on as the last seven were. */
  | { kind: 'month_spend' }
  /** The share of a budget that is used in its period; of one that stands for each, of whoever used most. `q` is empty then. */
  | { kind: 'budget'; budget: string };

/** What a monitor can look at group by group. */
export const monitorGroupings = [
  'model',
  'user',
  'name',
  'provider',
  'tool',
  'service',
  'environment',
  'release',
  'tag',
] as const satisfies readonly TextField[];
export type MonitorGrouping = (typeof monitorGroupings)[number];
/** More groups are not looked at: the largest ones are. */
export const mostMonitorGroups = 50;

/** When a measure is worth a message. */
export type MonitorRule =
  | { kind: 'above' | 'below'; value: number }
  /** Held against what is usual at that hour and weekday. */
  | { kind: 'unusual'; direction: 'up' | 'down' | 'both' }
  /** A service level: this share shall be good. Of `error_rate` and `share`, which count what is bad. */
  | { kind: 'burn_rate'; objective: number }
  /** Held against traces of before, in everything that traces tell. `measure` is `traces` then. */
  | {
      kind: 'drift';
      against: { kind: 'week_before' } | { kind: 'filter'; q: string };
      /** The model that turns what is asked into vectors, which costs; null: letters are compared, which does not. */
      embed: string | null;
      /** Dollars that embeddings may cost a day. */
      budgetUsd: number;
    }
  /** A model is asked the same each time, and held against itself. `q` is empty and `measure` is `traces` then. */
  | {
      kind: 'probe';
      model: string;
      prompts: string[];
      temperature: number | null;
      /** Dollars that its calls may cost a day. */
      budgetUsd: number;
    };

export type MonitorDefinition = {
  /** Which traces, in the filter language, without a time. */
  q: string;
  measure: MonitorMeasure;
  /** Looked at group by group, each with a state of its own; null: all as one. */
  by: MonitorGrouping | null;
  windowMinutes: number;
  rule: MonitorRule;
  /** With fewer, a window tells nothing. */
  leastRows: number;
  /** Whether windows that tell nothing are worth a message. */
  alertOnNoData: boolean;
  /** Names of channels that are told. */
  channels: string[];
};

export const monitorStates = ['waiting', 'ok', 'alert', 'no_data'] as const;
/** `waiting`: not looked at yet. */
export type MonitorStatus = (typeof monitorStates)[number];

/** One time that a probe asked its model. */
export type ProbeRun = {
  at: string;
  /** To each prompt, as a mark of its letters; null: there was none. */
  answers: (string | null)[];
  /** How alike they are to those before, from 0 to 1; null: there is nothing to hold them against. */
  alike: number | null;
};

/** What a probe remembers: runs that say how much answers differ anyhow, and what speaks for a change so far. */
export type ProbeState = {
  runs: ProbeRun[];
  detector: { evidence: number; since: number; steps: number };
  /** When its model last began to answer otherwise; null: never, as far as is known. */
  changedAt: string | null;
};

/** What a monitor spent of its own budget. */
export type MonitorSpending = {
  /** UTC. */
  day: string;
  /** On that day; decimal. */
  nanoUsd: string;
  /** On its last look that cost anything; decimal. */
  lastNanoUsd: string;
};

/** What the last look found of one group. */
export type MonitorGroup = {
  /** Its value of the field; null: those that have none. */
  name: string | null;
  status: Exclude<MonitorStatus, 'waiting'>;
  since: string;
  value: number | null;
  expected: { value: number; low: number; high: number } | null;
  rows: number;
  sentence: string;
  bad: number;
  good: number;
  /** The alert that is open; null: none is. */
  alertId: string | null;
  /** When it last had any traces. */
  seenAt: string;
};

/** What the last look found. */
export type MonitorLook = {
  status: MonitorStatus;
  /** Since when it is so. */
  since: string;
  /** End of the last window that was looked at; null: none yet. */
  until: string | null;
  value: number | null;
  expected: { value: number; low: number; high: number } | null;
  rows: number;
  sentence: string;
  /** Windows in a row that were, and were not, worth a message. */
  bad: number;
  good: number;
  /** Why the last look failed; null: it did not. */
  problem: string | null;
  /** Of the rule probe. */
  probe?: ProbeState | undefined;
  /** Of one that looks at groups: those with an alert first, then the largest. */
  groups?: MonitorGroup[] | undefined;
  /** Of one that pays for what it asks. */
  spent?: MonitorSpending | undefined;
};

export type Monitor = MonitorDefinition & {
  id: string;
  name: string;
  look: MonitorLook;
  /** The alert that is open, of several groups the one that opened first; null: none is. */
  alertId: string | null;
  silencedUntil: string | null;
  createdBy: string;
  createdAt: string;
};

/** Something was worth a message, from when on and until when. */
export type Alert = {
  id: string;
  monitor: string;
  /** The group that it is of, in words; null: its monitor looks at all as one. */
  group: string | null;
  kind: 'alert' | 'no_data';
  sentence: string;
  value: number | null;
  expected: { value: number; low: number; high: number } | null;
  /** The traces behind it, in the filter language. */
  q: string;
  openedAt: string;
  /** null: it is open. */
  closedAt: string | null;
  /** Why nobody was told; null: they were, or the monitor tells nobody. */
  untold: 'silenced' | null;
};

export const channelKinds = ['webhook', 'slack', 'teams', 'pagerduty', 'email'] as const;
export type ChannelKind = (typeof channelKinds)[number];

/** Where messages go. What it takes to send them is sealed. */
export type Channel = {
  name: string;
  kind: ChannelKind;
  /** The host, as people may see it; of e-mail the addresses. */
  host: string;
  createdBy: string;
  createdAt: string;
};

export type DeliveryEvent = 'opened' | 'closed';

/** One message about one alert to one channel, until it has arrived. */
export type Delivery = {
  id: string;
  alertId: string;
  channel: string;
  event: DeliveryEvent;
  /** `failed`: given up. */
  status: 'waiting' | 'delivered' | 'failed';
  attempts: number;
  error: string | null;
  createdAt: string;
  endedAt: string | null;
};
