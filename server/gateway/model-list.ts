import type { DeploymentReader } from '@wheelhouse/core/ports';
import type { RouteTable } from '@wheelhouse/core/route';

export type ListedModel = { id: string; created: number; owner: string };

/** What can be called by name without asking a vendor: registered models, routes, and models that are built in. */
export function listModels(given: {
  models: DeploymentReader;
  routes: RouteTable;
  /** As `provider/model`. */
  baseModels: readonly string[];
  /** Seconds since 1970, for what has no date of its own. */
  startedAt: number;
}): ListedModel[] {
  const { models, routes, baseModels, startedAt } = given;
  const registered = models.all().flatMap((model) => {
    const created = Math.floor(Date.parse(model.createdAt) / 1000);
    const tags = [
      ...model.aliases.map(({ alias }) => alias),
      ...Array.from({ length: model.latest }, (_, i) => String(model.latest - i)),
    ];
    return tags.map((tag) => ({ id: `${model.name}@${tag}`, created, owner: 'wheelhouse' }));
  });
  const named = [...routes.routes.keys()].map((id) => ({ id, created: startedAt, owner: 'wheelhouse' }));
  const base = baseModels.map((id) => ({ id, created: startedAt, owner: id.split('/', 1)[0] ?? id }));
  return [...registered, ...named, ...base];
}

export const asOpenAi = ({ id, created, owner }: ListedModel) => ({ id, object: 'model', created, owned_by: owner });

export const asAnthropic = ({ id, created }: ListedModel) => ({
  type: 'model',
  id,
  display_name: id,
  created_at: new Date(created * 1000).toISOString(),
});
