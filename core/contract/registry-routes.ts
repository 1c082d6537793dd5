import type { z } from 'zod';
import { draft, readDraft } from './draft-schemas.ts';
import { model } from './model-schemas.ts';
import type { RegistryRouteId } from './registry-paths.ts';
import * as r from './registry-schemas.ts';
import { removed } from './schemas.ts';

/** What each route around models takes and gives. */
export const registryRoutes = {
  changeModel: { summary: 'Say what a model is for, its tags and its owner', body: r.modelChange, response: model },
  readDraft: {
    summary: 'What a definition takes and what it would ask, before it is a version',
    body: draft,
    response: readDraft,
  },
  diffVersions: { summary: 'What is different between two versions', query: r.diffQuery, response: r.versionDiff },
  rollBackAlias: { summary: 'Put an alias back to where it was before', response: r.movedAlias },
  requestAlias: {
    summary: 'Ask for an alias to be moved',
    body: r.newAliasRequest,
    response: r.aliasRequest,
    status: 201,
  },
  listAliasRequests: {
    summary: 'Requests to move aliases, newest first',
    query: r.aliasRequestQuery,
    response: r.aliasRequestPage,
  },
  getAliasRequest: { summary: 'A request, with what decides it', response: r.aliasRequestDetail },
  decideAliasRequest: {
    summary: 'Approve, reject or withdraw a request; an approval moves the alias',
    body: r.aliasDecision,
    response: r.aliasRequest,
  },
  listAliasRules: { summary: 'Who may move which alias', response: r.aliasRuleList },
  setAliasRule: { summary: 'Say who may move an alias', body: r.newAliasRule, response: r.aliasRule },
  removeAliasRule: { summary: 'Let any editor move an alias', response: removed },
  listModelUse: {
    summary: 'What versions did: calls, errors, cost, latency and scores',
    query: r.modelUseQuery,
    response: r.modelUse,
  },
  getLineage: {
    summary: 'What made something, and what was made from it',
    query: r.lineageQuery,
    response: r.lineage,
  },
  importLangfusePrompts: {
    summary: 'Take prompts of Langfuse over, from its API or as JSON',
    body: r.langfuseImport,
    response: r.langfuseImported,
  },
  listComments: { summary: 'Comments, newest first', query: r.commentQuery, response: r.commentPage },
  createComment: {
    summary: 'Write on a trace, a span, an example or a version',
    body: r.newComment,
    response: r.comment,
    status: 201,
  },
  changeComment: { summary: 'Write a comment of mine otherwise', body: r.commentChange, response: r.comment },
  removeComment: { summary: 'Remove a comment of mine; an admin removes any', response: removed },
} as const satisfies Record<
  RegistryRouteId,
  { summary: string; query?: z.ZodType; body?: z.ZodType; response: z.ZodType; status?: number }
>;
