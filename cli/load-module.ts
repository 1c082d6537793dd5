import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isJsonObject, type Json, type Signature } from '@wheelhouse/core/records';
import { type ServedFunction, yieldsText } from '@wheelhouse/sdk/serve';
import { UsageError } from './output/exit-codes.ts';
import type { Loaded } from './served-code.ts';

const imported = /(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*)(['"])(\.{1,2}\/[^'"]+)\1/g;
const endings = ['', '.ts', '.mts', '.tsx', '.js', '.mjs', '.cjs', '.json', '/index.ts', '/index.js'];

const isFile = (path: string) => existsSync(path) && statSync(path).isFile();

function resolveImport(from: string, specifier: string): string | null {
  const path = resolve(dirname(from), specifier);
  const asWritten = endings.map((ending) => path + ending).find(isFile);
  const asSource = path.replace(/\.([cm]?)js$/, '.$1ts');
  return asWritten ?? (isFile(asSource) ? asSource : null);
}

/** A module and what it imports by relative paths: the code that is somebody's own. */
export function ownSources(entry: string): string[] {
  const found = new Set([entry]);
  for (const path of found) {
    if (path.endsWith('.json')) continue;
    for (const [, , specifier = ''] of readFileSync(path, 'utf8').matchAll(imported)) {
      const next = resolveImport(path, specifier);
      if (next !== null) found.add(next);
    }
  }
  return [...found];
}

const isFunction = (value: unknown): value is ServedFunction => typeof value === 'function';

/** What the module gives: its default export, or its named exports. */
function exportedBy(module: unknown): Record<string, unknown> {
  const named = isJsonObject(module) || typeof module === 'object' ? (module as Record<string, unknown>) : {};
  const { default: main } = named;
  if (isFunction(main)) return { ...named, predict: main };
  return isJsonObject(main) ? { ...named, ...(main as Record<string, unknown>) } : named;
}

/** @throws UsageError for a module that cannot be loaded, or gives no function */
export async function loadModule(path: string): Promise<Loaded> {
  const { createJiti } = await import('jiti');
  const name = basename(path);
  // It is read again after a change, so nothing of it is remembered.
  const jiti = createJiti(pathToFileURL(path).href, { moduleCache: false });
  const module = await jiti.import(path).catch((cause: unknown) => {
    throw new UsageError(`${name} cannot be loaded: ${cause instanceof Error ? cause.message : String(cause)}`, '');
  });
  const { predict, signature, example, description } = exportedBy(module);
  if (!isFunction(predict))
    throw new UsageError(
      `${name} exports no function.`,
      'Write: export default async function (input) { return … }, or export { predict, signature }.',
    );
  return {
    ...{ predict, files: ownSources(path), streams: yieldsText(predict) },
    signature: isJsonObject(signature) ? (signature as Partial<Signature>) : {},
    example: (example ?? null) as Json,
    description: typeof description === 'string' ? description : '',
    close() {},
  };
}
