import { z } from 'zod';
import { reviewStates } from '../records/index.ts';
import { isoTime, json, jsonObject, limit, nameText, page } from './schemas.ts';

const asked = {
  name: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,49}$/, 'A field takes 1 to 50 of a-z 0-9 _, a letter first')
    .describe('The name of the scores that answers become'),
  label: z.string().max(500).default('').describe('The question, as people read it; empty: the name'),
  required: z.boolean().default(true),
};
const field = z.discriminatedUnion('kind', [
  z.object({
    ...asked,
    kind: z.literal('choice'),
    options: z
      .array(
        z.object({
          value: z.string().min(1).max(100),
          points: z
            .number()
            .min(0)
            .max(1)
            .nullable()
            .default(null)
            .describe('What a judge’s score is compared with; null: this option cannot be'),
        }),
      )
      .min(2)
      .max(20),
  }),
  z.object({ ...asked, kind: z.literal('number'), low: z.number(), high: z.number() }),
  z.object({ ...asked, kind: z.literal('boolean') }),
  z.object({ ...asked, kind: z.literal('text') }),
  z.object({ ...asked, kind: z.literal('correction') }).describe('What the output should have been'),
  z
    .object({ ...asked, kind: z.literal('preference') })
    .describe('Which of two answers is better: `left`, `same` or `right`; its queue takes pairs, and nothing else'),
]);

const queueName = nameText('A queue name');
const form = z
  .array(field)
  .min(1)
  .max(20)
  .refine((fields) => new Set(fields.map(({ name }) => name)).size === fields.length, 'a field’s name comes twice')
  .refine((fields) => fields.filter(({ kind }) => kind === 'correction').length < 2, 'one correction is enough')
  .refine((fields) => fields.filter(({ kind }) => kind === 'preference').length < 2, 'one preference is enough')
  .refine(
    (fields) => !['preference', 'correction'].every((kind) => fields.some((one) => one.kind === kind)),
    'of two answers none is corrected',
  )
  .refine((fields) => fields.every((one) => one.kind !== 'number' || one.low < one.high), '`low` is below `high`')
  .refine(
    (fields) =>
      fields.every(
        (one) => one.kind !== 'choice' || new Set(one.options.map(({ value }) => value)).size === one.options.length,
      ),
    'an option comes twice',
  );

export const newReviewQueue = z
  .object({
    name: queueName,
    instructions: z.string().max(10_000).default(''),
    form,
    blind: z.boolean().default(true).describe('Whoever labels sees no model, no score and no label of others'),
    overlap: z.number().int().min(1).max(10).default(1).describe('Labels of each item, each by somebody else'),
  })
  .strict();

const draw = z.object({
  evaluationId: z.string(),
  runs: z.array(z.string()),
  measure: z.string(),
  pick: z.enum(['evenly', 'doubt']),
  rows: z.number().describe('That could be drawn'),
  count: z.number().describe('Drawn'),
});
export const reviewRule = z
  .object({
    q: z.string().max(4_000).describe('Filter of traces'),
    sample: z.number().gt(0).max(1).default(1).describe('Share of the traces that fit, by the hash of their ids'),
  })
  .strict();
export const newReviewRule = z
  .object({ rule: reviewRule.nullable().describe('null: nothing comes by itself any more') })
  .strict();
export const reviewQueue = z.object({
  id: z.string(),
  name: z.string(),
  instructions: z.string(),
  form: z.array(field),
  blind: z.boolean(),
  overlap: z.number(),
  draw: draw.nullable().describe('How rows of an evaluation were drawn by chance; null: none were'),
  rule: reviewRule.nullable().describe('Traces that fit go into the queue as they come; null: none do'),
  items: z.object({ open: z.number(), disputed: z.number(), done: z.number() }).describe('How many there are of each'),
  createdBy: z.string(),
  createdAt: isoTime,
});
export const reviewQueueList = z.object({ data: z.array(reviewQueue) });

