import { type DatasetId, defaultProjectId } from '@wheelhouse/core/records';
import { fakeAuditStore, fakeDatasetRuleStore, fakeDatasetStore, fakeExampleStore } from '@wheelhouse/testing/fakes';
import { expect, test } from 'vitest';
import { createSchemaChecker } from '../tools/schema-checker.ts';
import { createRuleFeed } from './index.ts';

test('a rule that is paused feeds nothing until it goes on', async () => {
  const by = { project: defaultProjectId, actor: 'ada' };
  const audit = fakeAuditStore();
  const datasets = fakeDatasetStore(audit);
  const datasetRules = fakeDatasetRuleStore(audit);
  await datasets.create(by, { id: 'ds_1' as DatasetId, name: 'qa', description: '' });
  const feed = createRuleFeed({
    ...{ datasets, datasetRules, examples: fakeExampleStore(), checker: createSchemaChecker() },
    clock: { now: () => 0n },
    random: { bytes: (count) => new Uint8Array(count) },
    wholeSpans: { async *ofTraces() {} },
    feed: { publish: () => {} },
  });
  const standing = async () => (await feed.all()).map(({ id }) => id);
  const given = { q: 'status:ok', sample: 1, expected: true, tags: [] };
  await datasetRules.create(by, 'qa', { ...given, id: 'dr_1' });
  await datasetRules.create(by, 'qa', { ...given, id: 'dr_2' });
  await datasetRules.pause(by, 'qa', { id: 'dr_1', paused: true });
  expect(await standing()).toEqual(['dr_2']);
  await datasetRules.pause(by, 'qa', { id: 'dr_1', paused: false });
  expect(await standing()).toEqual(['dr_2', 'dr_1']);
});
