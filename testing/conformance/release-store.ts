import type { AuditStore, ModelStore, NewRelease, ReleaseLook, ReleaseStore } from '@wheelhouse/core/ports';
import { contentHash, defaultProjectId, type ModelId, type ProjectId, type Release } from '@wheelhouse/core/records';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entriesSince, newestId } from './audit-store.ts';

type World = { releases: ReleaseStore; models: ModelStore; audit: AuditStore; close(): Promise<void> };

const project = defaultProjectId;
const [ada, bob] = [
  { project, actor: 'ada' },
  { project, actor: 'bob' },
];
const elsewhere = 'elsewhere' as ProjectId;
let count = 0;

/** What every {@link ReleaseStore} does. */
export function releaseStoreConformance(name: string, open: () => Promise<World>): void {
  describe(`release store: ${name}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world.close());

    /** A model with three versions; `production` is at the first. */
    async function create(): Promise<string> {
      const model = `released-${++count}`;
      const id = `md_${model}` as ModelId;
      await world.models.create(ada, { id, name: model, description: '', tags: [], owner: null });
      for (const baseModel of ['sim/a', 'sim/b', 'sim/c']) {
        const content = { definition: { flavor: 'base', baseModel }, signature: { input: {}, output: {} } };
        const version = { ...content, hash: contentHash(content), example: null, message: '', madeFrom: [] };
        await world.models.publish(ada, model, version);
      }
      await world.models.moveAlias(ada, model, 'production', 1);
      return model;
    }
    const begin = (model: string, more: Partial<NewRelease> = {}) =>
      world.releases.start(ada, {
        ...{ id: `rel_${name}_${++count}`, model, alias: 'production', candidate: 2, share: 0.1, message: 'Better' },
        ...{ evidence: { rails: [] }, seenUntil: '2026-01-02T03:04:05.678Z', sticky: 'session' },
        steps: [{ share: 0.1, after: 0 }],
        rails: [{ kind: 'errors', name: 'errors', effect: 0.05 }],
        ...{
          risks: { falseRollback: 0.05, missedRegression: 0.1 },
          minimum: 50,
          promotesItself: false,
          examples: null,
          shadow: null,
          allocation: null,
        },
        ...more,
      });
    const aliasOf = async (model: string) => (await world.models.get(project, model))?.aliases[0];
    const look = ({ revision }: Release, more: Partial<ReleaseLook> = {}): ReleaseLook => ({
      ...{ revision, evidence: { rails: [1] }, share: 0.1, seenUntil: '2026-01-02T03:05:00.000Z', isNews: true },
      verdict: { verdict: 'hold', sentence: 'Not settled yet.', rails: [] },
      ...{ shareReason: 'After 5 sessions.', ends: null },
      ...more,
    });
    const kinds = async (id: string) => (await world.releases.events(project, id)).map(({ kind }) => kind);

    it('only listens where it is to, and makes room for the release that answers', async () => {
      const model = await create();
      const shadow = { budgetNanoUsd: '5', outside: false };
      const listening = await begin(model, { shadow });
      expect(listening).toMatchObject({ shadow, state: 'running' });
      expect((await aliasOf(model))?.release).toEqual({
        ...{ id: listening.id, candidate: 2, share: 0.1, sticky: 'session', isShadow: true },
      });
      await expect(begin(model)).rejects.toMatchObject({ code: 'conflict' });
      await expect(begin(model, { candidate: 3, follows: listening.id })).rejects.toMatchObject({ code: 'conflict' });
      const next = await begin(model, { follows: listening.id });
      expect((await aliasOf(model))?.release).toEqual({ id: next.id, candidate: 2, share: 0.1, sticky: 'session' });
      const before = await world.releases.get(project, listening.id);
      expect(before).toMatchObject({ state: 'stopped', reason: expect.stringContaining(next.id) });
      expect(await kinds(listening.id)).toEqual(['stopped', 'started']);
      await expect(begin(model, { follows: next.id })).rejects.toMatchObject({ code: 'conflict' });
      await expect(begin(model, { follows: listening.id })).rejects.toMatchObject({ code: 'conflict' });
    });

    it('starts from where the alias is, and the alias says so', async () => {
      const model = await create();
      const marker = await newestId(world.audit);
      const release = await begin(model);
      expect(release).toMatchObject({
        ...{ model, alias: 'production', incumbent: 1, candidate: 2, state: 'running', share: 0.1, revision: 1 },
        ...{ verdict: null, evidence: { rails: [] }, seenUntil: '2026-01-02T03:04:05.678Z', startedBy: 'ada' },
        ...{ minimum: 50, endedAt: null, reason: null, risks: { falseRollback: 0.05, missedRegression: 0.1 } },
      });
      expect(await world.releases.get(project, release.id)).toEqual(release);
      expect(await world.releases.get(elsewhere, release.id)).toBeNull();
      const split = { id: release.id, candidate: 2, share: 0.1, sticky: 'session' };
      expect(await aliasOf(model)).toMatchObject({ version: 1, release: split });
      const [own] = (await world.models.snapshot(project)).filter((one) => one.model.name === model);
      expect(own?.model.aliases[0]?.release).toEqual(split);
      expect((await world.releases.running()).map((one) => one.release.id)).toContain(release.id);
      const [entry] = await entriesSince(world.audit, marker);
      expect(entry).toMatchObject({ action: 'release.start', subject: `${model}@production`, actor: 'ada' });
      await expect(begin(model)).rejects.toMatchObject({ code: 'conflict' });
    });

    it('starts nothing that makes no sense', async () => {
      const model = await create();
      await expect(begin(model, { candidate: 1 })).rejects.toMatchObject({ code: 'conflict' });
      await expect(begin(model, { candidate: 9 })).rejects.toMatchObject({ code: 'not_found' });
      await expect(begin(model, { alias: 'nowhere' })).rejects.toMatchObject({ code: 'not_found' });
      expect((await aliasOf(model))?.release).toBeUndefined();
    });

    it('writes a look once, by whoever comes first, and keeps what is news', async () => {
      const model = await create();
      const release = await begin(model);
      expect(await world.releases.look(project, release.id, look(release, { share: 0.5 }))).toBe(true);
      expect(await world.releases.look(project, release.id, look(release))).toBe(false);
      const now = await world.releases.get(project, release.id);
      expect(now).toMatchObject({ share: 0.5, revision: 2, evidence: { rails: [1] }, verdict: { verdict: 'hold' } });
      expect(now?.seenUntil).toBe('2026-01-02T03:05:00.000Z');
      expect((await aliasOf(model))?.release?.share).toBe(0.5);
      if (now) await world.releases.look(project, release.id, look(now, { share: 0.5, isNews: false }));
      expect(await kinds(release.id)).toEqual(['share', 'verdict', 'started']);
      const [moved] = await world.releases.events(project, release.id);
      expect(moved?.detail).toEqual({ before: { share: 0.1 }, after: { share: 0.5 }, reason: 'After 5 sessions.' });
    });

    it('rolls back by a look, and leaves the alias where it is', async () => {
      const model = await create();
      const release = await begin(model);
      const marker = await newestId(world.audit);
      const verdict = { verdict: 'roll_back' as const, sentence: 'errors is worse.', rails: [] };
      expect(await world.releases.look(project, release.id, look(release, { verdict, ends: 'rolled_back' }))).toBe(
        true,
      );
      expect(await world.releases.get(project, release.id)).toMatchObject({
        ...{ state: 'rolled_back', share: 0, reason: 'errors is worse.', endedBy: `release ${release.id}` },
      });
      const alias = await aliasOf(model);
      expect(alias).toMatchObject({ version: 1 });
      expect(alias?.release).toBeUndefined();
      const entries = await entriesSince(world.audit, marker);
      expect(entries.map(({ action }) => action)).toEqual(['release.rollback']);
      expect(await kinds(release.id)).toEqual(['rolled_back', 'verdict', 'started']);
      expect(await world.releases.look(project, release.id, look({ ...release, revision: 3 }))).toBe(false);
      expect((await begin(model)).state).toBe('running');
    });

    it('promotes, and takes that back for as long as nobody moved the alias since', async () => {
      const model = await create();
      const { id } = await begin(model);
      const promoted = await world.releases.end(bob, id, { as: 'promoted', reason: 'It is better' });
      expect(promoted).toMatchObject({ state: 'promoted', share: 1, endedBy: 'bob', reason: 'It is better' });
      expect(await aliasOf(model)).toMatchObject({ version: 2, before: 1 });
      await expect(world.releases.end(bob, id, { as: 'promoted', reason: '' })).rejects.toMatchObject({
        code: 'conflict',
      });
      await world.releases.end(ada, id, { as: 'rolled_back', reason: 'It is not' });
      expect(await aliasOf(model)).toMatchObject({ version: 1 });
      const again = await begin(model);
      await world.releases.end(bob, again.id, { as: 'promoted', reason: '' });
      await world.models.moveAlias(ada, model, 'production', 3);
      await expect(world.releases.end(ada, again.id, { as: 'rolled_back', reason: '' })).rejects.toMatchObject({
        code: 'conflict',
      });
      await expect(
        world.releases.end({ project: elsewhere, actor: 'ada' }, id, { as: 'promoted', reason: '' }),
      ).rejects.toMatchObject({ code: 'not_found' });
    });

    it('is stopped by whoever moves the alias, takes it back or away', async () => {
      const model = await create();
      const moves = [
        () => world.models.moveAlias(bob, model, 'production', 3),
        () => world.models.rollBackAlias(bob, model, 'production'),
        () => world.models.removeAlias(bob, model, 'production'),
      ];
      for (const move of moves) {
        const { id } = await begin(model);
        await move();
        expect(await world.releases.get(project, id)).toMatchObject({ state: 'stopped', share: 0, endedBy: 'bob' });
      }
    });

    it('hands over what was rolled back and asks for examples, to one at a time, until somebody made them', async () => {
      const model = await create();
      const examples = { dataset: 'failures' };
      const owing = async () => (await world.releases.claimDrafts()).map(({ release }) => release.id);
      const { id } = await begin(model, { examples });
      expect(await owing()).toEqual([]);
      await world.releases.end(ada, id, { as: 'rolled_back', reason: '' });
      const silent = await begin(model);
      await world.releases.end(ada, silent.id, { as: 'rolled_back', reason: '' });
      const promoted = await begin(model, { examples });
      await world.releases.end(ada, promoted.id, { as: 'promoted', reason: '' });
      expect(await owing()).toEqual([id]);
      expect(await owing()).toEqual([]);
      await world.releases.drafted(project, id, { dataset: 'failures', rows: 3, refused: ['too long'] });
      await world.releases.drafted(project, id, { dataset: 'failures', rows: 0, refused: [] });
      const drafts = { dataset: 'failures', rows: 3, refused: ['too long'], at: expect.any(String) };
      expect(await world.releases.get(project, id)).toMatchObject({ examples, drafts });
      expect(await world.releases.get(project, silent.id)).toMatchObject({ examples: null, drafts: null });
      const [newest] = await world.releases.events(project, id);
      expect(newest).toMatchObject({ kind: 'examples', by: `release ${id}`, detail: { rows: 3 } });
      expect(await kinds(id)).toEqual(['examples', 'rolled_back', 'started']);
    });

    it('lists newest first, by model and state, page by page', async () => {
      const model = await create();
      const first = await begin(model);
      await world.releases.end(ada, first.id, { as: 'rolled_back', reason: '' });
      const second = await begin(model);
      const ids = async (more: object) =>
        (await world.releases.list(project, { limit: 5, model, ...more })).map(({ id }) => id);
      expect(await ids({})).toEqual([second.id, first.id]);
      expect(await ids({ state: 'running' })).toEqual([second.id]);
      expect(await ids({ before: second.id })).toEqual([first.id]);
      expect(await world.releases.list(elsewhere, { limit: 5 })).toEqual([]);
    });
  });
}
