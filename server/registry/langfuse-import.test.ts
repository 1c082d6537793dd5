import { type Caller, defaultProjectId, type JsonObject } from '@wheelhouse/core/records';
import { findVersion } from '@wheelhouse/core/route';
import { fakeAliasRuleStore, fakeAuditStore, fakeModelStore } from '@wheelhouse/testing/fakes';
import { describe, expect, it } from 'vitest';
import { createSchemaChecker } from '../tools/schema-checker.ts';
import { createClock, systemRandom } from '../world.ts';
import { createDeploymentReader } from './deployment-reader.ts';
import { createImportHandlers, type ImportDeps } from './langfuse-import.ts';
import { createLangfusePrompts } from './langfuse-prompts.ts';

const by: Caller = {
  ...{ project: defaultProjectId, actor: 'eve', role: 'editor' },
  ...{ key: null, person: null, team: null },
};

/** A registry of its own; what it asks others over HTTP is answered by `other`. */
function openRegistry(other: ReturnType<typeof createLangfusePrompts> | null = null) {
  const audit = fakeAuditStore();
  const models = fakeModelStore(audit);
  const rules = fakeAliasRuleStore(audit, models);
  const live = createDeploymentReader(models, () => [by.project]);
  const asked: string[] = [];
  const deps: ImportDeps = {
    ...{ models, rules, feed: { publish: () => {} }, checker: createSchemaChecker() },
    gates: { decide: async () => ({ evaluation: null, results: [] }), blocker: async () => null },
    ...{ clock: createClock(), random: systemRandom },
    reader: (project) => live.of(project),
    find: (project) => (ref) => findVersion(ref, { find: (name) => live.of(project).model(name) }),
    changed: () => live.refresh(),
    http: {
      async call({ url, method, headers }) {
        asked.push(`${headers.authorization} ${url}`);
        const { pathname, searchParams } = new URL(url);
        if (other === null) return { status: 401, headers: {}, body: '{}' };
        const path = pathname.replace('/api/public/v2/prompts', '');
        const answer = await other.answer({ method, path, query: searchParams, by, body: async () => ({}) });
        return { status: answer.status, headers: {}, body: JSON.stringify(answer.body) };
      },
    },
  };
  return {
    models,
    rules,
    asked,
    refresh: () => live.refresh(),
    prompts: createLangfusePrompts(deps),
    ...createImportHandlers(deps),
  };
}

const take = (registry: ReturnType<typeof openRegistry>, body: object) =>
  registry.importLangfusePrompts({ by, params: {}, query: undefined, body: body as never });
const from = { url: 'https://langfuse.example/', publicKey: 'pk', secretKey: 'sk' };

