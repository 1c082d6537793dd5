import type { Capabilities } from '../ports/index.ts';
import type { JsonObject } from '../records/index.ts';

/**
 * A request body with its members under the names that this vendor gives them, without those that it has not. What is said
 * under the vendor's own name already stays.
 */
export function renameMembers(body: JsonObject, { renames }: Capabilities): JsonObject {
  if (renames === undefined) return body;
  return Object.fromEntries(
    Object.entries(body).flatMap(([key, value]): [string, JsonObject[string]][] => {
      if (!Object.hasOwn(renames, key)) return [[key, value]];
      const name = renames[key] ?? null;
      return name === null || body[name] !== undefined ? [] : [[name, value]];
    }),
  );
}

/**
 * The same as edits for `editJsonObject` on the text of a body, for what passes in its own dialect.
 * @param memberText the raw text of a member; null when the body has none
 */
export function renameEdits(
  body: JsonObject,
  { renames }: Capabilities,
  memberText: (key: string) => string | null,
): Map<string, string | null> {
  const edits = new Map<string, string | null>();
  for (const [key, name] of Object.entries(renames ?? {})) {
    if (body[key] === undefined) continue;
    edits.set(key, null);
    if (name !== null && body[name] === undefined) edits.set(name, memberText(key));
  }
  return edits;
}
