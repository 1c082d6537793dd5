import type { DatasetStore, EvaluationStore, LineageEdge, LineageStore, ModelStore } from '@wheelhouse/core/ports';
import type { LineageRef, ProjectId } from '@wheelhouse/core/records';

export type FakeLineageStores = { models: ModelStore; datasets: DatasetStore; evaluations: EvaluationStore };

/** Out of the fakes of the records themselves. */
export function fakeLineageStore({ models, datasets, evaluations }: FakeLineageStores): LineageStore {
  /** Every edge of the project, the newest first, and every thing that is there. */
  async function read(project: ProjectId): Promise<{ edges: LineageEdge[]; things: Set<LineageRef> }> {
    const edges: LineageEdge[] = [];
    const things = new Set<LineageRef>();
    const add = (from: LineageRef, to: LineageRef) => void edges.push({ from, to });
    for (const { model, versions } of await models.snapshot(project)) {
      for (const { number, madeFrom } of versions) {
        const ref = `version:${model.name}@${number}` as const;
        things.add(ref);
        for (const from of madeFrom) add(from, ref);
      }
      for (const { alias, version } of model.aliases) {
        things.add(`alias:${model.name}@${alias}`);
        add(`version:${model.name}@${version}`, `alias:${model.name}@${alias}`);
      }
    }
    for (const { name } of await datasets.list(project)) {
      const versions = await datasets.versions(project, name);
      for (const { number, madeFrom } of versions)
        for (const from of madeFrom) add(from as LineageRef, `dataset:${name}@${number}`);
      for (const number of [null, ...versions.map((one) => one.number)]) {
        if (number !== null) things.add(`dataset:${name}@${number}`);
        const members = await datasets.members(project, name, number, { limit: 10_000, offset: 0 });
        for (const { id, source, erasedAt } of members.toReversed()) {
          const ref = `example:${name}/${id}` as const;
          if (number !== null) add(ref, `dataset:${name}@${number}`);
          if (erasedAt !== null) continue;
          if (source && !things.has(ref)) add(`span:${source.traceId}/${source.spanId}`, ref);
          things.add(ref);
        }
      }
    }
    for (const { id, dataset, datasetVersion, runs } of await evaluations.list(project, { limit: 500 })) {
      things.add(`evaluation:${id}`);
      add(`dataset:${dataset}@${datasetVersion}`, `evaluation:${id}`);
      const versions = runs.flatMap(({ model, version }) =>
        version === null ? [] : [`version:${model}@${version}` as const],
      );
      for (const ref of new Set(versions)) add(ref, `evaluation:${id}`);
    }
    return { edges, things };
  }

  /** So many of each; a span counts for its trace, too. */
  async function around(
    project: ProjectId,
    ask: { refs: LineageRef[]; limit: number; near: 'from' | 'to' },
  ): Promise<LineageEdge[]> {
    const { edges } = await read(project);
    return ask.refs.flatMap((ref) => {
      const ofTrace = ref.startsWith('trace:') && ask.near === 'from' ? `span:${ref.slice(6)}/` : null;
      return edges
        .filter((edge) => edge[ask.near] === ref || (ofTrace !== null && edge.from.startsWith(ofTrace)))
        .slice(0, ask.limit)
        .map((edge) => ({ ...edge, [ask.near]: ref }));
    });
  }

  return {
    above: (project, refs, limit) => around(project, { refs, limit, near: 'to' }),
    below: (project, refs, limit) => around(project, { refs, limit, near: 'from' }),
    async known(project, refs) {
      const { things } = await read(project);
      return new Set(refs.filter((ref) => things.has(ref)));
    },
  };
}
