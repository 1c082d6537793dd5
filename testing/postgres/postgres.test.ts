import { defaultProjectId, type ModelId } from '@wheelhouse/core/records';
import { openJobs } from '@wheelhouse/server/jobs/index';
import { openPostgres, type Postgres } from '@wheelhouse/server/stores/postgres/index';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  abuseStoreConformance,
  accessStoreConformance,
  aliasRuleStoreConformance,
  allowanceStoreConformance,
  attachmentStoreConformance,
  auditStoreConformance,
  batchStoreConformance,
  commentStoreConformance,
  controlStoreConformance,
  dashboardStoreConformance,
  datasetStoreConformance,
  datasetVersionConformance,
  deletionStoreConformance,
  evaluationStoreConformance,
  exportStoreConformance,
  fileStoreConformance,
  issueStoreConformance,
  jobQueueConformance,
  ledgerStoreConformance,
  lineageStoreConformance,
  modelHostStoreConformance,
  modelStoreConformance,
  monitorStoreConformance,
  onlineStoreConformance,
  optimizationStoreConformance,
  pipelineStoreConformance,
  priceStoreConformance,
  providerStoreConformance,
  releaseStoreConformance,
  renormalizationStoreConformance,
  responseStoreConformance,
  retentionStoreConformance,
  reviewStoreConformance,
  scoringStoreConformance,
  trackingStoreConformance,
  viewStoreConformance,
} from '../conformance/index.ts';
import { dueWorkTests } from './due-work-tests.ts';
import { postgresEngines, type TestDatabase } from './index.ts';
import { jobHoldTests } from './job-hold-tests.ts';
import { projectEraserTests } from './project-eraser-tests.ts';
import { transactionTests } from './transaction-tests.ts';

const by = { project: defaultProjectId, actor: 'ada' };

for (const engine of postgresEngines())
  describe(engine.name, () => {
    let database: TestDatabase;
    let postgres: Postgres;

    beforeAll(async () => {
      database = await engine.open();
      postgres = openPostgres(database);
      await postgres.migrate();
    }, 60_000);
    afterAll(async () => {
      await postgres.close();
      await database.close();
    });

    const open = async () => ({ ...postgres, close: async () => {} });
    attachmentStoreConformance(engine.name, open);
    abuseStoreConformance(engine.name, open);
    accessStoreConformance(engine.name, open);
    auditStoreConformance(engine.name, open);
    modelStoreConformance(engine.name, open);
    aliasRuleStoreConformance(engine.name, open);
    commentStoreConformance(engine.name, open);
    lineageStoreConformance(engine.name, open);
    datasetStoreConformance(engine.name, open);
    datasetVersionConformance(engine.name, open);
    evaluationStoreConformance(engine.name, open);
    optimizationStoreConformance(engine.name, open);
    ledgerStoreConformance(engine.name, open);
    priceStoreConformance(engine.name, open);
    providerStoreConformance(engine.name, open);
    modelHostStoreConformance(engine.name, open);
    viewStoreConformance(engine.name, open);
    deletionStoreConformance(engine.name, open);
    controlStoreConformance(engine.name, open);
    allowanceStoreConformance(engine.name, open);
    fileStoreConformance(engine.name, open);
    batchStoreConformance(engine.name, open);
    responseStoreConformance(engine.name, open);
    retentionStoreConformance(engine.name, open);
    reviewStoreConformance(engine.name, open);
    trackingStoreConformance(engine.name, open);
    exportStoreConformance(engine.name, open);
    releaseStoreConformance(engine.name, open);
    renormalizationStoreConformance(engine.name, open);
    scoringStoreConformance(engine.name, open);
    onlineStoreConformance(engine.name, open);
    dashboardStoreConformance(engine.name, open);
    issueStoreConformance(engine.name, open);
    monitorStoreConformance(engine.name, open);
    pipelineStoreConformance(engine.name, open);
    jobQueueConformance(engine.name, async () => ({
      start: (options) => openJobs({ store: postgres.jobs, ...options }),
      close: async () => {},
    }));
    jobHoldTests(() => ({ database, postgres }));
    dueWorkTests(() => ({ postgres }));
    projectEraserTests(() => ({ database, postgres }));
    transactionTests(engine, () => ({ database, postgres }));

    it('migrates once, however often and by how many it is asked', async () => {
      const other = openPostgres(database);
      const before = await postgres.models.changeCounter();
      if (engine.name === 'Postgres server') await Promise.all([postgres.migrate(), other.migrate()]);
      await other.migrate();
      await other.close();
      expect(await postgres.models.changeCounter()).toBe(before);
    });

    it('makes the migration that is missing, be it an early one, and refuses one that it does not know', async () => {
      const client = new pg.Client({ connectionString: database.url });
      await client.connect();
      await client.query(`alter table wheelhouse.dataset_rules drop column paused;
        delete from wheelhouse.migrations where name = '0021-pausing-rules'`);
      await postgres.migrate();
      expect((await client.query('select paused from wheelhouse.dataset_rules')).fields).toHaveLength(1);
      await client.query("update wheelhouse.migrations set name = '9999-to-come' where name = '0021-pausing-rules'");
      await expect(postgres.migrate()).rejects.toThrow('9999-to-come');
      await client.query("update wheelhouse.migrations set name = '0021-pausing-rules' where name = '9999-to-come'");
      await client.end();
    });

    it('refuses a text that cannot be stored, in words', async () => {
      const nul = { id: 'md_nul' as ModelId, name: 'nul', tags: [], owner: null };
      const create = postgres.models.create(by, { ...nul, description: 'a \u0000' });
      await expect(create).rejects.toMatchObject({
        code: 'invalid_request',
        message: expect.stringContaining('U+0000'),
      });
    });
  });

describe('without a database', () => {
  it('says that the store is unavailable', async () => {
    const postgres = openPostgres({ url: 'postgres://postgres@localhost/postgres?host=/nowhere/at/all' });
    const away = { code: 'store_unavailable', retryable: true };
    await expect(postgres.ping()).rejects.toMatchObject(away);
    await expect(postgres.migrate()).rejects.toMatchObject(away);
    await expect(postgres.models.list(by.project, { limit: 1 })).rejects.toMatchObject(away);
    await expect(postgres.datasets.freeze(by, 'golden')).rejects.toMatchObject(away);
    await expect(postgres.jobs.take('evaluations')).rejects.toMatchObject(away);
    await postgres.close();
  });
});
