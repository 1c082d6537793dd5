import type { Handlers } from '@wheelhouse/core/contract';
import type { FailureKind, ProjectId } from '@wheelhouse/core/records';
import type { Health, Route, RouteTable, TargetHealth } from '@wheelhouse/core/route';

export type TargetHandlerDeps = {
  health: Health;
  routes(project: ProjectId): RouteTable;
  running(): number;
  nowMs(): number;
};

/** What a vendor says of these may quote the request, which is not everybody's who sees the target. */
const ofTheRequest: ReadonlySet<FailureKind> = new Set(['invalid', 'contextWindow', 'contentPolicy']);

const isoOf = (ms: number) => new Date(ms).toISOString();

/** A project's own accounts are named after it; null: it is another project's. */
function ownName(name: string, provider: string, project: ProjectId): string | null {
  if (!provider.includes('/')) return name;
  return name.startsWith(`${project}/`) ? name.slice(project.length + 1) : null;
}

function bodyOf(health: TargetHealth, project: ProjectId) {
  const target = ownName(health.target, health.provider, project);
  const provider = ownName(health.provider, health.provider, project);
  if (target === null || provider === null) return [];
  const { retryAtMs, lastFailure, keys, ...rest } = health;
  const message = lastFailure === null || ofTheRequest.has(lastFailure.kind) ? '' : lastFailure.message;
  return [
    {
      ...rest,
      target,
      provider,
      retryAt: retryAtMs === null ? null : isoOf(retryAtMs),
      lastFailure: lastFailure === null ? null : { kind: lastFailure.kind, message, at: isoOf(lastFailure.atMs) },
      keys: keys.map(({ untilMs, ...key }) => ({ ...key, until: isoOf(untilMs) })),
    },
  ];
}

function routeBody(name: string, { targets, settings }: Route) {
  const { strategy, sticky, fallbackOn, hedgeAfterMs, shadow } = settings;
  return {
    ...{ name, strategy, sticky, hedgeAfterMs, fallbackOn: [...fallbackOn] },
    targets: targets.map(({ ref, weight, priority, after }) => ({
      ...{ target: ref, weight, priority },
      after: after === null ? null : [...after],
    })),
    shadow: shadow === null ? null : { target: shadow.target.ref, share: shadow.share },
  };
}

/** Where names lead, and how the places that calls go to are, as this server knows them. */
export function createTargetHandlers(deps: TargetHandlerDeps): Handlers<'listGatewayTargets'> {
  const { health, running, nowMs } = deps;
  return {
    async listGatewayTargets({ by }) {
      const data = health.report(nowMs()).flatMap((one) => bodyOf(one, by.project));
      const routes = [...deps.routes(by.project).routes].map(([name, route]) => routeBody(name, route));
      return {
        running: running(),
        routes: routes.sort((a, b) => a.name.localeCompare(b.name)),
        data: data.sort((a, b) => a.target.localeCompare(b.target)),
      };
    },
  };
}
