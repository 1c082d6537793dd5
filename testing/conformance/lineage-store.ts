import type { DatasetStore, EvaluationStore, LineageEdge, LineageStore, ModelStore } from '@wheelhouse/core/ports';
import {
  contentHash,
  type DatasetId,
  defaultProjectId,
  type ExampleId,
  type LineageRef,
  type ModelId,
  type ProjectId,
  type RunId,
  type SpanId,
  type TraceId,
} from '@wheelhouse/core/records';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sampleEvaluation } from './sample-evaluations.ts';

type World = {
  lineage: LineageStore;
  models: ModelStore;
  datasets: DatasetStore;
  evaluations: EvaluationStore;
  close(): Promise<void>;
};

const project = defaultProjectId;
const by = { project, actor: 'ada' };
const traceId = 'a1'.repeat(16) as TraceId;
const spanId = 'b2'.repeat(8) as SpanId;
const [trace, span] = [`trace:${traceId}`, `span:${traceId}/${spanId}`] as [LineageRef, LineageRef];

/** What every {@link LineageStore} does. */
export function lineageStoreConformance(name: string, open: () => Promise<World>): void {
  describe(`lineage store: ${name}`, () => {
    let world: World;
    const [first, second, third] = [1, 2, 3].map((number) => `version:heir@${number}` as LineageRef) as [
      LineageRef,
      LineageRef,
      LineageRef,
    ];
    const [example, draft] = ['example:kin/ex_kin1', 'example:kin/ex_kin2'] as [LineageRef, LineageRef];
    const [frozen, refrozen] = ['dataset:kin@1', 'dataset:kin@2'] as [LineageRef, LineageRef];
    const evaluation: LineageRef = 'evaluation:ev_kin';
    const alias: LineageRef = 'alias:heir@live';

    /** Version 1, a span of it, an example of that, a dataset, an evaluation, version 3, an alias. */
    beforeAll(async () => {
      world = await open();
      const { models, datasets, evaluations } = world;
      await models.create(by, { id: 'md_heir' as ModelId, name: 'heir', description: '', tags: [], owner: null });
      const sources: LineageRef[][] = [[], [first, span], [second, frozen]];
      for (const [i, madeFrom] of sources.entries()) {
        const content = { definition: { flavor: 'base', baseModel: `sim/${i}` }, signature: { input: {}, output: {} } };
        await models.publish(by, 'heir', {
          ...content,
          hash: contentHash(content),
          example: null,
          message: '',
          madeFrom,
        });
      }
      await models.moveAlias(by, 'heir', 'live', 3);
      const id = 'ds_kin' as DatasetId;
      await datasets.create(by, { id, name: 'kin', description: '' });
      const member = { hash: 'h', source: { traceId, spanId } };
      await datasets.addExamples(by, 'kin', [{ id: 'ex_kin1' as ExampleId, ...member }]);
      await datasets.freeze(by, 'kin');
      await datasets.addExamples(by, 'kin', [{ id: 'ex_kin2' as ExampleId, hash: 'i', source: null }]);
      await datasets.freeze(by, 'kin');
      const runOf = (version: number | null) => ({
        ...{ id: `run_kin${version}` as RunId, label: '', ref: '' },
        ...{ model: version === null ? 'sim/echo' : 'heir', version },
      });
      const source = { datasetId: id, dataset: 'kin', datasetVersion: 2 };
      await evaluations.create(by, sampleEvaluation('kin', { ...source, runs: [runOf(2), runOf(null), runOf(2)] }));
    });
    afterAll(() => world.close());

    const pairs = (edges: LineageEdge[]) => edges.map(({ from, to }) => `${from} → ${to}`).sort();
    const above = async (...refs: LineageRef[]) => pairs(await world.lineage.above(project, refs, 10));
    const below = async (...refs: LineageRef[]) => pairs(await world.lineage.below(project, refs, 10));
    const edge = (from: LineageRef, to: LineageRef) => `${from} → ${to}`;

    it('tells what made each', async () => {
      expect(await above(first)).toEqual([]);
      expect(await above(second, third)).toEqual(
        [edge(first, second), edge(span, second), edge(second, third), edge(frozen, third)].sort(),
      );
      expect(await above(alias)).toEqual([edge(third, alias)]);
      expect(await above(example)).toEqual([edge(span, example)]);
      expect(await above(draft)).toEqual([]);
      expect(await above(frozen, refrozen)).toEqual(
        [edge(example, frozen), edge(example, refrozen), edge(draft, refrozen)].sort(),
      );
      expect(await above(evaluation)).toEqual([edge(refrozen, evaluation), edge(second, evaluation)].sort());
    });

    it('tells what was made from each', async () => {
      expect(await below(trace)).toEqual([edge(trace, example), edge(trace, second)].sort());
      expect(await below(span)).toEqual([edge(span, example), edge(span, second)].sort());
      expect(await below(example)).toEqual([edge(example, frozen), edge(example, refrozen)].sort());
      expect(await below(frozen, refrozen)).toEqual([edge(frozen, third), edge(refrozen, evaluation)].sort());
      expect(await below(second)).toEqual([edge(second, evaluation), edge(second, third)].sort());
      expect(await below(third)).toEqual([edge(third, alias)]);
      expect(await below(alias, evaluation)).toEqual([]);
    });

    it('reads so many of each at most, and nothing of another project', async () => {
      expect(await world.lineage.above(project, [second, third], 1)).toHaveLength(2);
      expect(await world.lineage.below(project, [example], 1)).toEqual([{ from: example, to: refrozen }]);
      const elsewhere = 'elsewhere' as ProjectId;
      const all = [trace, span, example, frozen, evaluation, second, alias];
      expect(await world.lineage.above(elsewhere, all, 10)).toEqual([]);
      expect(await world.lineage.below(elsewhere, all, 10)).toEqual([]);
      expect(await world.lineage.known(elsewhere, all)).toEqual(new Set());
    });

    it('knows the version of a dataset that was made from another one', async () => {
      const [raw, made] = ['dataset:kin@1', 'dataset:kin-made@1'] as [LineageRef, LineageRef];
      await world.datasets.create(by, { id: 'ds_kin_made' as DatasetId, name: 'kin-made', description: '' });
      const id = 'ex_kin3' as ExampleId;
      await world.datasets.addExamples(by, 'kin-made', [{ id, hash: 'j', source: null }]);
      await world.datasets.freeze(by, 'kin-made', [raw]);
      expect(await world.lineage.above(project, [made], 10)).toContainEqual({ from: raw, to: made });
      expect(await world.lineage.below(project, [raw], 10)).toContainEqual({ from: raw, to: made });
    });

    it('knows what is there', async () => {
      const there = [first, third, alias, example, frozen, evaluation];
      const gone: LineageRef[] = ['version:heir@4', 'version:heir@0', 'version:heir@99999999999', 'version:nobody@1'];
      gone.push('alias:heir@none', 'example:kin/none', 'dataset:kin@3', 'evaluation:none', 'dataset:kin');
      expect(await world.lineage.known(project, [...there, ...gone])).toEqual(new Set(there));
      expect(await above(...gone)).toEqual([]);
    });
  });
}
