import type { ModelStore, MonitorStore } from '@wheelhouse/core/ports';
import type { ProjectId, Release } from '@wheelhouse/core/records';

export type VendorChangesDeps = {
  monitors: Pick<MonitorStore, 'list' | 'alerts'>;
  models: Pick<ModelStore, 'versions'>;
};

export type VendorChange = { monitor: string; model: string /** ISO 8601. */; at: string };

const alertsOfProbe = 5;

/** What probes called changed while a release ran, of base models that its versions call, or may call. */
export async function vendorChanges(
  { monitors, models }: VendorChangesDeps,
  project: ProjectId,
  { model, incumbent, candidate, startedAt }: Pick<Release, 'model' | 'incumbent' | 'candidate' | 'startedAt'>,
): Promise<VendorChange[]> {
  const probes = (await monitors.list(project)).flatMap(({ name, rule }) =>
    rule.kind === 'probe' ? [{ name, model: rule.model }] : [],
  );
  if (probes.length === 0) return [];
  const versions = (await models.versions(project, model)).filter(
    ({ number }) => number === incumbent || number === candidate,
  );
  const bases = versions.map(({ definition }) => definition.baseModel);
  // A version that is more than one call may reach any of them.
  const isCalled = (probed: string) =>
    bases.includes(undefined) || bases.includes(probed) || probed.split('@')[0] === model;
  const found = probes
    .filter((probe) => isCalled(probe.model))
    .map(async (probe) => {
      const alerts = await monitors.alerts(project, { monitor: probe.name, limit: alertsOfProbe });
      return alerts.flatMap(({ kind, openedAt }) =>
        kind === 'alert' && openedAt >= startedAt ? [{ monitor: probe.name, model: probe.model, at: openedAt }] : [],
      );
    });
  return (await Promise.all(found)).flat();
}
