import { type Alias, type Model, type ModelVersion, WheelhouseError } from '../records/index.ts';
import { type ArmCaller, type ArmChoice, chooseArm } from './choose-arm.ts';
import { type Route, type RouteSettings, targetOf } from './route.ts';

/** What a model name means. */
export type Target = {
  /** What the caller named. */
  ref: string;
  /** Where its calls go. */
  route: Route;
  /** Of the first target. */
  provider: string;
  vendorModel: string;
  /** The registered version that answers; null for a base model. */
  version: ModelVersion | null;
  /** Name of the registered model; null for a base model. */
  name: string | null;
  /** The alias that the caller named, or that a bare name stood for. */
  alias: string | null;
  /** Which of two versions it is, where one is on its way to the alias. */
  chosen?: ArmChoice;
};

export type RouteTable = {
  providers: ReadonlySet<string>;
  /** Who takes a name without a known provider, as apps send it that know one vendor only. null: nobody. */
  providerOf(model: string): string | null;
  /** Of the configuration, by name. */
  routes: ReadonlyMap<string, Route>;
  /** Of calls to a `provider/model` that no route covers. */
  settings: RouteSettings;
  find(name: string): { model: Model; versions: ReadonlyMap<number, ModelVersion> } | null;
};

type Base = { route: Route; provider: string; vendorModel: string };

function direct(provider: string, vendorModel: string, table: RouteTable): Base {
  const targets = [targetOf(provider, vendorModel)];
  return { route: { name: null, targets, settings: table.settings }, provider, vendorModel };
}

/** Of a version that is no call of a base model: it has no target, and what it calls is resolved for itself. */
const nowhere = (name: string, { settings }: RouteTable): Base => ({
  route: { name: null, targets: [], settings },
  provider: 'wheelhouse',
  vendorModel: name,
});

function resolveBase(name: string, table: RouteTable): Base | null {
  const route = table.routes.get(name);
  const first = route?.targets[0];
  if (route && first) return { route, provider: first.provider, vendorModel: first.vendorModel };
  const slash = name.indexOf('/');
  const provider = slash > 0 ? name.slice(0, slash) : '';
  if (table.providers.has(provider)) return direct(provider, name.slice(slash + 1), table);
  const other = table.providerOf(name);
  return other === null ? null : direct(other, name, table);
}

function missing(ref: string, reason: string, hint?: string): WheelhouseError {
  return new WheelhouseError('model_not_found', `There is no model \`${ref}\`: ${reason}.`, {
    param: 'model',
    ...(hint === undefined ? {} : { hint }),
  });
}

function versionTarget(
  ref: string,
  choice: { name: string; number: number; alias: string | null; chosen?: ArmChoice },
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
  const { baseModel } = version.definition;
  const base = baseModel === undefined ? nowhere(choice.name, table) : resolveBase(baseModel, table);
  if (!base)
    throw missing(
      ref,
      `its base model \`${baseModel}\` names no route and no provider that is configured`,
      providersHint(table),
    );
  const { name, alias, chosen } = choice;
  return { ref, ...base, version, name, alias, ...(chosen && { chosen }) };
}

const nobody = () => null;

/** The version that an alias means for a caller; where nobody is named, the one that it is at. */
function armOf(name: string, alias: Alias, caller: () => ArmCaller | null) {
  const asks = alias.release === undefined ? null : caller();
  const chosen = asks && chooseArm(alias, asks);
  const number = chosen?.arm === 'candidate' ? (alias.release?.candidate ?? alias.version) : alias.version;
  return { name, number, alias: alias.alias, ...(chosen && { chosen }) };
}

const providersHint = (table: RouteTable) => {
  const routes = table.routes.size === 0 ? '' : ` Routes: ${[...table.routes.keys()].sort().join(', ')}.`;
  return `Configured providers: ${[...table.providers].sort().join(', ')}.${routes} GET /v1/models lists what can be called.`;
};

const aliasesHint = (model: Model) =>
  model.aliases.length
    ? `It has ${model.aliases.map((a) => `${model.name}@${a.alias}`).join(', ')} and versions 1 to ${model.latest}.`
    : `It has versions 1 to ${model.latest} and no alias; call ${model.name}@${model.latest}, or set an alias.`;

/** A registered version by the name that callers use; null: there is none. */
export function findVersion(ref: string, table: Pick<RouteTable, 'find'>): ModelVersion | null {
  const at = ref.lastIndexOf('@');
  const found = table.find(at > 0 ? ref.slice(0, at) : ref);
  if (!found) return null;
  const tag = at > 0 ? ref.slice(at + 1) : 'production';
  const number = /^\d+$/.test(tag) ? Number(tag) : found.model.aliases.find(({ alias }) => alias === tag)?.version;
  return (number !== undefined && found.versions.get(number)) || null;
}

/**
 * Which model a name means: `name@alias`, `name@2`, `name` (its alias `production`), the name of a route,
 * `provider/model`, or, when a default provider is configured, any name that this provider knows.
 * @param caller who gets one of two versions where one is on its way to the alias; null: the one that it is at
 * @throws WheelhouseError `model_not_found`
 */
export function resolveTarget(ref: string, table: RouteTable, caller: () => ArmCaller | null = nobody): Target {
  const at = ref.lastIndexOf('@');
  const name = at > 0 ? ref.slice(0, at) : ref;
  const found = table.find(name);
  if (at > 0) {
    const tag = ref.slice(at + 1);
    if (found) {
      if (/^\d+$/.test(tag)) return versionTarget(ref, { name, number: Number(tag), alias: null }, table);
      const alias = found.model.aliases.find((a) => a.alias === tag);
      if (!alias) throw missing(ref, `${name} has no alias \`${tag}\``, aliasesHint(found.model));
      return versionTarget(ref, armOf(name, alias, caller), table);
    }
    if (!name.includes('/')) throw missing(ref, `no model is registered as \`${name}\``);
  } else if (found) {
    const alias = found.model.aliases.find((a) => a.alias === 'production');
    if (!alias) throw missing(ref, 'it has no alias `production`, so say which version', aliasesHint(found.model));
    return versionTarget(ref, armOf(name, alias, caller), table);
  }
  const base = resolveBase(ref, table);
  if (!base) throw missing(ref, 'no provider, route or registered model has this name', providersHint(table));
  const { route, provider, vendorModel } = base;
  return { ref, route, provider, vendorModel, version: null, name: null, alias: null };
}
