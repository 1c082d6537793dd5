import { z } from 'zod';
import { abuseKinds, abuseRungs } from '../records/index.ts';
import { isoTime, nanoUsd, page, pageQuery } from './schemas.ts';

const kind = z
  .enum(abuseKinds)
  .describe(
    '`injection`: told to drop its instructions; `extraction`: asked for them; `probing`: asked for personal data of others; `scraping`: one form filled in again and again; `farming`: far more spent than by anybody else',
  );
const rung = z
  .enum(abuseRungs)
  .describe(
    '`log`: listed; `throttle`: so many calls a minute; `challenge`: refused until the user passes it; `block`: refused',
  );
const ofKinds = <T extends z.ZodType>(value: T) => z.partialRecord(kind, value);

const oneIn = z
  .number()
  .min(2)
  .max(1e9)
  .describe('Of honest users at most one in so many comes to this rung within a month');
const holdMinutes = z.int().min(1).max(43_200).describe('How long it holds; the next one in a row twice as long');
const callsPerMinute = z.int().min(1).max(10_000);
const url = z
  .url({ protocol: /^https?$/ })
  .max(2_000)
  .nullable()
  .describe('Where the user passes; given to the app with the refusal');
const ids = z.array(z.string().min(1).max(256)).max(1_000);
const highest = z
  .partialRecord(kind, rung.nullable())
  .describe('The highest rung that a kind leads to; null: not looked for');
const mode = z.enum(['off', 'log', 'act']).describe('`log`: who would be acted upon is listed, and nothing is done');

const policy = z.object({
  mode,
  log: z.object({ oneIn }),
  throttle: z.object({ oneIn, holdMinutes, callsPerMinute }),
  challenge: z.object({ oneIn, holdMinutes, url }),
  block: z.object({ oneIn, holdMinutes }),
  highest,
  exemptUsers: ids.describe('Nothing is done about them'),
  exemptKeys: ids.describe('Ids of keys whose calls are never refused'),
});

/** What is left out stays as it is. */
export const abusePolicyChange = z.strictObject({
  mode: mode.optional(),
  log: z.strictObject({ oneIn: oneIn.optional() }).optional(),
  throttle: z
    .strictObject({
      oneIn: oneIn.optional(),
      holdMinutes: holdMinutes.optional(),
      callsPerMinute: callsPerMinute.optional(),
    })
    .optional(),
  challenge: z
    .strictObject({ oneIn: oneIn.optional(), holdMinutes: holdMinutes.optional(), url: url.optional() })
    .optional(),
  block: z.strictObject({ oneIn: oneIn.optional(), holdMinutes: holdMinutes.optional() }).optional(),
  highest: highest.optional(),
  exemptUsers: ids.optional(),
  exemptKeys: ids.optional(),
});

export const abusePolicy = z.object({
  policy,
  rates: z
    .object({
      learnedAt: isoTime,
      users: z.number().describe('Users with 20 calls or more that they were learned from; too few: safe values hold'),
      chance: ofKinds(z.number()).describe(
        'How often calls of honest users are assumed to speak of a kind; from 0.5 on it says nothing',
      ),
      spend: z
        .object({ nanoUsd: nanoUsd.nullable(), tokens: z.number().nullable() })
        .describe('Nobody spends so much in ten minutes; null: not known'),
    })
    .nullable()
    .describe("What honest users do, learned from the project's own calls each hour; null: not yet"),
  watched: z.object({ calls: z.number(), users: z.number() }).describe('What was looked at of the last seven days'),
});

const risk = {
  oneIn: z.number().describe('An honest user shows this much within a month at most one time in so many'),
  kinds: ofKinds(z.number()).describe('The same of each kind alone'),
};

export const abuseUser = z.object({
  user: z.string(),
  rung: rung.nullable().describe('In force now; null: nothing is'),
  since: isoTime.nullable(),
  until: isoTime.nullable().describe('When it ends by itself; null: it does not'),
  by: z.string().describe('`wheelhouse` where nobody did it'),
  isCarriedOut: z.boolean().describe('Whether the gateway does it: not where the policy only lists'),
  isAllowed: z.boolean().describe('Nothing is done about the user, ever'),
  holds: z.number().describe('How often calls were held in a row'),
  ...risk,
  lastSeen: isoTime,
});
export const abuseUserPage = page(abuseUser);
export const abuseUserQuery = pageQuery.extend({
  state: z
    .enum(['acted', 'listed', 'allowed'])
    .optional()
    .describe('`acted`: throttled, challenged or blocked; `listed`: these and those of the lowest rung'),
});

export const abuseUserDetail = abuseUser.extend({
  events: z
    .array(
      z.object({
        id: z.string(),
        at: isoTime,
        by: z.string(),
        kind: z.enum([...abuseRungs, 'passed', 'undone', 'allowed', 'disallowed']),
        text: z.string(),
        traces: z.array(z.string()).describe('Calls that it was decided by'),
      }),
    )
    .describe('Newest first; the latest 200'),
  calls: z
    .array(
      z.object({
        traceId: z.string(),
        at: isoTime,
        speaks: ofKinds(z.number()).describe(
          'How much the call speaks of each kind, from 0 to 1; only those that it does',
        ),
        found: z.string().describe('By which words; empty: by none'),
        oneIn: z.number().describe('The risk after it'),
        counts: z.boolean().describe('false: it came before what was undone, passed or done last'),
      }),
    )
    .describe('Of the last 14 days, the newest first; at most 300'),
});

export const abuseAction = z.strictObject({
  do: z.enum(['throttle', 'challenge', 'block', 'undo', 'allow', 'disallow']),
  minutes: z.int().min(1).max(525_600).optional().describe('How long; left out: until somebody undoes it'),
  reason: z.string().trim().min(1).max(1_000).optional(),
});

export const abusePass = z.strictObject({
  challenge: z.string().min(1).max(100).describe('Of the header `x-wheelhouse-challenge` of the refusal'),
});

export const abuseTrial = z.object({
  from: isoTime,
  calls: z.number(),
  users: z.number().describe('Users whose calls were looked at: at most 500, those whose calls speak of it most'),
  actions: z
    .array(
      z.object({
        user: z.string(),
        rung,
        at: isoTime.describe('Of the call that it would have begun with'),
        text: z.string(),
        traces: z.array(z.string()),
      }),
    )
    .describe('The highest rung that each user would have come to, the highest first'),
});
