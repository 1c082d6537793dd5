import type { ModelPackage, PackagedVersion } from '@wheelhouse/core/model';
import type { DeploymentReader } from '@wheelhouse/core/ports';
import type { Model, ModelId, ModelVersion } from '@wheelhouse/core/records';

type Entry = { model: Model; versions: Map<number, ModelVersion> };

/** The models of a folder, in memory. An alias leads to where it led when the folder was written. */
export function packagedModels({ model, references }: ModelPackage): DeploymentReader {
  const byName = new Map<string, Entry>();

  function enter(version: PackagedVersion, alias: string | null): void {
    const { name, number, createdAt } = version;
    const id = `packaged-${name}` as ModelId;
    const entry = byName.get(name) ?? {
      model: {
        ...{ id, name, description: '', tags: [], owner: null, latest: 0, aliases: [] },
        ...{ createdAt, changedAt: createdAt },
      },
      versions: new Map<number, ModelVersion>(),
    };
    byName.set(name, entry);
    entry.versions.set(number, { ...version, modelId: id, madeFrom: [] });
    entry.model.latest = Math.max(entry.model.latest, number);
    if (alias !== null) entry.model.aliases.push({ alias, version: number, before: null, movedAt: createdAt });
  }

  for (const [ref, version] of references) {
    const selector = ref.slice(version.name.length + 1);
    enter(version, /^\d+$/.test(selector) ? null : selector === '' ? 'production' : selector);
  }
  enter(model, null);
  const own = byName.get(model.name);
  // The bare name means what is packaged, unless something in it says otherwise.
  if (own && !own.model.aliases.some(({ alias }) => alias === 'production'))
    own.model.aliases.push({ alias: 'production', version: model.number, before: null, movedAt: model.createdAt });
  return {
    model: (name) => byName.get(name) ?? null,
    all: () => [...byName.values()].map((entry) => entry.model),
  };
}
