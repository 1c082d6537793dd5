import type { GateReader } from '@wheelhouse/core/ports';
import {
  type Caller,
  defaultProjectId,
  type EvaluationId,
  type JsonObject,
  type LiveEvent,
  type WheelhouseError,
} from '@wheelhouse/core/records';
import { fakeAliasRuleStore, fakeAuditStore, fakeEvaluationStore, fakeModelStore } from '@wheelhouse/testing/fakes';
import { beforeEach, describe, expect, it } from 'vitest';
import { createSchemaChecker } from '../tools/schema-checker.ts';
import { createClock, systemRandom } from '../world.ts';
import { createAliasHandlers } from './alias-handlers.ts';
import { createDeploymentReader, type LiveDeployments } from './deployment-reader.ts';
import { createRegistryHandlers } from './registry.ts';

const by: Caller = {
  ...{ project: defaultProjectId, actor: 'local', role: 'owner' },
  ...{ key: null, person: null, team: null },
};
let reader: LiveDeployments;
let api: ReturnType<typeof createRegistryHandlers> & ReturnType<typeof createAliasHandlers>;
let events: LiveEvent[];
let decided: Awaited<ReturnType<GateReader['decide']>>;

const bare = { query: undefined, body: undefined };

beforeEach(() => {
  const audit = fakeAuditStore();
  const models = fakeModelStore(audit);
  events = [];
  decided = { evaluation: null, results: [] };
  reader = createDeploymentReader(models, () => [defaultProjectId]);
  const deps = {
    ...{ models, rules: fakeAliasRuleStore(audit, models), evaluations: fakeEvaluationStore(audit) },
    feed: { publish: (event: LiveEvent) => void events.push(event) },
    ...{ checker: createSchemaChecker(), clock: createClock(), random: systemRandom },
    gates: { decide: async () => decided, blocker: async () => null },
    find: () => () => null,
    changed: () => reader.refresh(),
  };
  api = { ...createRegistryHandlers(deps), ...createAliasHandlers(deps) };
});

const version = (
  content: string,
  { parameters = {}, ...more }: { parameters?: JsonObject; signature?: object } = {},
) => ({
  definition: {
    flavor: 'prompt' as const,
    baseModel: 'sim/echo',
    messages: [{ role: 'system' as const, content }],
    parameters,
  },
  message: '',
  madeFrom: [],
  ...more,
});
const create = (content = 'Be {{tone}}.') =>
  api.createModel({
    by,
    params: {},
    query: undefined,
    body: { name: 'bot', description: '', tags: [], owner: null, version: version(content) },
  });
const publish = (content: string, more = {}) =>
  api.createVersion({ by, params: { name: 'bot' }, query: undefined, body: version(content, more) });
const move = (alias: string, to: number) =>
  api.moveAlias({
    by,
    params: { name: 'bot', alias },
    query: undefined,
    body: { version: to, breaking: true, message: '' },
  });
const code = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: WheelhouseError) => error.code,
  );

describe('the registry', () => {
  it('publishes versions with an inferred signature and a content hash', async () => {
    const { model, versions } = await create();
    expect(model).toMatchObject({ name: 'bot', latest: 1, aliases: [] });
    expect(versions[0]).toMatchObject({
      number: 1,
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      signature: { input: { properties: { tone: { type: 'string' } }, required: ['tone'] } },
    });
    expect(await publish('Be {{tone}}.')).toMatchObject({ number: 1 });
    expect(await publish('Be very {{tone}}.')).toMatchObject({ number: 2 });
  });

  it('has the gateway see a moved alias before the answer is sent, and tells the live feed', async () => {
    await create();
    await publish('Other.');
    expect((await move('production', 1)).model.aliases).toMatchObject([{ alias: 'production', version: 1 }]);
    expect(reader.of(defaultProjectId).model('bot')?.model.aliases[0]?.version).toBe(1);
    await move('production', 2);
    expect(reader.of(defaultProjectId).model('bot')?.model.aliases[0]?.version).toBe(2);
    expect([...(reader.of(defaultProjectId).model('bot')?.versions.keys() ?? [])].sort()).toEqual([1, 2]);
    expect(events.at(-1)).toEqual({ project: defaultProjectId, type: 'models', name: 'bot' });
    await api.removeAlias({ by, params: { name: 'bot', alias: 'production' }, query: undefined, body: undefined });
    expect(reader.of(defaultProjectId).model('bot')?.model.aliases).toEqual([]);
  });

  it('refuses what cannot be called, with its field', async () => {
    await create();
    expect(await code(publish('{{#open}}'))).toBe('invalid_request');
    expect(await code(publish('x', { parameters: { model: 'other' } }))).toBe('invalid_request');
    expect(await code(publish('x', { signature: { input: { type: 'nonsense' } } }))).toBe('invalid_request');
    expect(await code(publish('{{a}}', { signature: { input: { type: 'object', properties: {} } } }))).toBe(
      'invalid_request',
    );
    expect(await code(move('2', 1))).toBe('invalid_request');
    expect(await code(move('production', 9))).toMatch(/not_found/);
    expect(await code(create())).toBe('conflict');
    expect(await code(api.getModel({ by, params: { name: 'none' }, query: undefined, body: undefined }))).toBe(
      'not_found',
    );
  });
});

