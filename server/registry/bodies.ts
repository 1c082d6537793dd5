import type {
  AliasRequestBody,
  AliasRuleBody,
  CommentBody,
  ModelBody,
  ModelDetailBody,
  ModelVersionBody,
} from '@wheelhouse/core/contract';
import type { ModelStore } from '@wheelhouse/core/ports';
import {
  type AliasRequest,
  type AliasRule,
  type Comment,
  type Model,
  type ModelVersion,
  type ProjectId,
  WheelhouseError,
} from '@wheelhouse/core/records';

export const modelBody = ({ id: _, ...model }: Model): ModelBody => model;

export const versionBody = ({ modelId: _, ...version }: ModelVersion): ModelVersionBody => ({
  ...version,
  definition: version.definition as ModelVersionBody['definition'],
});

export const ruleBody = (rule: AliasRule): AliasRuleBody => ({ ...rule });
export const requestBody = (request: AliasRequest): AliasRequestBody => ({ ...request });
export const commentBody = (comment: Comment): CommentBody => ({ ...comment });

/** @throws WheelhouseError `not_found` */
export async function modelOf(
  models: Pick<ModelStore, 'get' | 'versions'>,
  project: ProjectId,
  name: string,
): Promise<{ model: Model; versions: ModelVersion[] }> {
  const model = await models.get(project, name);
  if (!model)
    throw new WheelhouseError('not_found', `No model is registered as \`${name}\`.`, {
      hint: 'GET /api/v1/models lists them.',
    });
  return { model, versions: await models.versions(project, name) };
}

export const detailBody = ({ model, versions }: { model: Model; versions: ModelVersion[] }): ModelDetailBody => ({
  model: modelBody(model),
  versions: versions.map(versionBody),
});
