import { type ModelDefinition, type ModelVersion, type Signature, WheelhouseError } from '../records/index.ts';
import type { FindVersion, FlavorContext } from './flavor.ts';
import { flavorOf } from './flavors.ts';

const referencesOf = (definition: ModelDefinition): string[] => flavorOf(definition).references(definition);

/**
 * Every registered version that a definition leads to, by the name that it is called by there: with these, `find` needs
 * no registry.
 */
export function referencedVersions(definition: ModelDefinition, find: FindVersion): Map<string, ModelVersion> {
  const found = new Map<string, ModelVersion>();
  const waiting = referencesOf(definition);
  for (let ref = waiting.pop(); ref !== undefined; ref = waiting.pop()) {
    const version = found.has(ref) ? null : find(ref);
    if (version === null) continue;
    found.set(ref, version);
    waiting.push(...referencesOf(version.definition));
  }
  return found;
}

/** Names of what in a definition asks more than models: itself as '', or versions that it leads to. */
export function asksOutside(definition: ModelDefinition, find: FindVersion): string[] {
  const reached = [
    ['', definition] as const,
    ...[...referencedVersions(definition, find)].map(([ref, version]) => [ref, version.definition] as const),
  ];
  return reached.flatMap(([ref, one]) => (flavorOf(one).asksOutside(one) ? [ref] : []));
}

/** The names along a circle of versions that name each other; null: there is none behind this definition. */
export function findCircle(definition: ModelDefinition, find: FindVersion): string[] | null {
  const done = new Set<ModelDefinition>();
  function follow(at: ModelDefinition, trail: { definition: ModelDefinition; name: string }[]): string[] | null {
    for (const name of referencesOf(at)) {
      const next = find(name)?.definition;
      if (next === undefined || done.has(next)) continue;
      const start = trail.findIndex((open) => open.definition === next);
      if (start !== -1) return [...trail.slice(start).map((open) => open.name), name];
      const circle = follow(next, [...trail, { definition: next, name }]);
      if (circle !== null) return circle;
      done.add(next);
    }
    return null;
  }
  return follow(definition, []);
}

/** A registered version for certain; other names may be a base model or a route. */
const isRegistered = (ref: string) => ref.includes('@') && !ref.includes('/');

/**
 * Whether a version can be published: what its flavor asks, that the versions it names are there, and that they do not
 * go in a circle.
 * @throws WheelhouseError `invalid_request`
 */
export function checkVersion(
  { definition, signature }: { definition: ModelDefinition; signature: Signature },
  context: FlavorContext,
): void {
  flavorOf(definition).check(definition, signature, context);
  for (const ref of referencesOf(definition))
    if (isRegistered(ref) && context.find(ref) === null)
      throw new WheelhouseError('invalid_request', `The definition names \`${ref}\`, which is not registered.`, {
        param: 'definition',
        hint: 'Publish it first, or name another version or alias.',
      });
  const circle = findCircle(definition, context.find);
  if (circle !== null)
    throw new WheelhouseError('invalid_request', `Models go in a circle: ${circle.join(' → ')}.`, {
      param: 'definition',
      hint: 'Take one of them out of the other, or move the alias that closes the circle.',
    });
}
