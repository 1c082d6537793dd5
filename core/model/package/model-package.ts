import {
  isJsonObject,
  type Json,
  type JsonObject,
  type ModelVersion,
  parseExactJson,
  WheelhouseError,
} from '../../records/index.ts';
import { versionHash } from '../flavors.ts';
import { parseVersion } from '../version-file/parse-version.ts';
import { printVersion } from '../version-file/print-version.ts';
import { dockerfile, kubernetesManifests } from './container-files.ts';
import { environmentFiles, exampleFiles, mlModelFile } from './mlflow-files.ts';
import { takesMessages } from './mlflow-signature.ts';
import { pythonLoader } from './python-loader.ts';

/** A version as it stands in a folder, away from the server that it was published at. */
export type PackagedVersion = Pick<
  ModelVersion,
  'number' | 'hash' | 'definition' | 'signature' | 'example' | 'message' | 'author' | 'createdAt'
> & { name: string };

/** `references`: every version that it leads to, by the name that it is called by there. */
export type ModelPackage = { model: PackagedVersion; references: ReadonlyMap<string, PackagedVersion> };

/** `path`: in the folder, with `/`. */
export type PackageFile = { path: string; text: string };

export const packageManifest = 'wheelhouse.json';
const format = 1;

const refuse = (message: string, hint: string) =>
  new WheelhouseError('invalid_request', message, { param: 'package', hint });

const pathOf = ({ name, number }: PackagedVersion, folder: string) =>
  `${folder}/${encodeURIComponent(name)}@${number}.md`;

const factsOf = ({ name, number, hash, author, createdAt }: PackagedVersion, file: string): JsonObject => ({
  ...{ name, number, hash, author, createdAt, file },
});

/** By name and number; more than one name may lead to one version. */
function referenceFiles(references: ModelPackage['references']): PackageFile[] {
  const files = new Map<string, string>();
  for (const version of references.values()) files.set(pathOf(version, 'references'), printVersion(version));
  return [...files].map(([path, text]) => ({ path, text }));
}

const inOrder = (references: ModelPackage['references']) => [...references].sort(([a], [b]) => (a < b ? -1 : 1));

/**
 * A folder that needs nothing else to answer as this version does: its own readable files, MLflow's layout around them
 * (https://mlflow.org/docs/latest/ml/model/), and what a container of it is made by.
 * @param wheelhouse the release that serves it, for example `0.1.0`
 */
export function packageFiles(
  { model, references }: ModelPackage,
  { wheelhouse }: { wheelhouse: string },
): PackageFile[] {
  const file = pathOf(model, 'model');
  const manifest: JsonObject = {
    format,
    model: factsOf(model, file),
    references: inOrder(references).map(([ref, version]) => ({
      ref,
      ...factsOf(version, pathOf(version, 'references')),
    })),
    // For the module in Python, which reads no signatures.
    takesMessages: takesMessages(model.signature.input),
  };
  return [
    { path: packageManifest, text: `${JSON.stringify(manifest, null, 2)}\n` },
    { path: file, text: printVersion(model) },
    ...referenceFiles(references),
    { path: 'MLmodel', text: mlModelFile(model) },
    ...environmentFiles(),
    ...exampleFiles(model),
    { path: 'code/wheelhouse_model.py', text: pythonLoader },
    { path: 'Dockerfile', text: dockerfile(wheelhouse) },
    { path: 'kubernetes.yaml', text: kubernetesManifests(model) },
  ];
}

function manifestOf(texts: ReadonlyMap<string, string>): { model: JsonObject; references: JsonObject[] } {
  const text = texts.get(packageManifest);
  if (text === undefined)
    throw refuse(`The folder has no ${packageManifest}.`, 'Make one with: wheelhouse model export <model> <folder>');
  let manifest: Json;
  try {
    manifest = parseExactJson(text);
  } catch {
    throw refuse(`${packageManifest} is not JSON.`, 'Export the model again.');
  }
  if (!isJsonObject(manifest) || !isJsonObject(manifest.model) || !Array.isArray(manifest.references))
    throw refuse(`${packageManifest} names no model.`, 'Export the model again.');
  if (manifest.format !== format)
    throw refuse(
      `The folder is of format ${JSON.stringify(manifest.format)}, not ${format}.`,
      'Take the release that wrote it.',
    );
  return { model: manifest.model, references: manifest.references.filter(isJsonObject) };
}

function readVersion(facts: JsonObject, texts: ReadonlyMap<string, string>): PackagedVersion {
  const { name, number, hash, author, createdAt, file } = facts;
  const text = typeof file === 'string' ? texts.get(file) : undefined;
  if (text === undefined) throw refuse(`The folder has no file ${String(file)}.`, 'Export the model again.');
  if (
    typeof name !== 'string' ||
    typeof number !== 'number' ||
    typeof author !== 'string' ||
    typeof createdAt !== 'string'
  )
    throw refuse(`${packageManifest} does not say what ${String(file)} is.`, 'Export the model again.');
  const { definition, signature, example, message } = parseVersion(text);
  const { input, output } = signature;
  if (input === undefined || output === undefined)
    throw refuse(`${String(file)} has no whole signature.`, 'Export the model again.');
  const whole = { ...signature, input, output };
  const found = versionHash(definition, whole);
  if (found !== hash)
    throw refuse(
      `${String(file)} is not the version that was exported: its hash is ${found.slice(0, 12)}.`,
      'A folder holds one version as it was published. Publish the change, and export that.',
    );
  return { name, number, hash, definition, signature: whole, example, message, author, createdAt };
}

/**
 * What {@link packageFiles} wrote. Only files that the manifest names are read.
 * @throws WheelhouseError `invalid_request`, where a version is not the one that was exported, too
 */
export function readPackage(files: readonly PackageFile[]): ModelPackage {
  const texts = new Map(files.map(({ path, text }) => [path, text]));
  const { model, references } = manifestOf(texts);
  return {
    model: readVersion(model, texts),
    references: new Map(references.map((facts) => [String(facts.ref), readVersion(facts, texts)])),
  };
}

/** The files that {@link readPackage} needs, as the manifest names them. */
export function filesOfPackage(manifest: string): string[] {
  const { model, references } = manifestOf(new Map([[packageManifest, manifest]]));
  return [packageManifest, ...new Set([model, ...references].map(({ file }) => String(file)))];
}
