import { z } from 'zod';
import { aliasRequestStatuses, lineageKinds, roles } from '../records/index.ts';
import { modelDetail, modelName } from './model-schemas.ts';
import { isoTime, jsonObject, limit, nanos, nanoUsd, page, scoreValue } from './schemas.ts';

/** Who may move aliases, what versions did, what was made from what, and what people say of it. */

const words = z.string().max(2000);

export const modelChange = z
  .object({
    description: words.optional(),
    tags: z.array(z.string().min(1).max(100)).max(50).optional(),
    owner: z.string().max(200).nullable().optional().describe('As the audit list names people; null: nobody'),
  })
  .strict();

export const movedAlias = modelDetail.extend({
  breaking: z.array(z.string()).describe('Why callers of the version that the alias was at before may fail now'),
});

const version = z.string().max(100).describe('A number, or an alias');
export const diffQuery = z.object({ from: version, to: version });
export const versionDiff = z.object({
  from: z.number(),
  to: z.number(),
  breaking: z.boolean().describe('Whether callers of the first may fail with the second'),
  changes: z.array(z.object({ text: z.string(), breaking: z.boolean() })).describe('What breaks callers first'),
  lines: z
    .array(z.object({ kind: z.enum(['same', 'removed', 'added']), text: z.string() }))
    .describe('The files of both versions, line by line'),
});

export const aliasRule = z.object({
  alias: z.string(),
  role: z.enum(roles).describe('Who may move it; others ask for it'),
  review: z.boolean().describe('Each move is asked for, and decided by somebody else'),
  gates: z
    .array(z.string())
    .describe('What must hold of a version against the one that the alias is at, in their newest evaluation'),
  changedBy: z.string(),
  changedAt: isoTime,
});
export const aliasRuleList = z.object({
  data: z.array(aliasRule).describe('By alias; an alias without a rule may be moved by any editor'),
});
export const newAliasRule = z
  .object({
    role: z.enum(['editor', 'admin', 'owner']).default('admin'),
    review: z.boolean().default(false),
    gates: z.array(z.string().min(1).max(500)).max(20).default([]),
  })
  .strict();

const requestStatus = z.enum(aliasRequestStatuses);
export const aliasRequest = z.object({
  id: z.string(),
  model: z.string(),
  alias: z.string(),
  from: z.number().nullable().describe('Where the alias was when it was asked for; null: it was not there'),
  to: z.number(),
  message: z.string(),
  status: requestStatus,
  askedBy: z.string(),
  askedAt: isoTime,
  decidedBy: z.string().nullable(),
  decidedAt: isoTime.nullable(),
  comment: z.string().describe('What whoever decided said'),
});
export const aliasRequestPage = page(aliasRequest);
export const aliasRequestQuery = z.object({
  limit,
  cursor: z.string().optional(),
  status: requestStatus.optional(),
  model: modelName.optional(),
});
export const newAliasRequest = z
  .object({ version: z.number().int().positive(), message: words.default('').describe('Why it shall move') })
  .strict();
export const aliasRequestDetail = z.object({
  request: aliasRequest,
  rule: aliasRule.nullable().describe('In force for the alias now'),
  now: z.number().nullable().describe('Where the alias is now; where it is not `from`, the request is out of date'),
  evaluation: z.string().nullable().describe('The newest completed evaluation of the two versions, by id'),
  mayDecide: z.boolean().describe('Whether whoever asks may approve and reject it'),
  breaking: z
    .array(z.string())
    .describe('Why callers of the version that the alias is at may fail; then approving it takes `breaking`'),
});
export const aliasDecision = z
  .object({
    decision: z.enum(['approve', 'reject', 'withdraw']).describe('Who asked for it may withdraw it'),
    comment: words.default(''),
    breaking: z.boolean().default(false).describe('Approve although callers of the version before may fail'),
  })
  .strict();

