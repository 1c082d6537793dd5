import type { Handlers } from '@wheelhouse/core/contract';
import type { HttpCaller, Random } from '@wheelhouse/core/ports';
import {
  type Caller,
  isJsonObject,
  type JsonObject,
  newSpanId,
  newTraceId,
  parseExactJson,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { registryName } from './langfuse-names.ts';
import { createPromptPublisher, type LangfuseDeps } from './langfuse-prompts.ts';
import { announcer } from './registry.ts';

export type ImportDeps = LangfuseDeps & { http: HttpCaller };

type Source = { url: string; publicKey: string; secretKey: string };

const timeoutMs = 20_000;
/** More are taken over in several imports, by name. */
const mostPrompts = 500;
const mostVersions = 2_000;

const numberOf = (value: unknown): number => (typeof value === 'number' ? value : 0);
const listOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];

/** Reads Langfuse's API at another address. */
function createReader(deps: { http: HttpCaller; random: Random }, { url, publicKey, secretKey }: Source, by: Caller) {
  const authorization = `Basic ${btoa(`${publicKey}:${secretKey}`)}`;
  const refused = (why: string) =>
    new WheelhouseError('upstream_refused', `Langfuse at ${url} ${why}.`, {
      param: 'from',
      hint: 'Check the address and both keys of the project there.',
    });

  async function read(path: string): Promise<JsonObject> {
    const { status, body } = await deps.http.call({
      ...{ by, method: 'GET', url: `${url.replace(/\/+$/, '')}/api/public/v2/prompts${path}`, provider: null },
      ...{ headers: { authorization, accept: 'application/json' }, body: null, timeoutMs, onText: null },
      traceparent: `00-${newTraceId(deps.random.bytes(16))}-${newSpanId(deps.random.bytes(8))}-00`,
      signal: new AbortController().signal,
    });
    if (status !== 200) throw refused(`answered ${status}`);
    let answer: unknown;
    try {
      answer = parseExactJson(body);
    } catch (cause) {
      throw new WheelhouseError('upstream_refused', `${url} does not answer as Langfuse does.`, {
        param: 'from',
        cause,
      });
    }
    if (!isJsonObject(answer)) throw refused('answered something else than an object');
    return answer;
  }

  /** Names with their versions. */
  async function names(): Promise<{ name: string; versions: number[] }[]> {
    const found: { name: string; versions: number[] }[] = [];
    for (let page = 1; ; page++) {
      const { data, meta } = await read(`?page=${page}&limit=100`);
      for (const item of Array.isArray(data) ? data : [])
        if (isJsonObject(item) && typeof item.name === 'string')
          found.push({ name: item.name, versions: Array.isArray(item.versions) ? item.versions.map(numberOf) : [] });
      if (!isJsonObject(meta) || page >= numberOf(meta.totalPages)) return found;
      if (found.length >= mostPrompts)
        throw new WheelhouseError('invalid_request', `There are more than ${mostPrompts} prompts at ${url}.`, {
          param: 'names',
          hint: 'Say in `names` which to take over.',
        });
    }
  }

  return {
    async prompts(wanted: string[] | undefined): Promise<JsonObject[]> {
      const chosen = (await names()).filter(({ name }) => wanted === undefined || wanted.includes(name));
      const all = chosen.flatMap(({ name, versions }) =>
        versions.toSorted((a, b) => a - b).map((version) => ({ name, version })),
      );
      if (all.length > mostVersions)
        throw new WheelhouseError('invalid_request', `These prompts have more than ${mostVersions} versions.`, {
          param: 'names',
          hint: 'Say in `names` which to take over.',
        });
      const prompts: JsonObject[] = [];
      for (const { name, version } of all) prompts.push(await read(`/${encodeURIComponent(name)}?version=${version}`));
      return prompts;
    },
  };
}

/** Takes prompts of Langfuse over, in the order of their versions, with their labels as aliases. */
export function createImportHandlers(deps: ImportDeps): Handlers<'importLangfusePrompts'> {
  const publisher = createPromptPublisher(deps);
  const announce = announcer(deps);

  type How = { baseModel: string | null; breaking: boolean };

  async function takeOver(by: Caller, prompt: JsonObject, { baseModel, breaking }: How) {
    const from = { name: String(prompt.name ?? ''), version: numberOf(prompt.version) };
    const name = registryName(from.name);
    const labels = listOf(prompt.labels).filter((label) => label !== 'latest');
    try {
      const message = typeof prompt.commitMessage === 'string' ? prompt.commitMessage.slice(0, 1000) : '';
      const version = await publisher.publish(by, { name, prompt, tags: listOf(prompt.tags), message, baseModel });
      const moved: string[] = [];
      const refusals: string[] = [];
      for (const label of labels)
        try {
          await publisher.moveLabels(by, name, { labels: [label], version: version.number, breaking });
          moved.push(label);
        } catch (error) {
          if (!(error instanceof WheelhouseError)) throw error;
          refusals.push(error.message);
        }
      return { from, model: name, version: version.number, aliases: moved, problem: refusals.join(' ') || null };
    } catch (error) {
      if (!(error instanceof WheelhouseError) || error.retryable) throw error;
      return { from, model: name, version: null, aliases: [], problem: error.message };
    }
  }

  return {
    async importLangfusePrompts({ by, body }) {
      const { from, prompts: given, names, baseModel, breaking } = body;
      if ((from === undefined) === (given === undefined))
        throw new WheelhouseError('invalid_request', 'Send either `from` or `prompts`.', { param: 'from' });
      const prompts = from ? await createReader(deps, from, by).prompts(names) : ((given ?? []) as JsonObject[]);
      const ordered = prompts.toSorted((a, b) => numberOf(a.version) - numberOf(b.version));
      const data = [];
      const how = { baseModel: baseModel ?? null, breaking };
      for (const prompt of ordered) data.push(await takeOver(by, prompt, how));
      for (const name of new Set(data.map(({ model }) => model))) await announce(by, name);
      return { data };
    },
  };
}
