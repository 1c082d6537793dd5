import type { SchemaChecker } from '../ports/index.ts';
import { isJsonObject, type JsonObject, type JsonSchema } from '../records/index.ts';
import { checkParameters } from './signature.ts';

/** Members of a chat request that say nothing of how to answer. */
const notParameters: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'variables',
  'stream',
  'stream_options',
  'user',
  'metadata',
  'store',
  'safety_identifier',
  'prompt_cache_key',
]);

/**
 * Whether a caller may say what a chat request says of how to answer.
 * @param own parameters of the version, which stand where the caller says nothing
 * @throws WheelhouseError `signature_mismatch`
 */
export function checkCallerParameters(
  schema: JsonSchema | undefined,
  { body, own }: { body: JsonObject; own: JsonObject },
  fitting: { name: string; checker: SchemaChecker },
): void {
  if (schema === undefined) return;
  const declared = isJsonObject(schema.properties) ? schema.properties : {};
  const isClosed = schema.additionalProperties === false;
  const isMeant = (name: string) => Object.hasOwn(declared, name) || (isClosed && !notParameters.has(name));
  const given = Object.entries(body).filter(([name]) => isMeant(name));
  const standing = Object.entries(own).filter(([name]) => Object.hasOwn(declared, name));
  checkParameters(schema, Object.fromEntries([...standing, ...given]), fitting);
}