const mostItems = 2_000;
const count = z.number().int().min(1).max(mostItems);
export const newReviewItems = z.discriminatedUnion('from', [
  z.object({ from: z.literal('traces'), traceIds: z.array(z.string()).min(1).max(mostItems) }).strict(),
  z
    .object({
      from: z.literal('spans'),
      spans: z
        .array(z.object({ traceId: z.string(), spanId: z.string() }))
        .min(1)
        .max(mostItems),
    })
    .strict(),
  z.object({ from: z.literal('sessions'), sessionIds: z.array(z.string().max(500)).min(1).max(mostItems) }).strict(),
  z
    .object({
      from: z.literal('filter'),
      of: z
        .enum(['traces', 'sessions'])
        .default('traces')
        .describe('`sessions`: whole conversations of which a trace fits'),
      q: z.string().max(5_000).default(''),
      sample: z.number().gt(0).max(1).default(1).describe('Share of the traces that fit, by the hash of their ids'),
      most: count.default(200),
      cursor: z.string().max(500).optional().describe('The `next` of the answer before'),
    })
    .strict(),
  z
    .object({
      from: z.literal('evaluation'),
      evaluationId: z.string(),
      runs: z.array(z.string()).min(1).max(10).optional().describe('By id; left out: all'),
      pick: z
        .enum(['evenly', 'doubt', 'disagreement', 'flaky'])
        .describe(
          '`evenly`, `doubt`: drawn by chance, doubtful rows of a judge more often, to correct it; `disagreement`: where two scorers are furthest apart; `flaky`: where repetitions differ',
        ),
      measure: z.string().optional().describe('A scorer; left out: the first'),
      other: z.string().optional().describe('For `disagreement`: the scorer that it is compared with'),
      count: count.default(50).describe('Rows; drawn rows count those that were drawn before'),
    })
    .strict(),
  z
    .object({
      from: z.literal('pairs'),
      evaluationId: z.string(),
      runs: z.array(z.string()).min(2).max(10).optional().describe('By id, each against each; left out: all'),
      count: count.default(50).describe('Rows, drawn by chance; answers that are equal are not asked about'),
    })
    .strict(),
]);
export const addedReviewItems = z.object({
  queue: reviewQueue,
  added: z.number(),
  present: z.number().describe('Were in the queue already'),
  next: z.string().nullable().describe('Of a filter: where to go on; null: there are no more'),
});

const target = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('trace'), traceId: z.string() }),
  z.object({ kind: z.literal('span'), traceId: z.string(), spanId: z.string() }),
  z.object({ kind: z.literal('session'), sessionId: z.string() }),
  z.object({
    kind: z.literal('pair'),
    evaluationId: z.string(),
    left: z.string().describe('The run whose answer stands there'),
    right: z.string(),
    exampleId: z.string(),
    repetition: z.number(),
  }),
  z.object({
    kind: z.literal('cell'),
    evaluationId: z.string(),
    runId: z.string(),
    exampleId: z.string(),
    repetition: z.number(),
  }),
]);
const answer = z.union([z.number(), z.boolean(), z.string().max(100_000)]);
export const reviewLabel = z.object({
  item: z.number(),
  rater: z.string(),
  decides: z.boolean().describe('Settles what others disagree about'),
  skipped: z.boolean(),
  answers: z.record(z.string(), answer),
  comment: z.string().nullable(),
  seconds: z.number().nullable().describe('From when it was taken'),
  at: isoTime,
});
export const reviewItem = z.object({
  number: z.number(),
  target,
  traceId: z.string().nullable().describe('The trace that it shows; of a pair on the left'),
  otherTraceId: z.string().nullable().describe('Of a pair, on the right'),
  reason: z.string().nullable(),
  probability: z.number().nullable().describe('With which it was drawn; null: not by chance'),
  state: z.enum(reviewStates),
  labels: z.array(reviewLabel),
});
export const reviewItemPage = page(reviewItem);
export const reviewItemQuery = z.object({
  limit,
  cursor: z.string().optional(),
  state: z.enum(reviewStates).optional(),
});