describe('aliases', () => {
  const eve: Caller = { ...by, actor: 'eve@example.com', role: 'editor' };
  const ann: Caller = { ...by, actor: 'ann@example.com', role: 'admin' };
  const at = async () => (await api.getModel({ by, params: { name: 'bot' }, ...bare })).model.aliases[0]?.version;
  const moveBy = (who: Caller, to: number, breaking = true) =>
    api.moveAlias({
      ...{ by: who, params: { name: 'bot', alias: 'production' }, query: undefined },
      body: { version: to, breaking, message: '' },
    });
  const rule = (role: 'editor' | 'admin', review: boolean, gates: string[] = []) =>
    api.setAliasRule({ by, params: { alias: 'production' }, query: undefined, body: { role, review, gates } });
  const ask = (who: Caller, to: number) =>
    api.requestAlias({
      ...{ by: who, params: { name: 'bot', alias: 'production' }, query: undefined },
      body: { version: to, message: 'kinder' },
    });
  const decide = (who: Caller, requestId: string, decision: 'approve' | 'reject' | 'withdraw', breaking = true) =>
    api.decideAliasRequest({
      by: who,
      params: { requestId },
      query: undefined,
      body: { decision, comment: '', breaking },
    });

  beforeEach(async () => {
    await create();
    await publish('Be {{tone}} and {{brief}}.');
  });

  it('refuse what breaks callers of the version before, unless one says so, and say what it is', async () => {
    expect((await moveBy(eve, 1, false)).breaking).toEqual([]);
    await expect(moveBy(eve, 2, false)).rejects.toMatchObject({
      ...{ code: 'conflict', param: 'breaking', message: expect.stringContaining('brief') },
    });
    expect(await at()).toBe(1);
    expect((await moveBy(eve, 2)).breaking).toEqual([expect.stringContaining('brief')]);
    const back = await api.rollBackAlias({ by: eve, params: { name: 'bot', alias: 'production' }, ...bare });
    expect(back).toMatchObject({
      breaking: [expect.stringContaining('brief')],
      model: { aliases: [{ version: 1, before: null }] },
    });
    expect(reader.of(defaultProjectId).model('bot')?.model.aliases[0]?.version).toBe(1);
  });

  it('are not approved into what breaks callers, unless whoever decides says so', async () => {
    await moveBy(eve, 1);
    await rule('admin', true);
    const { id } = await ask(eve, 2);
    expect(await api.getAliasRequest({ by: ann, params: { requestId: id }, ...bare })).toMatchObject({
      breaking: [expect.stringContaining('brief')],
    });
    await expect(decide(ann, id, 'approve', false)).rejects.toMatchObject({ code: 'conflict', param: 'breaking' });
    expect(await at()).toBe(1);
    expect(await decide(ann, id, 'approve', true)).toMatchObject({ status: 'approved' });
    expect(await at()).toBe(2);
  });

  it('show what is different between two versions, by number or alias', async () => {
    await moveBy(eve, 2);
    const diff = (from: string, to: string) =>
      api.diffVersions({ by, params: { name: 'bot' }, query: { from, to }, body: undefined });
    expect(await diff('1', 'production')).toMatchObject({ from: 1, to: 2, breaking: true });
    expect(await diff('2', '1')).toMatchObject({
      lines: expect.arrayContaining([{ kind: 'added', text: 'Be {{tone}}.' }]),
    });
    expect(await code(diff('1', 'staging'))).toBe('not_found');
  });

  it('are moved by whom the rule names, and asked for by others', async () => {
    await moveBy(eve, 1);
    await rule('admin', false);
    await expect(moveBy(eve, 2)).rejects.toMatchObject({
      ...{ code: 'alias_protected', message: expect.stringContaining('admin') },
      hint: expect.stringContaining('/api/v1/models/bot/aliases/production/requests'),
    });
    const where = { name: 'bot', alias: 'production' };
    expect(await code(api.removeAlias({ by: eve, params: where, ...bare }))).toBe('alias_protected');
    expect(await code(api.rollBackAlias({ by: eve, params: where, ...bare }))).toBe('alias_protected');
    expect(await at()).toBe(1);
    const { id } = await ask(eve, 2);
    const seen = (who: Caller) => api.getAliasRequest({ by: who, params: { requestId: id }, ...bare });
    expect(await seen(eve)).toMatchObject({ mayDecide: false, now: 1, evaluation: null, rule: { role: 'admin' } });
    expect(await seen(ann)).toMatchObject({ mayDecide: true });
    expect(await code(decide(eve, id, 'approve'))).toBe('alias_protected');
    expect(await code(decide(ann, id, 'withdraw'))).toBe('forbidden');
    expect(await decide(ann, id, 'approve')).toMatchObject({ status: 'approved', decidedBy: 'ann@example.com' });
    expect(await at()).toBe(2);
    expect(reader.of(defaultProjectId).model('bot')?.model.aliases[0]?.version).toBe(2);
    await moveBy(ann, 1);
    expect(await at()).toBe(1);
  });

  it('with gates move when these hold in the newest evaluation of both versions, and back without', async () => {
    await moveBy(ann, 1);
    await rule('admin', false, ['exact >= baseline']);
    const refused = { code: 'gate_not_held' };
    await expect(moveBy(ann, 2)).rejects.toMatchObject({
      ...refused,
      message: expect.stringContaining('bot@1 against bot@2'),
    });
    const result = { text: 'exact >= baseline', sentence: 'So it is.' };
    for (const state of ['failed', 'inconclusive', 'not_measured'] as const) {
      decided = { evaluation: 'ev_1' as EvaluationId, results: [{ ...result, state }] };
      await expect(moveBy(ann, 2)).rejects.toMatchObject({ ...refused, message: expect.stringContaining('in ev_1') });
    }
    const { id } = await ask(eve, 2);
    await expect(decide(ann, id, 'approve')).rejects.toMatchObject(refused);
    expect(await at()).toBe(1);
    decided = { evaluation: 'ev_1' as EvaluationId, results: [{ ...result, state: 'held' }] };
    await moveBy(ann, 2);
    decided = { evaluation: null, results: [] };
    await api.rollBackAlias({ by: ann, params: { name: 'bot', alias: 'production' }, ...bare });
    expect(await at()).toBe(1);
  });

  it('under review are moved by two, but taken back by one', async () => {
    await moveBy(ann, 1);
    await rule('admin', true);
    expect(await code(moveBy(ann, 2))).toBe('alias_protected');
    const { id } = await ask(ann, 2);
    expect(await code(decide(ann, id, 'approve'))).toBe('alias_protected');
    expect(await code(decide(eve, id, 'approve'))).toBe('alias_protected');
    expect(await decide(by, id, 'approve')).toMatchObject({ status: 'approved' });
    expect(await at()).toBe(2);
    await api.rollBackAlias({ by: ann, params: { name: 'bot', alias: 'production' }, ...bare });
    expect(await at()).toBe(1);
    const again = await ask(ann, 2);
    expect(await decide(ann, again.id, 'withdraw')).toMatchObject({ status: 'withdrawn' });
  });
});
