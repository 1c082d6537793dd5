import type { ModelDetailBody } from '@wheelhouse/core/contract';
import { flavorOf } from '@wheelhouse/core/model';
import type { ModelVersion } from '@wheelhouse/core/records';
import { type Client, WheelhouseApiError } from '../client/index.ts';

/** A version with every other that it leads to, by the name that it is called by there. */
export type LoadedVersion = {
  name: string;
  version: ModelVersion;
  references: ReadonlyMap<string, ModelVersion>;
};

type Loads = (name: string) => Promise<ModelDetailBody>;

/** Each model is asked for once. */
function createLoads(client: Client, signal?: AbortSignal): Loads {
  const loads = new Map<string, Promise<ModelDetailBody>>();
  return (name) => {
    const load = loads.get(name) ?? client.call('getModel', { params: { name }, ...(signal ? { signal } : {}) });
    loads.set(name, load);
    return load;
  };
}

/** `name@alias`, `name@2`, or `name` for `name@production`. */
export function splitRef(ref: string): { name: string; selector: string } {
  const at = ref.lastIndexOf('@');
  return at < 1 ? { name: ref, selector: 'production' } : { name: ref.slice(0, at), selector: ref.slice(at + 1) };
}

const isNumber = (selector: string) => /^\d+$/.test(selector);

async function find(ref: string, load: Loads): Promise<ModelVersion> {
  const { name, selector } = splitRef(ref);
  const { model, versions } = await load(name);
  const number = isNumber(selector) ? Number(selector) : model.aliases.find(({ alias }) => alias === selector)?.version;
  const version = versions.find((one) => one.number === number);
  if (version) return version as unknown as ModelVersion;
  throw new WheelhouseApiError(404, 'model_not_found', `There is no \`${ref}\`.`, 'See: wheelhouse model ls');
}

/** Names of models of the project; what has no `@`, or a slash, may be a base model or a route. */
const registered = (version: Pick<ModelVersion, 'definition'>): string[] =>
  flavorOf(version.definition)
    .references(version.definition)
    .filter((ref) => ref.includes('@') && !ref.includes('/'));

async function referencesOf(
  version: Pick<ModelVersion, 'definition'>,
  load: Loads,
): Promise<Map<string, ModelVersion>> {
  const references = new Map<string, ModelVersion>();
  const waiting = registered(version);
  for (let ref = waiting.pop(); ref !== undefined; ref = waiting.pop()) {
    if (references.has(ref)) continue;
    const found = await find(ref, load);
    references.set(ref, found);
    waiting.push(...registered(found));
  }
  return references;
}

/**
 * The registered versions that a definition leads to.
 * @throws WheelhouseApiError
 */
export const loadReferences = (
  version: Pick<ModelVersion, 'definition'>,
  client: Client,
): Promise<Map<string, ModelVersion>> => referencesOf(version, createLoads(client));

/** @throws WheelhouseApiError `model_not_found` */
export async function loadVersion(ref: string, client: Client, signal: AbortSignal): Promise<LoadedVersion> {
  const load = createLoads(client, signal);
  const version = await find(ref, load);
  return { name: splitRef(ref).name, version, references: await referencesOf(version, load) };
}
