import type { Provider, ProviderKey } from '@wheelhouse/core/ports';
import type { Route } from '@wheelhouse/core/route';

export type BoundRoute = {
  route: Route;
  /** By the names that the route's targets have for them. */
  providers: ReadonlyMap<string, Provider>;
};

/** Finds the vendors of a route. A project's own account at a vendor has its own health, under its own name. */
export function bindRoute(route: Route, find: (name: string) => Provider | null): BoundRoute {
  const providers = new Map<string, Provider>();
  let isShared = true;
  for (const { provider: name } of route.targets) {
    const found = providers.get(name) ?? find(name);
    if (found === null) continue;
    isShared &&= found.id === name;
    providers.set(found.id, found);
  }
  if (isShared) return { route, providers };
  const targets = route.targets.map((target) => {
    const id = find(target.provider)?.id ?? target.provider;
    return id === target.provider ? target : { ...target, provider: id, ref: `${id}/${target.vendorModel}` };
  });
  return { route: { ...route, targets }, providers };
}

/** null: it needs a key and has none. */
export function keysOf(provider: Provider | undefined): readonly ProviderKey[] | null {
  if (provider === undefined) return null;
  const keys = provider.keys();
  return keys.length === 0 && provider.keyHint !== null ? null : keys;
}
