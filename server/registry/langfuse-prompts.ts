import { modelSchemas } from '@wheelhouse/core/contract';
import { checkCallers, flavorOf, fromLangfusePrompt, toLangfusePrompt, versionHash } from '@wheelhouse/core/model';
import type { AliasRuleStore, DeploymentReader } from '@wheelhouse/core/ports';
import {
  type Caller,
  idRandomBytes,
  type JsonObject,
  type Model,
  type ModelVersion,
  nanosToMs,
  newId,
  type ProjectId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import type { AliasGates } from './alias-gates.ts';
import { createAliasMover } from './alias-handlers.ts';
import { registryName } from './langfuse-names.ts';
import { announcer, type RegistryDeps } from './registry.ts';
import { contentOf } from './version-content.ts';

export type LangfuseDeps = RegistryDeps & {
  rules: AliasRuleStore;
  gates: AliasGates;
  /** From memory, so that applications get their prompts while the store is away. */
  reader(project: ProjectId): DeploymentReader;
};

export type PromptAsk = {
  method: string;
  /** What follows `/v2/prompts`. */
  path: string;
  query: URLSearchParams;
  by: Caller;
  body(): Promise<JsonObject>;
};
type PromptAnswer = { status: number; body: object };

/** Langfuse's own label of the newest version. */
const newest = 'latest';
const mostOnPage = 100;

type Found = { model: Model; versions: ReadonlyMap<number, ModelVersion> };
type Prompt = Parameters<typeof toLangfusePrompt>[0];

const wrong = (param: string, message: string, hint?: string) =>
  new WheelhouseError('invalid_request', message, { param, ...(hint === undefined ? {} : { hint }) });

const texts = (value: unknown): string[] | null =>
  Array.isArray(value) && value.every((one) => typeof one === 'string') ? value : null;

function textsOf(body: JsonObject, param: string): string[] {
  const list = texts(body[param] ?? []);
  if (list === null) throw wrong(param, `\`${param}\` is a list of texts.`);
  return list;
}

const labelsOf = (model: Model, number: number): string[] => [
  ...model.aliases.filter(({ version }) => version === number).map(({ alias }) => alias),
  ...(number === model.latest ? [newest] : []),
];

/** As it came when it is encoded wrongly. */
function decoded(piece: string): string {
  try {
    return decodeURIComponent(piece);
  } catch {
    return piece;
  }
}

const isPrompt = ({ definition }: ModelVersion) => flavorOf(definition).name === 'prompt';

/** Whether callers of each label go on with what is to be published. */
function checkLabelled(
  { model, versions }: { model: Model; versions: readonly ModelVersion[] },
  next: Pick<ModelVersion, 'number' | 'definition' | 'signature'>,
  labels: readonly string[],
): void {
  for (const alias of labels) {
    const at = model.aliases.find((one) => one.alias === alias)?.version;
    const from = versions.find(({ number }) => number === at);
    checkCallers({ name: model.name, alias, from, to: next, breaking: false });
  }
}

/** Publishes prompts that come in Langfuse's form. */
export function createPromptPublisher(deps: LangfuseDeps) {
  const mover = createAliasMover(deps);
  return {
    /** @throws WheelhouseError `alias_protected` before anything is changed */
    async checkLabels(by: Caller, name: string, labels: string[]): Promise<void> {
      for (const alias of labels) if (alias !== newest) await mover.check(by, { name, alias });
    },
    /** @throws WheelhouseError `conflict` where callers of a label may fail with the version, unless that is meant */
    async moveLabels(
      by: Caller,
      name: string,
      { labels, version, breaking }: { labels: string[]; version: number; breaking: boolean },
    ) {
      for (const alias of labels) if (alias !== newest) await mover.move(by, { name, alias, version, breaking });
    },
    /** As the next version, of a new model where there is none. */
    async publish(
      by: Caller,
      given: {
        name: string;
        prompt: JsonObject;
        tags: string[];
        message: string;
        baseModel: string | null;
        /** Aliases that are to follow it at once: where their callers may fail, nothing is published. */
        labels?: string[];
      },
    ): Promise<ModelVersion> {
      const { name, prompt, tags, message, labels = [] } = given;
      const before = await deps.models.get(by.project, name);
      const versions = before ? await deps.models.versions(by.project, name) : [];
      const [latest] = versions;
      const config = prompt.config as JsonObject | undefined;
      const baseModel = given.baseModel ?? latest?.definition.baseModel ?? null;
      if (baseModel === null && typeof config?.model !== 'string')
        throw wrong('config', `Nothing says which model \`${name}\` is for.`, 'Put `model` into its `config`.');
      const definition = fromLangfusePrompt(prompt, { baseModel: baseModel ?? '', rename: registryName });
      const body = modelSchemas.newVersion.parse({ definition, message });
      const content = contentOf(body, { checker: deps.checker, find: deps.find(by.project) });
      if (before === null) {
        const checked = modelSchemas.modelName.safeParse(name);
        if (!checked.success) throw wrong('name', `\`${name}\` is no name: ${checked.error.issues[0]?.message}.`);
        const id = newId('md', nanosToMs(deps.clock.now()), deps.random.bytes(idRandomBytes));
        await deps.models.create(by, { id, name, description: '', tags, owner: null });
      } else checkLabelled({ model: before, versions }, { ...content, number: before.latest + 1 }, labels);
      if (before !== null && tags.length > 0) await deps.models.describe(by, name, { tags });
      const hash = versionHash(content.definition, content.signature);
      return deps.models.publish(by, name, { ...content, hash, message });
    },
  };
}

/** The part of Langfuse's API that its clients fetch and keep prompts with: a prompt is a model, a label an alias. */
export function createLangfusePrompts(deps: LangfuseDeps) {
  const publisher = createPromptPublisher(deps);
  const announce = announcer(deps);

  function wire(by: Caller, name: string, { model, version }: { model: Model; version: ModelVersion }): object {
    const prompt = toLangfusePrompt(version.definition as Prompt, deps.find(by.project));
    return {
      id: `${model.id}:${version.number}`,
      name,
      version: version.number,
      ...prompt,
      labels: labelsOf(model, version.number),
      tags: model.tags,
      commitMessage: version.message === '' ? null : version.message,
      projectId: by.project,
      createdBy: version.author,
      createdAt: version.createdAt,
      updatedAt: version.createdAt,
      resolutionGraph: null,
    };
  }

  function modelNamed({ project }: Caller, name: string): Found {
    const reader = deps.reader(project);
    const found = reader.model(name) ?? reader.model(registryName(name));
    if (found) return found;
    throw new WheelhouseError('not_found', `There is no prompt \`${name.slice(0, 100)}\`.`, {
      hint: 'Register it as a model of flavor prompt.',
    });
  }

  function versionOf(found: Found, name: string, query: URLSearchParams): ModelVersion {
    const label = query.get('label') ?? 'production';
    const asked = query.get('version');
    const { model, versions } = found;
    const number =
      asked !== null
        ? Number(asked)
        : label === newest
          ? model.latest
          : model.aliases.find(({ alias }) => alias === label)?.version;
    const version = number === undefined ? undefined : versions.get(number);
    if (version && isPrompt(version)) return version;
    const what = asked === null ? `label \`${label}\`` : `version ${asked}`;
    throw new WheelhouseError('not_found', `\`${name}\` has no prompt with ${what}.`, {
      hint: `GET /api/v1/models/${model.name} lists its versions and aliases.`,
    });
  }

  function list({ by, query }: PromptAsk): PromptAnswer {
    const numberOf = (param: string, otherwise: number) => {
      const value = Number(query.get(param) ?? otherwise);
      return Number.isInteger(value) && value > 0 ? value : otherwise;
    };
    const [name, label, tag] = [query.get('name'), query.get('label'), query.get('tag')];
    const [page, limit] = [numberOf('page', 1), Math.min(numberOf('limit', 50), mostOnPage)];
    const reader = deps.reader(by.project);
    const all = reader.all().flatMap((model) => {
      const versions = [...(reader.model(model.name)?.versions.values() ?? [])].filter(isPrompt);
      const [last] = versions.toSorted((a, b) => b.number - a.number);
      const labels = [...model.aliases.map(({ alias }) => alias), newest];
      if (last === undefined || (name !== null && model.name !== registryName(name))) return [];
      if ((label !== null && !labels.includes(label)) || (tag !== null && !model.tags.includes(tag))) return [];
      const { template, baseModel, parameters } = last.definition as Prompt;
      const type = template === undefined ? 'chat' : 'text';
      const config = { model: baseModel, ...parameters };
      return {
        ...{ name: model.name, type, labels, tags: model.tags, lastUpdatedAt: model.changedAt, lastConfig: config },
        versions: versions.map(({ number }) => number).sort((a, b) => a - b),
      };
    });
    const meta = { page, limit, totalItems: all.length, totalPages: Math.ceil(all.length / limit) };
    return { status: 200, body: { data: all.slice((page - 1) * limit, page * limit), meta } };
  }

  async function create({ by, body: read }: PromptAsk): Promise<PromptAnswer> {
    const body = await read();
    if (typeof body.name !== 'string' || body.name === '') throw wrong('name', '`name` is the name of the prompt.');
    const [labels, tags] = [textsOf(body, 'labels'), textsOf(body, 'tags')];
    const name = registryName(body.name);
    const message = typeof body.commitMessage === 'string' ? body.commitMessage : '';
    await publisher.checkLabels(by, name, labels);
    const version = await publisher.publish(by, { name, prompt: body, tags, message, baseModel: null, labels });
    await publisher.moveLabels(by, name, { labels, version: version.number, breaking: false });
    await announce(by, name);
    const { model } = modelNamed(by, name);
    return { status: 201, body: wire(by, body.name, { model, version }) };
  }

  async function label({ by, body: read }: PromptAsk, name: string, number: string): Promise<PromptAnswer> {
    const labels = textsOf(await read(), 'newLabels');
    const found = modelNamed(by, name);
    const version = versionOf(found, name, new URLSearchParams({ version: number }));
    await publisher.checkLabels(by, found.model.name, labels);
    await publisher.moveLabels(by, found.model.name, { labels, version: version.number, breaking: false });
    await announce(by, found.model.name);
    return { status: 200, body: wire(by, name, { model: modelNamed(by, name).model, version }) };
  }

  return {
    async answer(ask: PromptAsk): Promise<PromptAnswer> {
      const { method, path, by, query } = ask;
      if (path === '' && method === 'GET') return list(ask);
      if (path === '' && method === 'POST') return create(ask);
      const name = decoded(/^\/([^/]+)$/.exec(path)?.[1] ?? '');
      if (name !== '' && method === 'GET') {
        const found = modelNamed(by, name);
        return { status: 200, body: wire(by, name, { model: found.model, version: versionOf(found, name, query) }) };
      }
      const [, of = '', number = ''] = /^\/([^/]+)\/versions\/(\d{1,9})$/.exec(path) ?? [];
      if (of !== '' && method === 'PATCH') return label(ask, decoded(of), number);
      throw new WheelhouseError('not_found', `Wheelhouse does not serve ${method} of prompts at this path.`, {
        hint: 'docs/guides/from-langfuse.md lists what it does.',
      });
    },
  };
}
