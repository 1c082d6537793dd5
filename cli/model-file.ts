import { type FlavorContext, flavorOf, parseVersion, printVersion, type VersionContent } from '@wheelhouse/core/model';
import { canonicalJson, type Json, type JsonObject, type ModelVersion, type Signature } from '@wheelhouse/core/records';
import type { Client, ModelVersionBody, RequestBody } from '@wheelhouse/sdk';
import { loadReferences, valueChecker } from '@wheelhouse/sdk/model';
import { UsageError } from './output/exit-codes.ts';

type Version = Pick<ModelVersionBody, 'definition' | 'signature' | 'example' | 'message'>;
export type FileContent = RequestBody<'createVersion'> & { message: string };

const same = (a: unknown, b: unknown) => canonicalJson((a ?? null) as Json) === canonicalJson((b ?? null) as Json);

/** @throws UsageError that names the file and what is wrong in it */
export function contentOfFile(text: string, path: string): FileContent {
  try {
    const { definition, signature, example, message } = parseVersion(text);
    return {
      ...{ definition: definition as FileContent['definition'], message },
      signature: signature as JsonObject,
      ...(example === null ? {} : { example }),
    };
  } catch (error) {
    const hint = error instanceof Error && 'hint' in error ? String(error.hint) : 'See docs/guides/models.md.';
    throw new UsageError(`${path}: ${error instanceof Error ? error.message : String(error)}`, hint);
  }
}

/** The signature of a definition that says none; null where what it leads to is not at the server. */
async function inferred(definition: FileContent['definition'], client: Client): Promise<Signature | null> {
  try {
    const references = await loadReferences({ definition }, client);
    const context: FlavorContext = { checker: valueChecker, find: (ref) => references.get(ref) ?? null };
    return flavorOf(definition).infer(definition, context);
  } catch {
    return null;
  }
}

const members = ['input', 'output', 'parameters'] as const;

/** A version as a file for people: what of its signature goes without saying is not said. */
export async function printFile(version: Version, client: Client): Promise<string> {
  const plain = await inferred(version.definition, client);
  const given = members.filter((name) => version.signature[name] !== undefined);
  const said = given.filter((name) => plain === null || !same(plain[name], version.signature[name]));
  const signature =
    said.length === 0 ? undefined : Object.fromEntries(said.map((name) => [name, version.signature[name]]));
  const { definition, example, message } = version;
  return printVersion({ definition, example, message, signature } as unknown as VersionContent);
}

/** Whether a file says what a version is; its message and example do not count, since they decide no answer. */
export async function isVersion(file: FileContent, version: Version, client: Client): Promise<boolean> {
  if (!same(file.definition, version.definition)) return false;
  const plain = await inferred(file.definition, client);
  return members.every((name) => same(file.signature?.[name] ?? plain?.[name], version.signature[name]));
}

/**
 * A file as the version that it would be.
 * @param before what its signature is taken to be where the file says none and what it leads to is not at the server yet
 */
export async function versionOfFile(
  { definition, signature }: FileContent,
  before: Signature,
  client: Client,
): Promise<Pick<ModelVersion, 'definition' | 'signature'>> {
  const plain = (await inferred(definition, client)) ?? before;
  return { definition, signature: { ...plain, ...signature } as Signature };
}
