import { z } from 'zod';
import { channelKinds, monitorGroupings, monitorStates, mostMonitorGroups } from '../records/index.ts';
import { isoTime, nameText, nanoUsd, page, pageQuery } from './schemas.ts';

const filterText = z.string().max(4000).describe('In the filter language, without a time');
const q = filterText.default('');
const narrower = filterText.min(1);
const quantile = z.enum(['p50', 'p90', 'p99']);

const measure = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('traces') }).describe('How many'),
    z.strictObject({ kind: z.literal('cost') }).describe('Of all, in dollars'),
    z.strictObject({ kind: z.literal('error_rate') }).describe('Share of traces that failed'),
    z.strictObject({ kind: z.literal('share'), q: narrower }).describe('Share of traces that also fit `q`'),
    z.strictObject({ kind: z.literal('latency'), quantile }).describe('Milliseconds'),
    z.strictObject({ kind: z.literal('first_token'), quantile }).describe('Milliseconds'),
    z.strictObject({ kind: z.literal('input_tokens') }).describe('Of a trace, on average'),
    z.strictObject({ kind: z.literal('output_tokens') }).describe('Of a trace, on average'),
    z.strictObject({ kind: z.literal('score'), name: z.string().trim().min(1).max(100) }).describe('Mean of a score'),
    z
      .strictObject({ kind: z.literal('month_spend') })
      .describe('Dollars that this month comes to, if days go on as the last seven were; takes a limit'),
    z
      .strictObject({ kind: z.literal('budget'), budget: z.string().trim().min(1).max(100).describe('Its id') })
      .describe('Share of a budget that is used in its period; takes a limit and no filter'),
  ])
  .default({ kind: 'traces' });

const budgetUsd = z.number().gt(0).max(1000).default(1).describe('Dollars a day that its calls may cost');

const rule = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('above'), value: z.number() }),
    z.strictObject({ kind: z.literal('below'), value: z.number() }),
    z
      .strictObject({ kind: z.literal('unusual'), direction: z.enum(['up', 'down', 'both']).default('both') })
      .describe('Held against what four weeks say is usual at that hour and weekday'),
    z
      .strictObject({ kind: z.literal('burn_rate'), objective: z.number().min(0.5).max(0.9999) })
      .describe('The share that shall be good over 30 days; of error_rate and share, which count what is bad'),
    z
      .strictObject({
        kind: z.literal('drift'),
        against: z
          .discriminatedUnion('kind', [
            z.strictObject({ kind: z.literal('week_before') }),
            z.strictObject({ kind: z.literal('filter'), q: narrower }),
          ])
          .default({ kind: 'week_before' }),
        embed: z
          .string()
          .trim()
          .min(1)
          .max(200)
          .nullable()
          .default(null)
          .describe('An embedding model, by which what is asked is compared by its meaning as well, which costs'),
        budgetUsd,
      })
      .describe('Held against traces of before, in everything that traces tell; takes no measure'),
    z
      .strictObject({
        kind: z.literal('probe'),
        model: z.string().trim().min(1).max(200).describe('As callers name it'),
        prompts: z.array(z.string().min(1).max(4000)).min(1).max(20).describe('What it is asked, each time the same'),
        temperature: z.number().min(0).max(2).nullable().default(null).describe('null: the model’s own'),
        budgetUsd,
      })
      .describe('A model is asked the same each time, and held against itself; takes no filter and no measure'),
  ])
  .default({ kind: 'unusual', direction: 'both' });

/** Minutes; a week is a whole number of each. */
const windows = [1, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440] as const;
const learnedFrom = 30;
const probedFrom = 60;

const by = z
  .enum(monitorGroupings)
  .nullable()
  .default(null)
  .describe(`Looks at each value of this field by itself: the ${mostMonitorGroups} with the most traces`);

/** Shares lie between 0 and 1, and nothing but a score is below 0; of a budget more than all may be used. */
function isNeverPassed(measure: string, { kind, value }: { kind: string; value: number }): boolean {
  if (kind === 'above') return (measure === 'error_rate' || measure === 'share') && value >= 1;
  return measure !== 'score' && value <= 0;
}

