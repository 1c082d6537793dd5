import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { JsonObject } from '@wheelhouse/core/records';
import { createSchemaChecker } from '@wheelhouse/server/tools/schema-checker';

const path = fileURLToPath(new URL('../fixtures/kubernetes/schemas.json', import.meta.url));
const checker = createSchemaChecker();
/** The same object keeps what was compiled of it. */
const roots = new Map<string, JsonObject>();
const names: Record<string, string> = {
  'apps/v1 Deployment': 'io.k8s.api.apps.v1.Deployment',
  'v1 Service': 'io.k8s.api.core.v1.Service',
};

/** What Kubernetes' own schemas have against a manifest; null when it is right. */
export function kubernetesFault(manifest: JsonObject): string | null {
  const name = names[`${manifest.apiVersion} ${manifest.kind}`];
  if (name === undefined) return `${manifest.apiVersion} ${manifest.kind} is none of ${Object.keys(names).join(', ')}`;
  const root = roots.get(name) ?? {
    $ref: `#/$defs/${name}`,
    ...(JSON.parse(readFileSync(path, 'utf8')) as JsonObject),
  };
  roots.set(name, root);
  return checker.check(root, manifest);
}
