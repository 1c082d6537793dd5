import type { Caller, Json, PipelineDefinition, PipelineTrigger } from '@wheelhouse/core/records';
import type { TriggerSign } from '@wheelhouse/core/watch';
import type { Call } from './calls.ts';

export type SignDeps = {
  call: Call;
  /** By the catalogue of prices; false: nobody knows it. */
  isDeprecated(baseModel: string): boolean;
};

const keysOfBaseModels = new Set(['baseModel', 'model']);

/** The base models that stand in a definition, as `provider/model`. */
export function baseModelsOf(value: Json): string[] {
  if (value === null || typeof value !== 'object') return [];
  if (Array.isArray(value)) return value.flatMap(baseModelsOf);
  return Object.entries(value).flatMap(([key, inner]) =>
    keysOfBaseModels.has(key) && typeof inner === 'string' && inner.includes('/')
      ? [inner]
      : baseModelsOf(inner ?? null),
  );
}

async function deprecated({ call, isDeprecated }: SignDeps, by: Caller, { model, alias }: PipelineDefinition) {
  const { model: found, versions } = await call(by, 'getModel', { params: { name: model } });
  const number = found.aliases.find((one) => one.alias === alias)?.version;
  const version = versions.find((one) => one.number === number);
  return baseModelsOf((version?.definition ?? null) as Json).find(isDeprecated) ?? null;
}

async function rolledBack({ call }: SignDeps, by: Caller, { model, alias }: PipelineDefinition): Promise<TriggerSign> {
  const { data } = await call(by, 'listReleases', { query: { model, state: 'rolled_back', limit: 20 } });
  // Its failing calls are rows of a dataset first, where it was asked to make them.
  const found = data.find((one) => one.alias === alias && (one.examples === null || one.drafts !== null));
  const sentence = `The release of version ${found?.candidate} was rolled back: ${found?.reason ?? ''}`;
  return { on: 'rolled_back', newest: found === undefined ? null : { id: found.id, sentence } };
}

async function signOf(
  deps: SignDeps,
  by: Caller,
  { definition, trigger }: { definition: PipelineDefinition; trigger: PipelineTrigger },
): Promise<TriggerSign> {
  if (trigger.on === 'schedule') return { on: 'schedule' };
  if (trigger.on === 'rolled_back') return rolledBack(deps, by, definition);
  if (trigger.on === 'deprecated') return { on: 'deprecated', baseModel: await deprecated(deps, by, definition) };
  if (trigger.on === 'labels') {
    const { items } = await deps.call(by, 'getReviewQueue', { params: { queue: trigger.queue } });
    return { on: 'labels', done: items.done };
  }
  const { data } = await deps.call(by, 'listAlerts', { query: { monitor: trigger.monitor, limit: 1 } });
  const [newest] = data;
  const sentence = `${trigger.monitor}: ${newest?.sentence ?? ''}`;
  return { on: 'alert', newest: newest === undefined ? null : { id: newest.id, sentence } };
}

/** What there is to see for each trigger; null where it cannot be read this time. */
export function readSigns(
  deps: SignDeps & { log: { warn(details: object, message: string): void } },
  by: Caller,
  definition: PipelineDefinition,
): Promise<(TriggerSign | null)[]> {
  return Promise.all(
    definition.triggers.map((trigger) =>
      signOf(deps, by, { definition, trigger }).catch((err: unknown) => {
        deps.log.warn({ err, trigger: trigger.on }, 'what starts a pipeline cannot be read; tried again soon');
        return null;
      }),
    ),
  );
}