/** An item as whoever labels it sees it. */
export const shownReviewItem = z.object({
  number: z.number(),
  state: z.enum(reviewStates),
  input: json,
  output: json,
  other: z
    .object({ output: json, model: z.string().nullable() })
    .nullable()
    .describe('Of a pair the answer on the right; `output` and `model` are of the one on the left'),
  expected: json.describe('null: nothing is'),
  metadata: jsonObject,
  gone: z.boolean().describe('It shows nothing: what it points at is not there any more, or has no input'),
  target: target.nullable().describe('null where labelling is blind'),
  model: z.string().nullable().describe('The run that answered; null where labelling is blind, and for what users saw'),
  reason: z.string().nullable().describe('Why it is here; null where labelling is blind'),
  disputed: z.array(z.string()).describe('Fields that people disagree about'),
  labels: z.array(reviewLabel).describe('Where labelling is blind one’s own alone, unless one is to decide'),
});
export const reviewItemView = z.object({ queue: reviewQueue, item: shownReviewItem });
export const takeReviewItem = z
  .object({ of: z.enum(['open', 'disputed']).default('open').describe('`disputed`: to decide') })
  .strict();
export const takenReviewItem = z.object({
  queue: reviewQueue,
  item: shownReviewItem.nullable().describe('null: there is nothing for you now'),
  leaseSeconds: z.number().describe('So long nobody else gets it'),
});

export const newReviewLabel = z
  .object({
    skip: z.boolean().default(false).describe('Leave it to others'),
    answers: z.record(z.string(), answer).default({}),
    comment: z.string().max(10_000).nullable().default(null),
  })
  .strict();
export const newReviewDecision = newReviewLabel.omit({ skip: true });
export const labelledReviewItem = z.object({ queue: reviewQueue, item: reviewItem });

export const newReviewedExamples = z
  .object({
    dataset: z.string().min(1),
    items: z.array(z.number().int().positive()).max(1_000).optional().describe('By number; left out: all'),
    tags: z.array(z.string().min(1).max(100)).max(50).default([]),
  })
  .strict();
export const reviewedExamples = z.object({
  corrected: z.number().describe('Items with a corrected output'),
  added: z.number(),
  refused: z.array(z.object({ item: z.number(), error: z.string() })),
});

const interval = z.object({ low: z.number(), high: z.number() }).nullable();
const agreement = z.object({
  units: z.number().describe('Items that two people or more labelled'),
  value: z.number().nullable().describe('1: always, 0: as often as chance would; null: only one answer was ever given'),
  interval,
  confidence: z.number(),
  verdict: z.enum(['reliable', 'tentative', 'unreliable', 'unclear', 'too_few']),
});
export const raterAgreement = z.object({
  fields: z.array(
    z.object({
      field: z.string(),
      alpha: agreement.describe('Krippendorff’s; numbers by their distance'),
      kappa: agreement.nullable().describe('Of categories: Cohen’s where two people labelled, Fleiss’ where more did'),
      disputed: z.number().describe('Items'),
    }),
  ),
  raters: z.array(
    z.object({
      rater: z.string(),
      labels: z.number(),
      skipped: z.number(),
      seconds: z.number().nullable().describe('The middle one of an item'),
    }),
  ),
});

const odds = z.object({ low: z.number(), high: z.number() });
export const reviewPreferences = z.object({
  field: z.string(),
  groups: z
    .array(
      z.object({
        evaluationId: z.string(),
        rows: z.number(),
        runs: z
          .array(
            z.object({
              runId: z.string(),
              label: z.string(),
              wins: z.number(),
              ties: z.number(),
              losses: z.number(),
              ranked: z
                .object({
                  winRate: z.number().describe('Chance to be preferred to another run, ties as half'),
                  strength: z.number().describe('Logarithm of its odds against the average run'),
                  interval: odds.describe('Of the strength'),
                  places: z.object({ best: z.number(), worst: z.number() }).describe('That it may have'),
                })
                .nullable()
                .describe('null: fewer than ten rows are labelled, or nothing was preferred to anything'),
            }),
          )
          .describe('The most preferred first'),
        leftAdvantage: z
          .object({ estimate: z.number(), interval: odds })
          .nullable()
          .describe('How much more the odds of the left side are, as a logarithm; it is taken out of the strengths'),
      }),
    )
    .describe('One for each set of runs that labels link'),
  confidence: z.number(),
});

