import {
  type Handlers,
  type ModelBody,
  type ModelDetailBody,
  type ModelVersionBody,
  type ParsedBody,
  schemas,
} from '@wheelhouse/core/contract';
import { checkPrompt, inferSignature, versionHash } from '@wheelhouse/core/model';
import type { Clock, LiveFeed, ModelStore, Random, SchemaChecker } from '@wheelhouse/core/ports';
import {
  type Actor,
  idRandomBytes,
  type JsonObject,
  type Model,
  type ModelVersion,
  nanosToMs,
  newId,
  type ProjectId,
  type PromptDefinition,
  type Signature,
  WheelhouseError,
} from '@wheelhouse/core/records';

export type RegistryDeps = {
  models: ModelStore;
  feed: LiveFeed;
  checker: SchemaChecker;
  clock: Clock;
  random: Random;
  /** Called after each change, so that the next call sees it. */
  changed(): Promise<void>;
};

type VersionBody = ParsedBody<'createVersion'>;
type Content = { definition: PromptDefinition; signature: Signature };

function contentOf(body: VersionBody, checker: SchemaChecker): Content {
  const definition: PromptDefinition = {
    flavor: 'prompt',
    baseModel: body.baseModel,
    messages: body.messages,
    parameters: body.parameters as JsonObject,
  };
  for (const reserved of ['model', 'messages', 'stream', 'variables'])
    if (Object.hasOwn(definition.parameters, reserved))
      throw new WheelhouseError('invalid_request', `\`parameters.${reserved}\` cannot be a parameter.`, {
        param: `parameters.${reserved}`,
        hint: 'Parameters are request members such as temperature or max_tokens.',
      });
  const inferred = inferSignature(definition);
  const signature: Signature = {
    input: (body.signature?.input as JsonObject | undefined) ?? inferred.input,
    output: (body.signature?.output as JsonObject | undefined) ?? inferred.output,
  };
  for (const side of ['input', 'output'] as const) {
    const problem = checker.checkSchema(signature[side]);
    if (problem !== null)
      throw new WheelhouseError('invalid_request', `\`signature.${side}\` is not a JSON Schema: ${problem}.`, {
        param: `signature.${side}`,
      });
  }
  checkPrompt(definition, signature);
  return { definition, signature };
}

const modelBody = (model: Model): ModelBody => ({
  name: model.name,
  description: model.description,
  latest: model.latest,
  aliases: model.aliases,
  createdAt: model.createdAt,
});

const versionBody = (version: ModelVersion): ModelVersionBody => ({
  number: version.number,
  hash: version.hash,
  definition: version.definition,
  signature: version.signature,
  message: version.message,
  createdAt: version.createdAt,
});

type Served = 'listModels' | 'createModel' | 'getModel' | 'createVersion' | 'moveAlias' | 'removeAlias';

/** Publishes versions and moves aliases. */
export function createRegistryHandlers(deps: RegistryDeps): Handlers<Served> {
  const { models } = deps;

  async function detail(project: ProjectId, name: string): Promise<ModelDetailBody> {
    const model = await models.get(project, name);
    if (!model)
      throw new WheelhouseError('not_found', `No model is registered as \`${name}\`.`, {
        hint: 'GET /api/v1/models lists them.',
      });
    const versions = await models.versions(project, name);
    return { model: modelBody(model), versions: versions.map(versionBody) };
  }

  async function announce({ project }: Actor, name: string): Promise<void> {
    await deps.changed();
    deps.feed.publish({ type: 'models', project, name });
  }

  return {
    async listModels({ by }) {
      const all = await models.list(by.project);
      return { data: all.map(modelBody), next: null };
    },
    async createModel({ by, body }) {
      const content = body.version && contentOf(body.version, deps.checker);
      const id = newId('md', nanosToMs(deps.clock.now()), deps.random.bytes(idRandomBytes));
      await models.create(by, { id, name: body.name, description: body.description });
      if (content && body.version)
        await models.publish(by, body.name, {
          ...content,
          hash: versionHash(content.definition, content.signature),
          message: body.version.message,
        });
      await announce(by, body.name);
      return detail(by.project, body.name);
    },
    getModel: ({ by, params }) => detail(by.project, params.name),
    async createVersion({ by, params, body }) {
      const content = contentOf(body, deps.checker);
      const hash = versionHash(content.definition, content.signature);
      const version = await models.publish(by, params.name, { ...content, hash, message: body.message });
      await announce(by, params.name);
      return versionBody(version);
    },
    async moveAlias({ by, params, body }) {
      checkAlias(params.alias);
      await models.moveAlias(by, params.name, params.alias, body.version);
      await announce(by, params.name);
      return detail(by.project, params.name);
    },
    async removeAlias({ by, params }) {
      await models.removeAlias(by, params.name, params.alias);
      await announce(by, params.name);
      return detail(by.project, params.name);
    },
  };
}

function checkAlias(alias: string): void {
  const checked = schemas.aliasName.safeParse(alias);
  if (checked.success) return;
  throw new WheelhouseError(
    'invalid_request',
    `\`${alias}\` cannot be an alias: ${checked.error.issues[0]?.message}.`,
    {
      param: 'alias',
      hint: 'Name it for its role, for example production or staging; versions already have numbers.',
    },
  );
}