export const modelUseQuery = z.object({
  models: z
    .string()
    .max(10_000)
    .optional()
    .describe('Names, with commas between; left out: every model')
    .transform((text) => (text === undefined ? null : text.split(',').filter((name) => name !== ''))),
  hours: z.coerce.number().int().min(1).max(2160).default(168).describe('How far back from now'),
});
export const versionUse = z.object({
  model: z.string(),
  version: z.number(),
  aliases: z.array(z.string()).describe('By which it was called'),
  calls: z.number(),
  errors: z.number(),
  costNanoUsd: nanoUsd.nullable().describe('null: of no call it is known'),
  unpriced: z.number().describe('Calls without a known cost'),
  latencyNs: z.object({ p50: nanos, p95: nanos }).nullable(),
  lastAt: isoTime,
  scores: z.array(
    z.object({
      name: z.string(),
      count: z.number(),
      mean: z.number().nullable().describe('Of numbers and truths; null: there are none'),
      newest: scoreValue,
    }),
  ),
});
export const modelUse = z.object({
  from: isoTime,
  until: isoTime,
  whole: z.boolean().describe('false: these are the newest of more calls than are counted'),
  data: z.array(versionUse).describe('By model, then version'),
});

const ref = z
  .string()
  .max(320)
  .describe(
    '`trace:<id>`, `span:<trace>/<span>`, `example:<dataset>/<id>`, `dataset:<name>@<version>`, `evaluation:<id>`, `version:<model>@<number>` or `alias:<model>@<alias>`',
  );
export const lineageQuery = z.object({
  of: ref,
  depth: z.coerce.number().int().min(1).max(10).default(4).describe('Steps from it, each way'),
});
export const lineage = z.object({
  of: z.string(),
  nodes: z.array(
    z.object({
      ref: z.string(),
      kind: z.enum(lineageKinds),
      distance: z.number().describe('Steps from what was asked for; those above it are below 0'),
      known: z.boolean().describe('false: it is gone'),
      spans: z
        .object({ count: z.number(), newest: z.string().nullable(), newestAt: isoTime.nullable() })
        .nullable()
        .describe('Calls that it answered, of the last 30 days; versions and aliases alone'),
    }),
  ),
  edges: z.array(z.object({ from: z.string(), to: z.string() })).describe('`to` was made from `from`'),
  more: z.boolean().describe('There is more than is shown'),
});

const moment = z.string().datetime({ offset: true }).describe('ISO 8601');
export const auditQuery = z.object({
  limit,
  cursor: z.string().optional(),
  subject: z
    .string()
    .max(400)
    .optional()
    .describe('It, and what stands behind an `@` of it: `bot` finds `bot@production`'),
  actor: z.string().max(200).optional(),
  action: z
    .string()
    .max(100)
    .optional()
    .describe('The whole, or what stands before its dot: `alias` finds `alias.move`'),
  from: moment.optional(),
  until: moment.optional(),
});

export const langfuseImport = z
  .object({
    from: z
      .object({ url: z.url().max(500), publicKey: z.string().max(500), secretKey: z.string().max(500) })
      .strict()
      .optional()
      .describe('Its API: every version of every prompt; the keys are not kept'),
    prompts: z.array(jsonObject).max(2000).optional().describe('Or prompts as its API gives them'),
    names: z.array(z.string().max(500)).max(500).optional().describe('Of its API these alone'),
    baseModel: z.string().min(1).max(200).optional().describe('Where a prompt’s `config` names no `model`'),
    breaking: z.boolean().default(false).describe('Move aliases although callers of the versions before may fail'),
  })
  .strict();
export const langfuseImported = z.object({
  data: z.array(
    z.object({
      from: z.object({ name: z.string(), version: z.number() }),
      model: z.string(),
      version: z.number().nullable().describe('null: it was not taken over'),
      aliases: z.array(z.string()),
      problem: z.string().nullable(),
    }),
  ),
});

export const comment = z.object({
  id: z.string(),
  on: z.string(),
  text: z.string(),
  mentions: z.array(z.string()).describe('Whom the text calls with @, in lower case'),
  author: z.string(),
  createdAt: isoTime,
  changedAt: isoTime.nullable(),
});
export const commentPage = page(comment);
export const commentQuery = z.object({
  limit,
  cursor: z.string().optional(),
  on: ref.optional(),
  mentioning: z
    .string()
    .max(200)
    .optional()
    .describe('Somebody, as the audit list names them, or the part before their @; `me`: whoever asks'),
});
export const newComment = z
  .object({ on: ref, text: z.string().trim().min(1).max(10_000).describe('Plain text; @ calls somebody') })
  .strict();
export const commentChange = newComment.pick({ text: true }).strict();