const estimated = z.object({
  n: z.number(),
  estimate: z.number(),
  interval: z.object({ low: z.number(), high: z.number() }),
});
const diagnosis = z.object({
  n: z.number(),
  estimate: z.number().nullable(),
  interval,
  confidence: z.number(),
  verdict: z.enum(['present', 'negligible', 'unclear', 'too_few']),
  sentence: z.string(),
});
export const corrected = z.object({
  rows: z.number(),
  labels: z.number(),
  raw: z.number().nullable().describe('What the judge says'),
  estimate: z.number().nullable().describe('What people would say of all rows; null with too few labels'),
  interval,
  confidence: z.number(),
  method: z.string(),
  labelsAlone: interval.describe('What the labels say without the judge'),
  worthLabels: z.number().nullable().describe('So many labels would tell as much without the judge'),
});
export const judgeQuery = z.object({
  field: z.string().optional().describe('Of the form; left out: the first that can be compared'),
  measure: z.string().optional().describe('A scorer; left out: the one that the rows were drawn by'),
  within: z.coerce.number().gt(0).max(0.5).default(0.05).describe('Half the width that the interval should have'),
});
export const judgeCorrection = z.object({
  evaluationId: z.string(),
  measure: z.string(),
  field: z.string(),
  runs: z.array(
    z.object({
      runId: z.string(),
      label: z.string(),
      score: corrected.extend({
        labelsWanted: z
          .number()
          .nullable()
          .describe('Labels in all for an interval of ± `within`; null: not with these rows, or too few to tell'),
      }),
      agreement: z
        .object({
          n: z.number(),
          alpha: agreement,
          leniency: diagnosis,
          pearson: estimated.nullable(),
          spearman: estimated.nullable(),
          binary: z
            .object({
              kappa: agreement,
              accuracy: estimated,
              sensitivity: estimated.nullable(),
              specificity: estimated.nullable(),
            })
            .nullable(),
        })
        .nullable()
        .describe('How judge and people agree; null where rows were drawn by doubt, which would show too little of it'),
      difference: corrected
        .extend({ decision: z.enum(['higher', 'lower', 'unclear', 'too_few']) })
        .nullable()
        .describe('From the first run; null for the first'),
    }),
  ),
});

export const feedbackKey = z.object({
  id: z.string(),
  name: z.string(),
  key: z.string().describe('To stand in web pages: it can write scores of traces, and nothing else'),
  scores: z.array(z.string()).describe('Names of scores that it may write'),
  origins: z.array(z.string()).describe('Web pages that may use it; empty: all'),
  createdBy: z.string(),
  createdAt: isoTime,
  revokedAt: isoTime.nullable(),
});
export const feedbackKeyList = z.object({ data: z.array(feedbackKey) });
export const newFeedbackKey = z
  .object({
    name: z.string().trim().min(1).max(80),
    scores: z.array(asked.name).min(1).max(20).default(['feedback']),
    origins: z
      .array(z.string().regex(/^https?:\/\/[^/\s]+$/, 'an origin is like https://app.example.com'))
      .max(20)
      .default([]),
  })
  .strict();

/** What a page sends; `value` of thumbs is true or false, of stars a number. */
export const newFeedback = z
  .object({
    key: z.string().max(100),
    traceId: z.string().regex(/^[0-9a-f]{32}$/i, 'traceId takes 32 hex digits'),
    name: asked.name.default('feedback'),
    value: z.union([z.boolean(), z.number().min(-1_000).max(1_000)]),
    comment: z.string().max(2_000).optional(),
  })
  .strict();
