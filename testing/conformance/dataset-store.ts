import type { AuditStore, DatasetStore, MemberChange } from '@wheelhouse/core/ports';
import {
  contentHash,
  type DatasetId,
  type DeletionId,
  defaultProjectId,
  type ExampleId,
  type ExampleLabels,
  type ExampleMember,
  noLabels,
  type ProjectId,
  type SpanId,
  type TraceId,
} from '@wheelhouse/core/records';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entriesSince, newestId } from './audit-store.ts';

type World = { datasets: DatasetStore; audit: AuditStore; close(): Promise<void> };
type Member = ExampleMember;

const project = defaultProjectId;
const by = { project, actor: 'ada' };
const all = { limit: 1000, offset: 0 };
let count = 0;

const source = { traceId: 'ab'.repeat(16) as TraceId, spanId: 'cd'.repeat(8) as SpanId };
const member = (id: string, hash = `hash of ${id}`, labels: Partial<ExampleLabels> = {}): Member => ({
  ...{ id: id as ExampleId, hash, source: null, erasedAt: null, ...noLabels, ...labels },
  place: expect.any(Number) as number,
});
const change = (id: string, hash: string): MemberChange => ({ id: id as ExampleId, hash, ...noLabels });
const hashOf = (members: Pick<Member, 'id' | 'hash' | 'split' | 'tags' | 'weight'>[]) =>
  contentHash(members.map(({ id, hash, split, tags, weight }) => [id, hash, split, tags, weight]));

type Step =
  | { do: 'add'; ids: ExampleId[]; hash: string }
  | { do: 'replace'; id: ExampleId; hash: string }
  | { do: 'remove'; id: ExampleId }
  | { do: 'freeze' };

/** Few ids and contents, so that steps meet, undo and repeat each other. */
const id = fc.constantFrom('ex_a', 'ex_b', 'ex_c', 'ex_d') as fc.Arbitrary<ExampleId>;
const hash = fc.constantFrom('h1', 'h2');
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('add' as const), ids: fc.uniqueArray(id, { minLength: 1, maxLength: 3 }), hash }),
  fc.record({ do: fc.constant('replace' as const), id, hash }),
  fc.record({ do: fc.constant('remove' as const), id }),
  fc.constant({ do: 'freeze' as const }),
);

/** The law of a dataset as two plain arrays: what each step makes of the draft, or null when it is refused. */
function applyToModel(draft: Member[], action: Exclude<Step, { do: 'freeze' }>): Member[] | null {
  const has = (wanted: ExampleId) => draft.some((entry) => entry.id === wanted);
  if (action.do === 'add')
    return action.ids.some(has) ? null : [...draft, ...action.ids.map((added) => member(added, action.hash))];
  if (!has(action.id)) return null;
  if (action.do === 'remove') return draft.filter((entry) => entry.id !== action.id);
  return draft.map((entry) => (entry.id === action.id ? { ...entry, hash: action.hash } : entry));
}

async function applyToStore(datasets: DatasetStore, name: string, action: Step): Promise<unknown> {
  if (action.do === 'add')
    return datasets.addExamples(
      by,
      name,
      action.ids.map((added) => member(added, action.hash)),
    );
  if (action.do === 'replace') return datasets.changeExamples(by, name, [change(action.id, action.hash)]);
  if (action.do === 'remove') return datasets.removeExamples(by, name, [action.id]);
  return datasets.freeze(by, name);
}

async function followsTheModel(datasets: DatasetStore, name: string, steps: Step[]): Promise<void> {
  let draft: Member[] = [];
  const frozen: Member[][] = [];
  for (const action of steps) {
    const result = applyToStore(datasets, name, action);
    if (action.do === 'freeze') {
      if (draft.length === 0) await expect(result).rejects.toMatchObject({ code: 'dataset_empty' });
      else {
        const head = frozen.at(-1);
        if (!head || hashOf(head) !== hashOf(draft)) frozen.push(draft);
        expect(await result).toMatchObject({ number: frozen.length, hash: hashOf(draft), count: draft.length });
      }
    } else {
      const next = applyToModel(draft, action);
      if (next === null)
        await expect(result).rejects.toMatchObject({ code: action.do === 'add' ? 'conflict' : 'not_found' });
      else await result;
      draft = next ?? draft;
    }
    const head = frozen.at(-1);
    expect(await datasets.get(project, name)).toMatchObject({
      head: frozen.length,
      draftCount: draft.length,
      changed: head ? hashOf(head) !== hashOf(draft) : draft.length > 0,
    });
    expect(await datasets.members(project, name, null, all)).toEqual(draft);
    for (const [index, members] of frozen.entries())
      expect(await datasets.members(project, name, index + 1, all)).toEqual(members);
  }
}

