import type { DeploymentReader } from '@wheelhouse/core/ports';
import { defaultProjectId, type ModelId } from '@wheelhouse/core/records';
import { fakeModelStore } from '@wheelhouse/testing/fakes';
import { expect, it } from 'vitest';
import { createDeploymentReader } from './deployment-reader.ts';

it('keeps the object of a version, and with it what was made of it, when something else changes', async () => {
  const store = fakeModelStore();
  const by = { project: defaultProjectId, actor: 'ada' };
  const content = {
    ...{ hash: 'a', definition: { flavor: 'base', baseModel: 'sim/echo' }, signature: { input: {}, output: {} } },
    ...{ example: null, message: '', madeFrom: [] },
  };
  await store.create(by, { id: 'md_1' as ModelId, name: 'bot', description: '', tags: [], owner: null });
  await store.publish(by, 'bot', content);
  // A store gives new objects each time that it is read.
  const models = createDeploymentReader(
    { snapshot: async (project) => structuredClone(await store.snapshot(project)) },
    () => [defaultProjectId],
  );
  const version = (reader: DeploymentReader, number: number) => reader.model('bot')?.versions.get(number);
  await models.refresh();
  const first = version(models.of(defaultProjectId), 1);
  await store.publish(by, 'bot', { ...content, hash: 'b' });
  await models.refresh();
  expect(first).toBeDefined();
  expect(version(models.of(defaultProjectId), 1)).toBe(first);
  expect(version(models.of(defaultProjectId), 2)?.hash).toBe('b');
});
