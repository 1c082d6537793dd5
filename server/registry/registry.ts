import type { Handlers } from '@wheelhouse/core/contract';
import { diffVersions, type FindVersion, type FlavorContext, versionHash } from '@wheelhouse/core/model';
import type { Clock, LiveFeed, ModelStore, Random, SchemaChecker } from '@wheelhouse/core/ports';
import {
  type Actor,
  idRandomBytes,
  type Model,
  type ModelVersion,
  nanosToMs,
  newId,
  type ProjectId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { detailBody, modelBody, modelOf, versionBody } from './bodies.ts';
import { contentOf } from './version-content.ts';

export type RegistryDeps = {
  models: ModelStore;
  feed: Pick<LiveFeed, 'publish'>;
  checker: SchemaChecker;
  clock: Clock;
  random: Random;
  /** Registered versions of a project, as callers name them. */
  find(project: ProjectId): FindVersion;
  /** Called after each change, so that the next call sees it. */
  changed(): Promise<void>;
};

type Served = 'listModels' | 'createModel' | 'getModel' | 'changeModel' | 'createVersion' | 'diffVersions';

/** By its number or an alias. */
function versionNamed(
  { model, versions }: { model: Model; versions: ModelVersion[] },
  name: string,
  param: string,
): ModelVersion {
  const number = /^\d+$/.test(name) ? Number(name) : model.aliases.find(({ alias }) => alias === name)?.version;
  const version = versions.find((one) => one.number === number);
  if (version) return version;
  throw new WheelhouseError('not_found', `\`${model.name}\` has no version \`${name}\`.`, { param });
}

/** The next calls see what changed, and pages hear of it. */
export const announcer =
  (deps: Pick<RegistryDeps, 'changed' | 'feed'>) =>
  async ({ project }: Actor, name: string): Promise<void> => {
    await deps.changed();
    deps.feed.publish({ type: 'models', project, name });
  };

/** Registers models, publishes versions, says how versions differ. */
export function createRegistryHandlers(deps: RegistryDeps): Handlers<Served> {
  const { models } = deps;
  const contextOf = (project: ProjectId): FlavorContext => ({ checker: deps.checker, find: deps.find(project) });
  const announce = announcer(deps);

  return {
    async listModels({ by, query }) {
      const { limit, cursor, q, tag, owner } = query;
      const found = await models.list(by.project, {
        limit: limit + 1,
        ...(cursor === undefined ? {} : { after: cursor }),
        ...(q === undefined ? {} : { text: q }),
        ...(tag === undefined ? {} : { tag }),
        ...(owner === undefined ? {} : { owner }),
      });
      const data = found.slice(0, limit).map(modelBody);
      return { data, next: found.length > limit ? (data.at(-1)?.name ?? null) : null };
    },
    async createModel({ by, body }) {
      const content = body.version && contentOf(body.version, contextOf(by.project));
      const id = newId('md', nanosToMs(deps.clock.now()), deps.random.bytes(idRandomBytes));
      const { name, description, tags, owner } = body;
      await models.create(by, { id, name, description, tags, owner });
      if (content && body.version)
        await models.publish(by, body.name, {
          ...content,
          hash: versionHash(content.definition, content.signature),
          message: body.version.message,
        });
      await announce(by, body.name);
      return detailBody(await modelOf(models, by.project, body.name));
    },
    getModel: async ({ by, params }) => detailBody(await modelOf(models, by.project, params.name)),
    async changeModel({ by, params, body }) {
      const { description, tags, owner } = body;
      const model = await models.describe(by, params.name, {
        ...(description === undefined ? {} : { description }),
        ...(tags === undefined ? {} : { tags }),
        ...(owner === undefined ? {} : { owner }),
      });
      await announce(by, params.name);
      return modelBody(model);
    },
    async createVersion({ by, params, body }) {
      const content = contentOf(body, contextOf(by.project));
      const hash = versionHash(content.definition, content.signature);
      const version = await models.publish(by, params.name, { ...content, hash, message: body.message });
      await announce(by, params.name);
      return versionBody(version);
    },
    async diffVersions({ by, params, query }) {
      const found = await modelOf(models, by.project, params.name);
      const [from, to] = [versionNamed(found, query.from, 'from'), versionNamed(found, query.to, 'to')];
      return { from: from.number, to: to.number, ...diffVersions(from, to) };
    },
  };
}