/** What every {@link DatasetStore} does. */
export function datasetStoreConformance(name: string, open: () => Promise<World>): void {
  describe(`dataset store: ${name}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world.close());

    async function create(members: Member[] = []): Promise<string> {
      const dataset = `set-${++count}`;
      await world.datasets.create(by, { id: `ds_${dataset}` as DatasetId, name: dataset, description: 'golden' });
      if (members.length > 0) await world.datasets.addExamples(by, dataset, members);
      return dataset;
    }

    it('creates an empty dataset, and refuses a name that is taken', async () => {
      const dataset = await create();
      const read = await world.datasets.get(project, dataset);
      expect(read).toEqual({
        id: `ds_${dataset}`,
        name: dataset,
        description: 'golden',
        head: 0,
        draftCount: 0,
        changed: false,
        createdAt: new Date(read?.createdAt ?? '').toISOString(),
        ...{ source: '', licence: '', consent: '', splits: null, recipe: null, aliases: {} },
        schema: { input: null, expected: null, metadata: null },
      });
      const again = world.datasets.create(by, { id: 'ds_other' as DatasetId, name: dataset, description: '' });
      await expect(again).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining(dataset) });
    });

    it('follows a plain array through any steps, and every frozen version reads the same for ever', async () => {
      const steps = fc.array(step, { minLength: 1, maxLength: 14 });
      await fc.assert(
        fc.asyncProperty(steps, async (actions) => followsTheModel(world.datasets, await create(), actions)),
        { numRuns: 25 },
      );
    }, 60_000);

    it('does not call a draft changed whose steps cancel each other out', async () => {
      const dataset = await create([member('ex_a'), member('ex_b')]);
      const version = await world.datasets.freeze(by, dataset);
      await world.datasets.changeExamples(by, dataset, [change('ex_a', 'other')]);
      await world.datasets.removeExamples(by, dataset, ['ex_b' as ExampleId]);
      await world.datasets.addExamples(by, dataset, [member('ex_b')]);
      expect(await world.datasets.get(project, dataset)).toMatchObject({ changed: true });
      const back = await world.datasets.changeExamples(by, dataset, [change('ex_a', 'hash of ex_a')]);
      expect(back.changed).toBe(false);
      expect(await world.datasets.freeze(by, dataset)).toEqual(version);
      await world.datasets.removeExamples(by, dataset, ['ex_a' as ExampleId]);
      const turned = await world.datasets.addExamples(by, dataset, [member('ex_a')]);
      expect(turned).toMatchObject({ changed: true, draftCount: 2 });
      expect(await world.datasets.freeze(by, dataset)).toMatchObject({ number: 2 });
    });

    it('keeps where an example came from, also when its content is replaced', async () => {
      const dataset = await create([{ ...member('ex_a'), source }, member('ex_b')]);
      await world.datasets.freeze(by, dataset);
      await world.datasets.changeExamples(by, dataset, [change('ex_a', 'better')]);
      expect(await world.datasets.members(project, dataset, null, all)).toEqual([
        { ...member('ex_a', 'better'), source },
        member('ex_b'),
      ]);
    });

    it('reads members in pages', async () => {
      const members = Array.from({ length: 7 }, (_, i) => member(`ex_${i}`));
      const dataset = await create(members);
      await world.datasets.freeze(by, dataset);
      for (const version of [null, 1]) {
        expect(await world.datasets.members(project, dataset, version, { limit: 3, offset: 0 })).toEqual(
          members.slice(0, 3),
        );
        expect(await world.datasets.members(project, dataset, version, { limit: 3, offset: 6 })).toEqual(
          members.slice(6),
        );
        expect(await world.datasets.members(project, dataset, version, { limit: 3, offset: 7 })).toEqual([]);
      }
    });

    it('takes ten thousand examples at once', async () => {
      const members = Array.from({ length: 10_000 }, (_, i) => member(`ex_${i}`));
      const dataset = await create();
      expect((await world.datasets.addExamples(by, dataset, members)).draftCount).toBe(10_000);
      expect(await world.datasets.freeze(by, dataset)).toMatchObject({
        number: 1,
        count: 10_000,
        hash: hashOf(members),
      });
    });

    it('adds all examples or none', async () => {
      const dataset = await create([member('ex_a')]);
      const twice = world.datasets.addExamples(by, dataset, [member('ex_b'), member('ex_b')]);
      await expect(twice).rejects.toMatchObject({ code: 'conflict' });
      const taken = world.datasets.addExamples(by, dataset, [member('ex_c'), member('ex_a')]);
      await expect(taken).rejects.toMatchObject({ code: 'conflict' });
      expect(await world.datasets.members(project, dataset, null, all)).toEqual([member('ex_a')]);
      expect(await world.datasets.addExamples(by, dataset, [])).toMatchObject({ draftCount: 1 });
    });

    it('loses nothing of parallel changes', async () => {
      const dataset = await create([member('ex_first')]);
      await Promise.all([
        ...Array.from({ length: 6 }, (_, i) => world.datasets.addExamples(by, dataset, [member(`ex_${i}`)])),
        world.datasets.freeze(by, dataset),
      ]);
      const draft = await world.datasets.members(project, dataset, null, all);
      expect(draft.map((entry) => entry.id).sort()).toEqual([
        'ex_0',
        'ex_1',
        'ex_2',
        'ex_3',
        'ex_4',
        'ex_5',
        'ex_first',
      ]);
      const [version] = await world.datasets.versions(project, dataset);
      const members = await world.datasets.members(project, dataset, 1, all);
      expect(version).toMatchObject({ number: 1, count: members.length, hash: hashOf(members) });
      expect(members).toEqual(draft.slice(0, members.length));
    });

    it('lists versions newest first', async () => {
      const dataset = await create([member('ex_a')]);
      const first = await world.datasets.freeze(by, dataset);
      expect(await world.datasets.freeze(by, dataset)).toEqual(first);
      await world.datasets.addExamples(by, dataset, [member('ex_b')]);
      const second = await world.datasets.freeze(by, dataset);
      expect(await world.datasets.versions(project, dataset)).toEqual([second, first]);
      expect(second.createdAt).toBe(new Date(second.createdAt).toISOString());
    });

    it('names what is missing', async () => {
      const { datasets } = world;
      const missing = { code: 'not_found', message: expect.stringContaining('nothing') };
      expect(await datasets.get(project, 'nothing')).toBeNull();
      await expect(datasets.versions(project, 'nothing')).rejects.toMatchObject(missing);
      await expect(datasets.members(project, 'nothing', null, all)).rejects.toMatchObject(missing);
      await expect(datasets.addExamples(by, 'nothing', [member('ex_a')])).rejects.toMatchObject(missing);
      await expect(datasets.freeze(by, 'nothing')).rejects.toMatchObject(missing);
      const dataset = await create([member('ex_a')]);
      for (const version of [0, 1, -1])
        await expect(datasets.members(project, dataset, version, all)).rejects.toMatchObject({ code: 'not_found' });
    });

    it('writes one audit row with each change, and none with what is refused or changes nothing', async () => {
      const marker = await newestId(world.audit);
      const dataset = await create([member('ex_a'), member('ex_b')]);
      await world.datasets.freeze(by, dataset);
      await world.datasets.changeExamples(by, dataset, [change('ex_a', 'better')]);
      await world.datasets.removeExamples(by, dataset, ['ex_b' as ExampleId]);
      await world.datasets.changeExamples(by, dataset, [change('ex_a', 'better')]);
      await world.datasets.addExamples(by, dataset, []);
      await Promise.allSettled([
        world.datasets.addExamples(by, dataset, [member('ex_c'), member('ex_a')]),
        world.datasets.removeExamples(by, dataset, ['ex_b' as ExampleId]),
      ]);
      await world.datasets.freeze(by, dataset);
      await world.datasets.freeze(by, dataset);
      const entries = await entriesSince(world.audit, marker);
      expect(entries.map(({ action, subject, detail }) => [action, subject, detail])).toEqual([
        ['dataset.create', dataset, { id: `ds_${dataset}` }],
        ['examples.add', dataset, { count: 2 }],
        ['dataset.freeze', `${dataset}@1`, { version: 1, hash: hashOf([member('ex_a'), member('ex_b')]), count: 2 }],
        ['example.replace', dataset, { id: 'ex_a', before: { hash: 'hash of ex_a' }, after: { hash: 'better' } }],
        ['example.remove', dataset, { id: 'ex_b' }],
        ['dataset.freeze', `${dataset}@2`, { version: 2, hash: hashOf([member('ex_a', 'better')]), count: 1 }],
      ]);
    });

    describe('erasing', () => {
      let traces = 0;
      const fresh = () => {
        const traceId = (++traces).toString(16).padStart(32, 'e') as TraceId;
        return { source: { traceId, spanId: source.spanId }, deletion: `del_${name}_${traces}` as DeletionId };
      };
      const unique = () => `content ${name} ${++traces}`;
      const doomed = async () => (await world.datasets.doomed(project, 1000)).map((content) => content.hash);
      const forgetAll = async () => world.datasets.forgetDoomed(project, await world.datasets.doomed(project, 1000));
      const eraseTrace = async ({ source: { traceId }, deletion }: ReturnType<typeof fresh>) => {
        await world.datasets.noteErasing(project, deletion, [traceId]);
        return world.datasets.eraseNoted(by, deletion);
      };

      it('leaves tombstones in the draft and in frozen versions, whose numbers, hashes and order hold', async () => {
        const [gone, kept] = [fresh(), fresh()];
        const members = [member('ex_a', unique()), { ...member('ex_b', unique()), source: gone.source }];
        members.push({ ...member('ex_c', unique()), source: kept.source });
        const dataset = await create(members);
        const version = await world.datasets.freeze(by, dataset);
        await world.datasets.changeExamples(by, dataset, [change('ex_b', unique())]);
        const replaced = await world.datasets.members(project, dataset, null, all);
        await forgetAll();

        expect(await eraseTrace(gone)).toBe(1);
        const draft = await world.datasets.members(project, dataset, null, all);
        const at = draft[1]?.erasedAt ?? '';
        expect(at).toBe(new Date(at).toISOString());
        expect(draft).toEqual(replaced.map((one) => (one.id === 'ex_b' ? { ...one, erasedAt: at } : one)));
        expect(await world.datasets.members(project, dataset, 1, all)).toEqual(
          members.map((one) => (one.id === 'ex_b' ? { ...one, erasedAt: at } : one)),
        );
        expect(await world.datasets.versions(project, dataset)).toEqual([version]);
        expect(await world.datasets.countMembers(project, dataset, null)).toMatchObject({ erased: 1 });
        expect(await world.datasets.countMembers(project, dataset, 1)).toMatchObject({ erased: 1 });
        expect((await doomed()).sort()).toEqual([members[1]?.hash, replaced[1]?.hash].sort());

        await expect(world.datasets.changeExamples(by, dataset, [change('ex_b', 'new')])).rejects.toMatchObject({
          code: 'conflict',
        });
        expect(await world.datasets.freeze(by, dataset)).toMatchObject({ number: 2, count: 3, hash: hashOf(draft) });
        expect((await world.datasets.removeExamples(by, dataset, ['ex_b' as ExampleId])).draftCount).toBe(2);
        expect(await world.datasets.countMembers(project, dataset, null)).toMatchObject({ erased: 0 });
        await forgetAll();
      });

      it('keeps contents that a living example of the project has as well', async () => {
        const gone = fresh();
        const shared = unique();
        const own = unique();
        await create([{ ...member('ex_a', shared), source: gone.source }]);
        await create([{ ...member('ex_b', own), source: gone.source }, member('ex_c', shared)]);
        await forgetAll();
        expect(await eraseTrace(gone)).toBe(2);
        expect(await doomed()).toEqual([own]);
        await forgetAll();
        expect(await doomed()).toEqual([]);
      });

      it('repeats safely, and finds what a kill left behind', async () => {
        const gone = fresh();
        const hash = unique();
        const dataset = await create([{ ...member('ex_a', hash), source: gone.source }]);
        await forgetAll();
        await world.datasets.noteErasing(project, gone.deletion, [gone.source.traceId]);
        await world.datasets.noteErasing(project, gone.deletion, [gone.source.traceId]);
        expect(await world.datasets.eraseNoted(by, 'del_of_another' as DeletionId)).toBe(0);
        expect(await world.datasets.countMembers(project, dataset, null)).toMatchObject({ erased: 0 });
        expect(await world.datasets.eraseNoted(by, gone.deletion)).toBe(1);
        expect(await world.datasets.eraseNoted(by, gone.deletion)).toBe(0);
        const first = await world.datasets.doomed(project, 1000);
        expect(first.map((content) => content.hash)).toEqual([hash]);
        expect(await doomed()).toEqual([hash]);
        // Expected again meanwhile, by somebody who is killed before an example refers to it.
        await world.datasets.expectContents(project, [hash]);
        await world.datasets.forgetDoomed(project, first);
        expect(await doomed()).toEqual([hash]);
        await forgetAll();
      });

      it('dooms what drafts let go of, and what was announced and never came', async () => {
        const [removed, replaced, again, never] = [unique(), unique(), unique(), unique()];
        const dataset = await create([member('ex_a', removed), member('ex_b', replaced)]);
        await forgetAll();
        await world.datasets.removeExamples(by, dataset, ['ex_a' as ExampleId]);
        await world.datasets.expectContents(project, [never, again, never]);
        await world.datasets.changeExamples(by, dataset, [change('ex_b', again)]);
        expect((await doomed()).sort()).toEqual([removed, replaced, never].sort());
        await world.datasets.addExamples(by, dataset, [member('ex_a', removed)]);
        expect((await doomed()).sort()).toEqual([replaced, never].sort());
        await forgetAll();
      });

      it('refuses changes that stand on contents which may have gone since', async () => {
        const gone = fresh();
        const dataset = await create([member('ex_a', unique())]);
        const changes = (seen: bigint) => [
          () => world.datasets.addExamples(by, dataset, [member(`ex_${unique()}`)], { seen }),
          () => world.datasets.changeExamples(by, dataset, [change('ex_a', unique())], { seen }),
        ];
        for (const go of [() => eraseTrace(gone), doomed]) {
          await world.datasets.expectContents(project, [unique()]);
          const seen = await world.datasets.erasures(project);
          for (const make of changes(seen)) await make();
          await go();
          expect(await world.datasets.erasures(project)).toBeGreaterThan(seen);
          for (const make of changes(seen)) await expect(make()).rejects.toMatchObject({ code: 'conflict' });
        }
        await forgetAll();
      });

      it('says in the audit log how many examples of which dataset were erased', async () => {
        const gone = fresh();
        const marker = await newestId(world.audit);
        const [one, two] = [
          await create([{ ...member('ex_a', unique()), source: gone.source }]),
          await create([
            { ...member('ex_a', unique()), source: gone.source },
            { ...member('ex_b', unique()), source: gone.source },
          ]),
        ];
        await eraseTrace(gone);
        const entries = (await entriesSince(world.audit, marker)).filter(({ action }) => action === 'examples.erase');
        expect(entries.map(({ subject, detail }) => [subject, detail]).sort()).toEqual([
          [one, { count: 1 }],
          [two, { count: 2 }],
        ]);
        await forgetAll();
      });
    });

    it('lists by name and keeps projects apart', async () => {
      const datasets = [await create(), await create([member('ex_a')])];
      const list = await world.datasets.list(project);
      for (const dataset of datasets)
        expect(list.find((entry) => entry.name === dataset)).toEqual(await world.datasets.get(project, dataset));
      expect(list.map((entry) => entry.name)).toEqual(list.map((entry) => entry.name).sort());
      expect(await world.datasets.list('elsewhere' as ProjectId)).toEqual([]);
      expect(await world.datasets.get('elsewhere' as ProjectId, datasets[0] ?? '')).toBeNull();
    });
  });
}