export const monitorDefinition = z
  .strictObject({
    q,
    measure,
    by,
    windowMinutes: z
      .literal(windows)
      .optional()
      .describe(
        'An hour where left out; a day for drift, and six hours between probes. A learned rule takes 30 minutes or more',
      ),
    rule,
    leastRows: z.number().int().min(1).max(100_000).default(20).describe('With fewer a window tells nothing'),
    alertOnNoData: z.boolean().default(false).describe('Whether to tell of windows that tell nothing'),
    channels: z.array(z.string()).max(20).default([]).describe('Names of channels that are told'),
  })
  .transform(({ windowMinutes, ...rest }) => ({
    ...rest,
    windowMinutes: windowMinutes ?? ({ drift: 1440, probe: 360 } as Record<string, number>)[rest.rule.kind] ?? 60,
  }))
  .superRefine(({ q: filter, measure: { kind }, by: grouping, rule, windowMinutes }, context) => {
    const refuse = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    const { kind: by } = rule;
    if ('value' in rule && isNeverPassed(kind, rule))
      refuse('rule', `${kind} is never ${by} ${rule.value}, so that nobody would be told`);
    if (by === 'burn_rate' && kind !== 'error_rate' && kind !== 'share')
      refuse('rule', 'burn_rate takes the measure error_rate or share');
    if (by === 'drift' && kind !== 'traces') refuse('measure', 'drift looks at everything and takes no measure');
    if (by === 'probe' && kind !== 'traces') refuse('measure', 'probe asks a model and takes no measure');
    if ((kind === 'budget' || kind === 'month_spend') && by !== 'above' && by !== 'below')
      refuse('rule', `${kind} takes a limit: above or below`);
    if (kind === 'budget' && filter !== '') refuse('q', 'budget is of all calls that it counts, and takes no filter');
    if (grouping !== null && kind === 'budget') refuse('by', 'budget is of those that it counts, and has no groups');
    if (grouping !== null && (by === 'drift' || by === 'probe')) refuse('by', `${by} has no groups`);
    if (by === 'probe' && filter !== '') refuse('q', 'probe asks a model and takes no filter');
    if (by === 'probe' && windowMinutes < probedFrom) refuse('windowMinutes', 'probe asks once an hour or more seldom');
    if ((by === 'unusual' || by === 'drift') && windowMinutes < learnedFrom)
      refuse('windowMinutes', `${by} takes windows of ${learnedFrom} minutes or more`);
  });

const expected = z
  .object({ value: z.number(), low: z.number(), high: z.number() })
  .nullable()
  .describe('What is usual; null where nothing was learned');

const look = z.object({
  status: z.enum(monitorStates).describe('`waiting`: not looked at yet; `no_data`: the window told nothing'),
  since: isoTime,
  until: isoTime.nullable().describe('End of the last window that was looked at'),
  value: z.number().nullable(),
  expected,
  rows: z.number(),
  sentence: z.string(),
  problem: z.string().nullable().describe('Why the last look failed; the state is that of the look before'),
});

const group = z.object({
  name: z.string().nullable().describe('Its value of the field; null: those that have none'),
  status: z.enum(['ok', 'alert', 'no_data']),
  since: isoTime,
  value: z.number().nullable(),
  expected,
  rows: z.number(),
  sentence: z.string(),
  alertId: z.string().nullable(),
});

export const monitor = z.object({
  name: z.string(),
  q: z.string(),
  measure,
  by,
  windowMinutes: z.number(),
  rule,
  leastRows: z.number(),
  alertOnNoData: z.boolean(),
  channels: z.array(z.string()),
  look,
  groups: z.array(group).describe('Where it looks group by group: those with an alert first, then the largest'),
  alertId: z.string().nullable().describe('The alert that is open; of several groups, the one that opened first'),
  silencedUntil: isoTime.nullable(),
  spent: z
    .object({ day: z.string(), nanoUsd, lastNanoUsd: nanoUsd.describe('On its last look that cost anything') })
    .nullable()
    .describe('Of its own budget, on the last day (UTC) that it asked a model'),
  probe: z
    .object({
      runs: z.array(z.object({ at: isoTime, alike: z.number().nullable() })),
      changedAt: isoTime.nullable().describe('When the model last began to answer otherwise'),
    })
    .nullable()
    .describe('Of the rule probe: how alike answers were to those before, from 0 to 1, oldest first'),
  createdBy: z.string(),
  createdAt: isoTime,
});
export const monitorList = z.object({ data: z.array(monitor) });
/** Names are of paths, so that handlers ask for them. */
export const monitorName = nameText('A monitor name');
export const channelName = nameText('A channel name');

