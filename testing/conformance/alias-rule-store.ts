import type { AliasRuleStore, AuditStore, ModelStore } from '@wheelhouse/core/ports';
import {
  type AliasRequestId,
  contentHash,
  defaultProjectId,
  type ModelId,
  type ProjectId,
} from '@wheelhouse/core/records';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entriesSince, newestId } from './audit-store.ts';

type World = { aliasRules: AliasRuleStore; models: ModelStore; audit: AuditStore; close(): Promise<void> };

const project = defaultProjectId;
const [ada, bob] = ['ada', 'bob'].map((actor) => ({ project, actor })) as [
  { project: ProjectId; actor: string },
  { project: ProjectId; actor: string },
];
let count = 0;

/** What every {@link AliasRuleStore} does. */
export function aliasRuleStoreConformance(name: string, open: () => Promise<World>): void {
  describe(`alias rule store: ${name}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world.close());

    const newId = () => `arq_${name}_${++count}` as AliasRequestId;
    /** A model with two versions; `production` is at the first. */
    async function create(): Promise<string> {
      const model = `ruled-${++count}`;
      const id = `md_${model}` as ModelId;
      await world.models.create(ada, { id, name: model, description: '', tags: [], owner: null });
      for (const baseModel of ['sim/a', 'sim/b']) {
        const content = { definition: { flavor: 'base', baseModel }, signature: { input: {}, output: {} } };
        const version = { ...content, hash: contentHash(content), example: null, message: '', madeFrom: [] };
        await world.models.publish(ada, model, version);
      }
      await world.models.moveAlias(ada, model, 'production', 1);
      return model;
    }
    const ask = (model: string, to = 2, alias = 'production') =>
      world.aliasRules.ask(ada, { id: newId(), model, alias, to, message: 'it is better' });
    const aliasOf = async (model: string) => (await world.models.get(project, model))?.aliases[0];

    it('keeps one rule for each alias of a project', async () => {
      const { aliasRules, audit } = world;
      expect(await aliasRules.rule(project, 'live')).toBeNull();
      const marker = await newestId(audit);
      const rule = await aliasRules.setRule(ada, { alias: 'live', role: 'admin', review: false, gates: [] });
      expect(rule).toEqual({
        ...{ alias: 'live', role: 'admin', review: false, gates: [], changedBy: 'ada' },
        changedAt: new Date(rule.changedAt).toISOString(),
      });
      expect(await aliasRules.setRule(bob, { alias: 'live', role: 'admin', review: false, gates: [] })).toEqual(rule);
      const next = await aliasRules.setRule(bob, {
        alias: 'live',
        role: 'owner',
        review: true,
        gates: ['exact >= baseline'],
      });
      await aliasRules.setRule(bob, { alias: 'a-live', role: 'editor', review: true, gates: [] });
      expect(next).toMatchObject({ role: 'owner', review: true, changedBy: 'bob' });
      expect(await aliasRules.rule(project, 'live')).toEqual(next);
      expect((await aliasRules.rules(project)).map(({ alias }) => alias)).toEqual(['a-live', 'live']);
      expect(await aliasRules.rules('elsewhere' as ProjectId)).toEqual([]);
      expect([await aliasRules.removeRule(ada, 'live'), await aliasRules.removeRule(ada, 'live')]).toEqual([
        true,
        false,
      ]);
      await aliasRules.removeRule(ada, 'a-live');
      const before = { role: 'admin', review: false, gates: [] };
      const after = { role: 'owner', review: true, gates: ['exact >= baseline'] };
      expect(await entriesSince(audit, marker)).toMatchObject([
        { action: 'alias_rule.set', subject: 'live', detail: { before: null, after: before } },
        { action: 'alias_rule.set', subject: 'live', actor: 'bob', detail: { before, after } },
        { action: 'alias_rule.set', subject: 'a-live' },
        { action: 'alias_rule.remove', subject: 'live', detail: { before: after, after: null } },
        { action: 'alias_rule.remove', subject: 'a-live' },
      ]);
    });

    it('moves the alias with the approval of a request', async () => {
      const model = await create();
      const marker = await newestId(world.audit);
      const request = await ask(model);
      expect(request).toEqual({
        ...{ id: request.id, model, alias: 'production', from: 1, to: 2, message: 'it is better', status: 'open' },
        ...{ askedBy: 'ada', askedAt: new Date(request.askedAt).toISOString() },
        ...{ decidedBy: null, decidedAt: null, comment: '' },
      });
      expect(await world.aliasRules.request(project, request.id)).toEqual(request);
      expect((await aliasOf(model))?.version).toBe(1);
      const ended = await world.aliasRules.decide(bob, request.id, { status: 'approved', comment: 'yes' });
      expect(ended).toMatchObject({ status: 'approved', decidedBy: 'bob', comment: 'yes' });
      expect(await aliasOf(model)).toMatchObject({ version: 2, before: 1 });
      const changes = await entriesSince(world.audit, marker);
      expect(changes.map(({ action, actor, subject }) => `${actor} ${action} ${subject}`)).toEqual([
        `ada alias.ask ${model}@production`,
        `bob alias.move ${model}@production`,
        `bob alias.approved ${model}@production`,
      ]);
      const again = world.aliasRules.decide(ada, request.id, { status: 'rejected', comment: '' });
      await expect(again).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('approved') });
    });

    it.each(['rejected', 'withdrawn'] as const)('leaves the alias where it is when a request is %s', async (status) => {
      const model = await create();
      const request = await ask(model);
      expect(await world.aliasRules.decide(bob, request.id, { status, comment: 'no' })).toMatchObject({ status });
      expect((await aliasOf(model))?.version).toBe(1);
      expect(await ask(model)).toMatchObject({ status: 'open' });
    });

    it('approves nothing that was asked for when the alias was elsewhere', async () => {
      const model = await create();
      const request = await ask(model);
      await world.models.removeAlias(ada, model, 'production');
      const late = world.aliasRules.decide(bob, request.id, { status: 'approved', comment: '' });
      await expect(late).rejects.toMatchObject({ code: 'conflict' });
      expect(await world.aliasRules.request(project, request.id)).toMatchObject({ status: 'open' });
      expect(await aliasOf(model)).toBeUndefined();
      expect(await ask(model, 1)).toMatchObject({ from: null, to: 1 });
    });

    it('refuses what cannot be asked for', async () => {
      const model = await create();
      await expect(ask(model, 1)).rejects.toMatchObject({ code: 'conflict' });
      await expect(ask(model, 3)).rejects.toMatchObject({ code: 'not_found' });
      await expect(ask('nobody')).rejects.toMatchObject({ code: 'model_not_found' });
      await ask(model);
      await expect(ask(model)).rejects.toMatchObject({ code: 'conflict' });
      const none = world.aliasRules.decide(bob, newId(), { status: 'approved', comment: '' });
      await expect(none).rejects.toMatchObject({ code: 'not_found' });
    });

    it('lists requests newest first, by model and status, page by page', async () => {
      const [one, other] = [await create(), await create()];
      const asked = [await ask(one), await ask(one, 2, 'staging'), await ask(one, 1, 'staging')];
      await ask(other);
      await world.aliasRules.decide(bob, asked[1]?.id as AliasRequestId, { status: 'rejected', comment: '' });
      const [first, second, third] = asked.map(({ id }) => id);
      const read = (filter: object) => world.aliasRules.requests(project, { limit: 10, model: one, ...filter });
      expect((await read({})).data.map(({ id }) => id)).toEqual([third, second, first]);
      expect((await read({ status: 'open' })).data.map(({ id }) => id)).toEqual([third, first]);
      const page = await read({ limit: 2 });
      expect(page).toMatchObject({ data: [{ id: third }, { id: second }], next: second });
      expect(await read({ limit: 2, cursor: page.next })).toMatchObject({ data: [{ id: first }], next: null });
      await expect(read({ cursor: 'nowhere' })).rejects.toMatchObject({ code: 'invalid_request' });
      expect((await world.aliasRules.requests('elsewhere' as ProjectId, { limit: 10 })).data).toEqual([]);
    });
  });
}
