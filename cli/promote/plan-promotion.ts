import { diffVersions, type VersionChange } from '@wheelhouse/core/model';
import { atLeast, type ModelVersion } from '@wheelhouse/core/records';
import type { AliasRuleBody, Client, ModelBody } from '@wheelhouse/sdk';
import { loadVersion, splitRef } from '@wheelhouse/sdk/model';
import { findModel } from '../find-model.ts';
import { plain } from '../output/text.ts';
import { loadPackage, type PackagePlan, type PlannedVersion, planPackage, type Sides } from '../publish-package.ts';
import type { Places } from './open-places.ts';
import { type Evaluated, evaluationLine, messageWith, type Origin, provenance } from './provenance.ts';

/** What becomes of an alias there. */
export type AliasPlan = {
  alias: string;
  /** Where it is; null: there is none yet. */
  from: ModelVersion | null;
  changes: VersionChange[];
  /** The part of its calls that the version gets; null: all of them. */
  share: number | null;
  /** The rule by which the move is asked for; null: whoever promotes may move it. */
  asks: AliasRuleBody | null;
  /** Another version that is on its way to it. */
  release: ModelBody['aliases'][number]['release'] | null;
};

export type Promotion = {
  origin: Origin;
  plan: PackagePlan;
  alias: AliasPlan | null;
  evaluated: Evaluated | null;
  /** Where it is from, in words. */
  words: string;
};

type Wanted = { name: string | undefined; alias: string | undefined; share: number | undefined };

async function newestEvaluation({ source, from }: Places, { model, version }: Origin): Promise<Evaluated | null> {
  const query = { model: `${model}@${version}`, status: 'completed' as const, limit: 1 };
  const { data } = await source.call('listEvaluations', { query });
  const [newest] = data;
  if (newest === undefined) return null;
  return { id: newest.id, line: evaluationLine(newest, { model, version }), url: `${from}/x/${newest.id}` };
}

const sidesOf = ({ from, to }: Places): Sides => ({
  here: `at ${to}`,
  there: `at ${from}`,
  hint(ref) {
    const { selector } = splitRef(ref);
    const first = /^\d+$/.test(selector)
      ? ''
      : `Promote it first: wheelhouse model promote ${plain(ref)} --to ${to} --alias ${plain(selector)}. `;
    return `${first}Or take another project there: WHEELHOUSE_TO_PROJECT.`;
  },
});

/** Without the package: the version is where it is wanted. */
async function planHere(ref: string, client: Client): Promise<PackagePlan> {
  const { name, version } = await loadVersion(ref, client, new AbortController().signal);
  const here = { name, ...version };
  return { references: [], model: { model: name, number: here.number, isNew: false, alias: null, version: here } };
}

async function planAlias(
  { alias, share }: { alias: string; share: number | null },
  { model: { model: name, version } }: PackagePlan,
  { target, role }: Places,
): Promise<AliasPlan> {
  const [detail, rules] = await Promise.all([findModel(target, name), target.call('listAliasRules', {})]);
  const own = detail?.model.aliases.find((one) => one.alias === alias);
  const found = detail?.versions.find((one) => one.number === own?.version);
  const from = found === undefined ? null : (found as unknown as ModelVersion);
  const rule = rules.data.find((one) => one.alias === alias);
  const asks = rule !== undefined && (rule.review || role === null || !atLeast(role, rule.role)) ? rule : null;
  const changes = from === null ? [] : diffVersions(from, version).changes;
  return { alias, from, changes, share, asks, release: own?.release ?? null };
}

/** Each message says where its version is from. */
function withOrigins({ references, model }: PackagePlan, server: string, words: string): PackagePlan {
  const say = (one: PlannedVersion, text: string): PlannedVersion => ({
    ...one,
    version: { ...one.version, message: messageWith(one.version.message, text) },
  });
  const originOf = ({ name, number, hash }: PlannedVersion['version']): Origin => ({
    ...{ server, hash, model: name, version: number },
  });
  return {
    references: references.map((one) => say(one, provenance(originOf(one.version), null))),
    model: say(model, words),
  };
}

/**
 * What would change at the target; nothing is changed.
 * @throws UsageError where a name leads elsewhere there, or the version is code
 */
export async function planPromotion(ref: string, { name, alias, share }: Wanted, places: Places): Promise<Promotion> {
  const { source, target, from, isHere } = places;
  const own = splitRef(ref).name;
  const isCopied = !isHere || (name ?? own) !== own;
  const plan = isCopied
    ? await planPackage(await loadPackage(ref, source), {
        ...{ name: name ?? own, client: target, sides: sidesOf(places) },
      })
    : await planHere(ref, source);
  const { number, hash } = plan.model.version;
  const origin = { server: from, model: own, version: number, hash };
  const evaluated = await newestEvaluation(places, origin);
  const words = provenance(origin, evaluated);
  return {
    ...{ origin, evaluated, words, plan: withOrigins(plan, from, words) },
    alias: alias === undefined ? null : await planAlias({ alias, share: share ?? null }, plan, places),
  };
}
