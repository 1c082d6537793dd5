import { flavorOf, type ModelPackage, type PackagedVersion } from '@wheelhouse/core/model';
import type { Json, ModelVersion } from '@wheelhouse/core/records';
import type { Client, ModelDetailBody, RequestBody } from '@wheelhouse/sdk';
import { loadVersion, splitRef } from '@wheelhouse/sdk/model';
import { findModel } from './find-model.ts';
import { UsageError } from './output/exit-codes.ts';
import { plain } from './output/text.ts';
import { publishVersion } from './publish-version.ts';

function packaged(ref: string, version: ModelVersion): PackagedVersion {
  const { number, hash, definition, signature, example, message, author, createdAt } = version;
  if (definition.flavor === 'code')
    throw new UsageError(
      `${plain(ref)} is code, which is answered where it lives and cannot be taken along.`,
      'Take the code itself along, and serve it there: wheelhouse serve ./bot.ts',
    );
  const { name } = splitRef(ref);
  return { name, number, hash, definition, signature, example, message, author, createdAt };
}

/**
 * A version with all that it leads to.
 * @throws UsageError where one of them is code
 */
export async function loadPackage(ref: string, client: Client): Promise<ModelPackage> {
  const { version, references } = await loadVersion(ref, client, new AbortController().signal);
  const model = packaged(ref, version);
  return { model, references: new Map([...references].map(([name, one]) => [name, packaged(name, one)])) };
}

/** `number`: what the version has at the server, or gets there. */
export type PlannedVersion = {
  model: string;
  number: number;
  isNew: boolean;
  /** The alias that leads to it from then on; null: none has to be made. */
  alias: string | null;
  version: PackagedVersion;
};
/** In the order in which they are published; the model is the last. */
export type PackagePlan = { references: PlannedVersion[]; model: PlannedVersion };

/** How a refusal calls both sides, and what it advises. */
export type Sides = { here: string; there: string; hint(ref: string): string };

const isNumber = (selector: string) => /^\d+$/.test(selector);

/** What others lead to comes before them, and a model's versions come by their numbers. */
export function inOrder(references: ModelPackage['references']): [string, PackagedVersion][] {
  const ordered = new Map<string, PackagedVersion>();
  const visited = new Set<string>();
  function add(ref: string): void {
    const version = references.get(ref);
    if (version === undefined || visited.has(ref)) return;
    visited.add(ref);
    for (const one of flavorOf(version.definition).references(version.definition)) add(one);
    ordered.set(ref, version);
  }
  for (const [ref] of [...references].sort(([, a], [, b]) => a.number - b.number)) add(ref);
  return [...ordered];
}

/** What a server has of models, and what it will have. */
function createShelf(client: Client) {
  const details = new Map<string, Promise<ModelDetailBody | null>>();
  const planned: PlannedVersion[] = [];
  const known = (name: string): Promise<ModelDetailBody | null> => {
    const detail = details.get(name) ?? findModel(client, name);
    details.set(name, detail);
    return detail;
  };
  return {
    /** Where a name leads; null: it is free. */
    async hashAt(ref: string): Promise<string | null> {
      const { name, selector } = splitRef(ref);
      const detail = await known(name);
      const number = isNumber(selector)
        ? Number(selector)
        : detail?.model.aliases.find(({ alias }) => alias === selector)?.version;
      return detail?.versions.find((one) => one.number === number)?.hash ?? null;
    },
    /** An older version that is the same, or the next one. */
    async place(model: string, version: PackagedVersion, alias: string | null): Promise<PlannedVersion> {
      const detail = await known(model);
      const own = planned.filter((one) => one.model === model);
      const same =
        detail?.versions.find(({ hash }) => hash === version.hash)?.number ??
        own.find((one) => one.version.hash === version.hash)?.number;
      const next = (detail?.model.latest ?? 0) + 1 + own.filter(({ isNew }) => isNew).length;
      const one = { model, version, alias, number: same ?? next, isNew: same === undefined };
      planned.push(one);
      return one;
    },
  };
}

/**
 * What has to be published at a server, and what is there already. What a name leads to has to be the same there: a name that
 * is free is taken, one that leads elsewhere is never moved.
 * @throws UsageError where a name leads elsewhere there, or a number is not the next one
 */
export async function planPackage(
  { model, references }: ModelPackage,
  { name, client, sides }: { name: string; client: Client; sides: Sides },
): Promise<PackagePlan> {
  const shelf = createShelf(client);
  const planned: PlannedVersion[] = [];
  for (const [ref, version] of inOrder(references)) {
    const hash = await shelf.hashAt(ref);
    if (hash === version.hash) continue;
    if (hash !== null)
      throw new UsageError(
        `\`${plain(ref)}\` leads to another version ${sides.here} than ${sides.there}.`,
        sides.hint(ref),
      );
    const { name: other, selector } = splitRef(ref);
    const one = await shelf.place(other, version, isNumber(selector) ? null : selector);
    if (one.alias === null && one.number !== Number(selector))
      throw new UsageError(
        `${plain(other)} ${one.isNew ? 'would be' : 'is'} version ${one.number} ${sides.here}, and \`${plain(ref)}\` is led to.`,
        'Take a project in which that number is the next one.',
      );
    planned.push(one);
  }
  return { references: planned, model: await shelf.place(name, model, null) };
}

const bodyOf = ({ definition, signature, example, message }: PackagedVersion): RequestBody<'createVersion'> => ({
  ...{ definition: definition as RequestBody<'createVersion'>['definition'], message },
  signature: signature as unknown as NonNullable<RequestBody<'createVersion'>['signature']>,
  ...(example === null ? {} : { example: example as Json & object }),
});

/**
 * Publishes what is not there, the one after the other.
 * @param lead makes an alias that others name
 */
export async function* publishPackage(
  { references, model }: PackagePlan,
  { client, lead }: { client: Client; lead(one: { name: string; alias: string; version: number }): Promise<unknown> },
): AsyncGenerator<PlannedVersion> {
  for (const one of [...references, model]) {
    const number = one.isNew ? await publishVersion(one.model, bodyOf(one.version), { client }) : one.number;
    if (one.alias !== null) await lead({ name: one.model, alias: one.alias, version: number });
    yield { ...one, number };
  }
}