describe('the import of prompts from Langfuse', () => {
  it('takes every version over from its API, in order, with labels and tags, and once only', async () => {
    const there = openRegistry();
    const keep = (body: JsonObject) =>
      there.prompts.answer({ method: 'POST', path: '', query: new URLSearchParams(), by, body: async () => body });
    const config = { model: 'sim/echo', temperature: 0 };
    await keep({ name: 'Tone', prompt: 'Be {{tone}}.', config, labels: ['production'], commitMessage: 'first' });
    await keep({ name: 'Tone', prompt: 'Be very {{tone}}.', config, labels: ['staging'], tags: ['voice'] });
    const chat = [{ role: 'system', content: '@@@langfusePrompt:name=Tone|label=production@@@ Now.' }];
    await keep({ name: 'Team/Chat', type: 'chat', prompt: chat, config, labels: ['production'] });

    const here = openRegistry(there.prompts);
    const { data } = await take(here, { from });
    expect(data).toMatchObject([
      { from: { name: 'team-chat', version: 1 }, model: 'team-chat', version: 1, aliases: ['production'] },
      { from: { name: 'tone', version: 1 }, model: 'tone', version: 1, aliases: ['production'], problem: null },
      { from: { name: 'tone', version: 2 }, model: 'tone', version: 2, aliases: ['staging'] },
    ]);
    expect(here.asked[0]).toBe(
      `Basic ${btoa('pk:sk')} https://langfuse.example/api/public/v2/prompts?page=1&limit=100`,
    );
    expect(await here.models.get(by.project, 'tone')).toMatchObject({ latest: 2, tags: ['voice'] });
    const [, first] = await here.models.versions(by.project, 'tone');
    expect(first).toMatchObject({
      message: 'first',
      definition: { flavor: 'prompt', baseModel: 'sim/echo', template: 'Be {{tone}}.', parameters: { temperature: 0 } },
    });
    expect((await take(here, { from, names: ['team-chat'] })).data).toMatchObject([{ model: 'team-chat', version: 1 }]);
    expect(await here.models.get(by.project, 'team-chat')).toMatchObject({ latest: 1 });
  });

  it('takes prompts over from JSON, says of each what came of it, and keeps to the rules of aliases', async () => {
    const here = openRegistry();
    await here.rules.setRule(by, { alias: 'production', role: 'admin', review: false, gates: [] });
    const { data } = await take(here, {
      baseModel: 'sim/echo',
      prompts: [
        { name: 'good', version: 4, prompt: 'Hello {{name}}', labels: ['production', 'latest', 'tried'] },
        { name: 'open', version: 1, prompt: '{{#broken}}' },
        { name: '///', version: 1, prompt: 'x' },
      ],
    });
    expect(data).toMatchObject([
      { model: 'open', version: null, problem: expect.stringContaining('broken') },
      { model: '', version: null, problem: expect.stringContaining('no name') },
      { model: 'good', version: 1, aliases: ['tried'], problem: expect.stringContaining('protected') },
    ]);
    expect(await here.models.get(by.project, 'open')).toBeNull();
  });

  it('moves no label to what its callers may fail with, unless that is meant, and publishes nothing for it', async () => {
    const here = openRegistry();
    const prompt = (version: number, text: string) => ({
      name: 'greeter',
      version,
      prompt: text,
      labels: ['production'],
    });
    const bring = async (version: number, text: string, breaking = false) =>
      (await take(here, { baseModel: 'sim/echo', breaking, prompts: [prompt(version, text)] })).data;
    const at = async () => (await here.models.get(by.project, 'greeter'))?.aliases;
    await bring(1, 'Hello {{name}}');
    expect(await bring(2, 'Hello {{name}} of {{town}}')).toMatchObject([
      { version: 2, aliases: [], problem: expect.stringContaining('town') },
    ]);
    expect(await at()).toMatchObject([{ alias: 'production', version: 1 }]);
    expect(await bring(2, 'Hello {{name}} of {{town}}', true)).toMatchObject([
      { version: 2, aliases: ['production'], problem: null },
    ]);
    const keep = (body: JsonObject) =>
      here.prompts.answer({ method: 'POST', path: '', query: new URLSearchParams(), by, body: async () => body });
    await expect(keep(prompt(0, 'Hello {{name}} of {{town}}, {{land}}'))).rejects.toMatchObject({ param: 'breaking' });
    expect(await here.models.get(by.project, 'greeter')).toMatchObject({ latest: 2 });
  });

  it('lists a prompt that Langfuse has no word for, and says so of that prompt alone', async () => {
    const here = openRegistry();
    await take(here, { baseModel: 'sim/echo', prompts: [{ name: 'plain', version: 1, prompt: 'Hello' }] });
    const picture = { type: 'image_url', image_url: { url: '{{url}}' } };
    const definition = {
      flavor: 'prompt',
      baseModel: 'sim/echo',
      parameters: {},
      messages: [{ role: 'user', content: [picture] }],
    };
    const signature = { input: {}, output: {} };
    await here.models.publish(by, 'plain', {
      definition,
      signature,
      hash: 'h',
      example: null,
      message: '',
      madeFrom: [],
    });
    await here.refresh();
    const ask = (path: string, query = '') =>
      here.prompts.answer({ method: 'GET', path, query: new URLSearchParams(query), by, body: async () => ({}) });
    expect(await ask('')).toMatchObject({ body: { data: [{ name: 'plain', type: 'chat', versions: [1, 2] }] } });
    expect(await ask('/plain', 'version=1')).toMatchObject({ body: { prompt: 'Hello' } });
    await expect(ask('/plain', 'label=latest')).rejects.toMatchObject({ code: 'invalid_request' });
    await expect(ask('/%E0%A4%A')).rejects.toMatchObject({ code: 'not_found' });
    await expect(ask('/plain/versions/1')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('says what the other address refused', async () => {
    await expect(take(openRegistry(), { from })).rejects.toMatchObject({ code: 'upstream_refused' });
    await expect(take(openRegistry(), {})).rejects.toMatchObject({ code: 'invalid_request', param: 'from' });
  });
});
