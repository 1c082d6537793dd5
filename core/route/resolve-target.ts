import { type Model, type ModelVersion, WheelhouseError } from '../records/index.ts';

/** Where a call goes. */
export type Target = {
  /** What the caller named. */
  ref: string;
  provider: string;
  /** The model's name at the provider. */
  vendorModel: string;
  /** The registered version that answers; null for a base model. */
  version: ModelVersion | null;
  /** Name of the registered model; null for a base model. */
  name: string | null;
  /** The alias that the caller named, or that a bare name stood for. */
  alias: string | null;
};

export type RouteTable = {
  providers: ReadonlySet<string>;
  /** Takes names without a known provider, as apps send them that know one vendor only. */
  defaultProvider: string | null;
  find(name: string): { model: Model; versions: ReadonlyMap<number, ModelVersion> } | null;
};

type Base = { provider: string; vendorModel: string };

function resolveBase(name: string, table: RouteTable): Base | null {
  const slash = name.indexOf('/');
  const provider = slash > 0 ? name.slice(0, slash) : '';
  if (table.providers.has(provider)) return { provider, vendorModel: name.slice(slash + 1) };
  return table.defaultProvider === null ? null : { provider: table.defaultProvider, vendorModel: name };
}

function missing(ref: string, reason: string, hint?: string): WheelhouseError {
  return new WheelhouseError('model_not_found', `There is no model \`${ref}\`: ${reason}.`, {
    param: 'model',
    ...(hint === undefined ? {} : { hint }),
  });
}

function versionTarget(
  ref: string,
  choice: { name: string; number: number; alias: string | null },
  table: RouteTable,
): Target {
  const found = table.find(choice.name);
  const version = found?.versions.get(choice.number);
  if (!found || !version)
    throw missing(
      ref,
      `${choice.name} has no version ${choice.number}`,
      `Its newest version is ${found?.model.latest ?? 0}.`,
    );
  const base = resolveBase(version.definition.baseModel, table);
  if (!base)
    throw missing(
      ref,
      `its base model \`${version.definition.baseModel}\` names no provider that is configured`,
      providersHint(table),
    );
  return { ref, ...base, version, name: choice.name, alias: choice.alias };
}

const providersHint = (table: RouteTable) =>
  `Configured providers: ${[...table.providers].sort().join(', ')}. GET /v1/models lists what can be called.`;

const aliasesHint = (model: Model) =>
  model.aliases.length
    ? `It has ${model.aliases.map((a) => `${model.name}@${a.alias}`).join(', ')} and versions 1 to ${model.latest}.`
    : `It has versions 1 to ${model.latest} and no alias; call ${model.name}@${model.latest}, or set an alias.`;

/**
 * Which model a name means: `name@alias`, `name@2`, `name` (its alias `production`), `provider/model`, or, when a
 * default provider is configured, any name that this provider knows.
 * @throws WheelhouseError `model_not_found`
 */
export function resolveTarget(ref: string, table: RouteTable): Target {
  const at = ref.lastIndexOf('@');
  const name = at > 0 ? ref.slice(0, at) : ref;
  const found = table.find(name);
  if (at > 0) {
    const tag = ref.slice(at + 1);
    if (found) {
      if (/^\d+$/.test(tag)) return versionTarget(ref, { name, number: Number(tag), alias: null }, table);
      const alias = found.model.aliases.find((a) => a.alias === tag);
      if (!alias) throw missing(ref, `${name} has no alias \`${tag}\``, aliasesHint(found.model));
      return versionTarget(ref, { name, number: alias.version, alias: tag }, table);
    }
    if (!name.includes('/')) throw missing(ref, `no model is registered as \`${name}\``);
  } else if (found) {
    const alias = found.model.aliases.find((a) => a.alias === 'production');
    if (!alias) throw missing(ref, 'it has no alias `production`, so say which version', aliasesHint(found.model));
    return versionTarget(ref, { name, number: alias.version, alias: 'production' }, table);
  }
  const base = resolveBase(ref, table);
  if (!base) throw missing(ref, 'no provider or registered model has this name', providersHint(table));
  return { ref, ...base, version: null, name: null, alias: null };
}
