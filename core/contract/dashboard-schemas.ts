import { z } from 'zod';
import { panelFields, panelHeights, panelQuantiles, panelShapes, panelWidths } from '../records/index.ts';
import { sqlResult } from './query-schemas.ts';
import { instant, isoTime, nameText, nanos } from './schemas.ts';

/** Names are of paths, so that handlers ask for them. */
export const dashboardName = nameText('The name of a dashboard');

const filterText = z.string().max(4000).describe('In the filter language, without a time');
const name = z.string().trim().min(1).max(100);
const quantile = z.enum(panelQuantiles);

const measure = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('traces') }).describe('How many'),
  z.strictObject({ kind: z.literal('cost') }).describe('Of all, in dollars'),
  z.strictObject({ kind: z.literal('tokens') }).describe('Input and output of all'),
  z.strictObject({ kind: z.literal('users') }).describe('How many different ones'),
  z.strictObject({ kind: z.literal('error_rate') }).describe('Share of traces that failed'),
  z.strictObject({ kind: z.literal('share'), q: filterText.min(1) }).describe('Share of traces that also fit `q`'),
  z.strictObject({ kind: z.literal('latency'), quantile }).describe('Milliseconds'),
  z.strictObject({ kind: z.literal('first_token'), quantile }).describe('Milliseconds'),
  z.strictObject({ kind: z.literal('input_tokens') }).describe('Of a trace, on average'),
  z.strictObject({ kind: z.literal('output_tokens') }).describe('Of a trace, on average'),
  z.strictObject({ kind: z.literal('trace_cost') }).describe('Of a trace with a known price, on average, in dollars'),
  z.strictObject({ kind: z.literal('score'), name }).describe('Mean of a score'),
]);

const score = z
  .templateLiteral(['score.', z.string().min(1).max(100)])
  .describe('The newest value of a score, such as `score.tone`');
const by = z
  .union([z.enum(panelFields), score])
  .nullable()
  .default(null)
  .describe('null: all in one');

const shapes = {
  measure: z.strictObject({
    kind: z.literal('measure'),
    q: filterText.default(''),
    view: z.string().max(100).nullable().default(null).describe('Name of a saved view of traces, which holds too'),
    measure: measure.default({ kind: 'traces' }),
    by,
    top: z.number().int().min(1).max(20).default(7).describe('Groups, the largest ones; all others are one more'),
    shape: z.enum(panelShapes).default('line'),
  }),
  text: z.strictObject({ kind: z.literal('text'), text: z.string().min(1).max(20_000).describe('Markdown') }),
  sql: z.strictObject({
    kind: z.literal('sql'),
    sql: z
      .string()
      .min(1)
      .max(20_000)
      .describe('As `POST /api/v1/sql` takes it; `{{from}}` and `{{until}}` are the time that is shown'),
    shape: z.enum(['table', 'line']).default('table').describe('line: over the times of the first column'),
  }),
};

/** Of a panel, but what it shows. */
const place = {
  id: z
    .string()
    .regex(/^[a-zA-Z0-9_-]{1,40}$/, 'The id of a panel takes 1 to 40 of a-z A-Z 0-9 _ -')
    .describe('Of its dashboard alone'),
  title: z.string().trim().min(1).max(200),
  width: z.literal(panelWidths).default(6).describe('Columns of twelve'),
  height: z.literal(panelHeights).default(2).describe('Rows'),
};
const shown = [shapes.measure, shapes.text, shapes.sql] as const;
export const panel = z.discriminatedUnion('kind', [
  shapes.measure.extend(place),
  shapes.text.extend(place),
  shapes.sql.extend(place),
]);

const definition = {
  title: z.string().trim().min(1).max(200),
  panels: z.array(panel).max(60).default([]).describe('In the order in which they fill the grid, row by row'),
};
export const newDashboard = z
  .strictObject({
    ...definition,
    ifRevision: z
      .number()
      .int()
      .min(0)
      .optional()
      .describe('Refused with `conflict` when it was changed since; 0: when there is one already'),
  })
  .superRefine(({ panels }, context) => {
    const ids = new Set<string>();
    for (const [at, { id }] of panels.entries()) {
      if (ids.has(id))
        context.addIssue({ code: 'custom', path: ['panels', at, 'id'], message: `two panels have the id \`${id}\`` });
      ids.add(id);
    }
  });
export const dashboard = z.object({
  ...definition,
  id: z.string(),
  name: z.string(),
  revision: z.number().describe('Counts its changes'),
  createdBy: z.string(),
  createdAt: isoTime,
  changedBy: z.string(),
  changedAt: isoTime,
});
export const dashboardList = z.object({ data: z.array(dashboard) });

export const panelAsk = z.strictObject({
  panel: z.discriminatedUnion('kind', [...shown]),
  q: z.string().max(4000).default('').describe('What is asked of the whole dashboard, with its time: `last:24h`'),
  at: instant.optional().describe('What `last` counts from; panels of one moment are read at once. Left out: now'),
});

const value = z.object({
  value: z.number().nullable().describe('null: nothing was measured'),
  low: z.number().nullable().describe('Of the 95 % interval; null: none, as of totals, or so few cannot bound it'),
  high: z.number().nullable(),
  n: z.number().describe('How many traces, or scores, it is of'),
});
export const panelData = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('measure'),
    step: z.number().describe('Seconds'),
    fromNs: nanos.describe('Start of the first point'),
    untilNs: nanos.describe('End of the last point'),
    q: z.string().describe('All traces behind it, without the time'),
    unpriced: z.number().describe('Calls in it whose price is unknown'),
    groups: z.array(
      z.object({
        value: z.string().nullable().describe('Of `by`; null: all, or all others'),
        rest: z.boolean(),
        q: z.string().nullable().describe('The traces behind it, without the time; null: no filter says that'),
        total: value.describe('Over the whole time'),
        before: value.nullable().describe('Of the time before, as long; null: there is none to hold it against'),
        change: z
          .object({
            difference: z.number(),
            low: z.number().nullable().describe('Of the 95 % interval of the difference; null: none'),
            high: z.number().nullable(),
          })
          .nullable()
          .describe('null: nothing to compare, or too little'),
        points: z.array(value).describe('One for each step'),
      }),
    ),
  }),
  sqlResult.extend({ kind: z.literal('sql') }),
]);
