import { z } from 'zod';
import {
  contentHash,
  type JsonObject,
  type ModelDefinition,
  type Signature,
  WheelhouseError,
} from '../records/index.ts';
import type { Flavor } from './flavor.ts';
import { baseDefinition, baseFlavor } from './flavors/base/index.ts';
import { chainDefinition, chainFlavor } from './flavors/chain/index.ts';
import { codeDefinition, codeFlavor } from './flavors/code/index.ts';
import { endpointDefinition, endpointFlavor } from './flavors/endpoint/index.ts';
import { programDefinition, programFlavor } from './flavors/program/index.ts';
import { promptDefinition, promptFlavor } from './flavors/prompt/index.ts';

/** Whatever answers: one line a flavor. */
export const flavors = [baseFlavor, promptFlavor, chainFlavor, endpointFlavor, codeFlavor, programFlavor] as const;

/** The form of a definition, whatever its flavor. */
export const modelDefinition = z.discriminatedUnion('flavor', [
  baseDefinition,
  promptDefinition,
  chainDefinition,
  endpointDefinition,
  codeDefinition,
  programDefinition,
]);

const byName: ReadonlyMap<string, Flavor> = new Map(
  flavors.map((flavor) => [flavor.name, flavor as unknown as Flavor]),
);

/** @throws WheelhouseError `invalid_request` for a flavor that this release does not know */
export function flavorOf({ flavor }: Pick<ModelDefinition, 'flavor'>): Flavor {
  const found = byName.get(flavor);
  if (found) return found;
  throw new WheelhouseError('invalid_request', `There is no flavor \`${flavor}\`.`, {
    param: 'definition.flavor',
    hint: `Flavors are ${[...byName.keys()].join(', ')}.`,
  });
}

/** Covers what decides the answer: definition and signature. */
export const versionHash = (definition: ModelDefinition, signature: Signature): string =>
  contentHash({ definition, signature } as unknown as JsonObject);
