import type { Monitor, ProjectId } from '@wheelhouse/core/records';
import { leastProbeRuns } from '@wheelhouse/core/watch';

/** The monitors of a project that ask models the same again and again. */
export type ProbesOf = (project: ProjectId) => Promise<Monitor[]>;

/** Callers may name a vendor before the model, and traces have what the vendor calls it. */
const isOf = (model: string, asked: string) =>
  asked === model || asked.endsWith(`/${model}`) || model.endsWith(`/${asked}`);

/**
 * Whether what changed in traces is the vendor's doing, as far as probes of their models know.
 * @returns a sentence that follows others, or nothing where no probe asks one of the models
 */
export async function whatProbesSay(
  { probesOf }: { probesOf: ProbesOf },
  project: ProjectId,
  { models, fromMs, untilMs }: { models: ReadonlySet<string>; fromMs: number; untilMs: number },
): Promise<string> {
  const known = (await probesOf(project)).flatMap(({ name, rule, look: { probe } }) =>
    rule.kind === 'probe' && probe && [...models].some((model) => isOf(model, rule.model))
      ? [{ name, model: rule.model, probe }]
      : [],
  );
  const changed = known.find(({ probe: { changedAt } }) => {
    const atMs = changedAt === null ? Number.NaN : Date.parse(changedAt);
    return atMs >= fromMs && atMs <= untilMs;
  });
  if (changed)
    return ` ${changed.model} itself changed at ${changed.probe.changedAt?.slice(0, 16).replace('T', ' ')} UTC, says the probe ${changed.name}.`;
  const sure = known.filter(({ probe }) => probe.runs.length > leastProbeRuns).map(({ model }) => model);
  return sure.length === 0 ? '' : ` ${[...new Set(sure)].join(', ')} answers probes as before.`;
}