const driftFeature = z.object({
  name: z.string(),
  kind: z.enum(['number', 'label', 'mix', 'text', 'vector']),
  p: z.number().describe('Corrected for how many features were looked at'),
  distance: z
    .number()
    .describe('Numbers: how far they moved, in spreads of before; labels and mixes: Jensen–Shannon; texts: MMD²'),
  stability: z.number().nullable().describe('Population stability index'),
  drifted: z.boolean(),
  sentence: z.string(),
  since: isoTime.nullable().describe('When it changed, where that is clear'),
  traces: z.array(z.string()).describe('Some that moved it'),
  parts: z
    .array(
      z.object({
        name: z.string(),
        before: z.number(),
        now: z.number(),
        traces: z.array(z.string()).describe('Some of now, where its share grew'),
      }),
    )
    .describe('Shares of values, topics, tools or ranges: those that changed most first, of numbers from low to high'),
});

export const monitorTest = z.object({
  found: z.enum(['bad', 'good', 'nothing']),
  sentence: z.string(),
  value: z.number().nullable(),
  expected,
  rows: z.number(),
  q: z.string().describe('The traces behind it'),
  drift: z.array(driftFeature).describe('Of the rule drift: every feature, those that drifted first'),
  groups: z
    .array(
      group
        .omit({ status: true, since: true, alertId: true })
        .extend({ found: z.enum(['bad', 'good', 'nothing']), q: z.string().describe('The traces behind it') }),
    )
    .describe('Where it looks group by group: those that are bad first, then the largest'),
});

export const monitorEstimate = z.object({
  calls: z.number().describe('Of models, each look; 0: it asks none'),
  looksPerDay: z.number(),
  lookNanoUsd: nanoUsd.nullable().describe('What a look costs, by list prices; null: no price is known'),
  monthNanoUsd: nanoUsd.nullable().describe('Of 30 days, within its budget'),
});

export const silence = z.strictObject({
  minutes: z.number().int().min(0).max(525_600).describe('From now on; 0 ends it'),
});

export const alert = z.object({
  id: z.string(),
  monitor: z.string(),
  group: z.string().nullable().describe('The group that it is of'),
  kind: z.enum(['alert', 'no_data']),
  sentence: z.string(),
  value: z.number().nullable(),
  expected,
  q: z.string().describe('The traces behind it'),
  openedAt: isoTime,
  closedAt: isoTime.nullable(),
  untold: z.enum(['silenced']).nullable().describe('Why nobody was told'),
});
export const alertQuery = pageQuery.extend({
  monitor: z.string().optional(),
  open: z.stringbool().optional().describe('Only those that are open, or that are not'),
});
export const alertPage = page(alert);
export const alertDetail = alert.extend({
  messages: z.array(
    z.object({
      channel: z.string(),
      event: z.enum(['opened', 'closed']),
      status: z.enum(['waiting', 'delivered', 'failed']).describe('`failed`: given up'),
      attempts: z.number(),
      error: z.string().nullable().describe('Of the last attempt'),
      endedAt: isoTime.nullable(),
    }),
  ),
});

export const newChannel = z.strictObject({
  kind: z.enum(channelKinds),
  url: z
    .url({ protocol: /^https?$/ })
    .max(2000)
    .optional()
    .describe('Where messages are posted; PagerDuty’s own where left out'),
  secret: z
    .string()
    .trim()
    .min(1)
    .max(500)
    .optional()
    .describe('webhook: signs messages as Standard Webhooks do; pagerduty: the routing key'),
  to: z.array(z.email().max(254)).min(1).max(20).optional().describe('email: the addresses that get one e-mail'),
});
export const channel = z.object({
  name: z.string(),
  kind: z.enum(channelKinds),
  host: z.string().describe('Where messages go, as people may see it; of e-mail the addresses'),
  waiting: z.number().describe('Messages that have not arrived yet'),
  failed: z.number().describe('Messages that were given up'),
  lastError: z.string().nullable(),
  createdBy: z.string(),
  createdAt: isoTime,
});
export const channelList = z.object({ data: z.array(channel) });
export const channelTest = z.object({
  delivered: z.boolean(),
  status: z.number().nullable().describe('What the other side answered; null: it did not'),
  error: z.string().nullable(),
});
