import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { JsonObject } from '@wheelhouse/core/records';
import { createSchemaChecker } from '@wheelhouse/server/tools/schema-checker';

const path = fileURLToPath(new URL('../fixtures/openai/schemas.json', import.meta.url));
const checker = createSchemaChecker();
const roots = new Map<string, JsonObject>();
let schemas: JsonObject | null = null;

function rootOf(name: string): JsonObject {
  schemas ??= JSON.parse(readFileSync(path, 'utf8')) as JsonObject;
  const root = roots.get(name) ?? { $ref: `#/components/schemas/${name}`, components: { schemas } };
  roots.set(name, root);
  return root;
}

/** What OpenAI's own specification has against a value; null when it is right. @param name of a component schema */
export function openAiFault(name: string, value: unknown): string | null {
  const fault = checker.check(rootOf(name), value as JsonObject);
  return fault === null ? null : `${fault}, as ${name}: ${JSON.stringify(value)}`;
}
