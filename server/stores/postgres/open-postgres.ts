import type {
  AbuseStore,
  AccessStore,
  AliasRuleStore,
  AllowanceStore,
  AttachmentStore,
  AuditStore,
  BatchStore,
  ChannelStore,
  CommentStore,
  ControlStore,
  DashboardStore,
  DatasetJobStore,
  DatasetRuleStore,
  DatasetStore,
  DeadLetterStore,
  DeletionStore,
  DueWork,
  EvaluationStore,
  FeedbackKeyStore,
  FileStore,
  IssueStore,
  JobStore,
  LedgerStore,
  LineageStore,
  ModelHostStore,
  ModelStore,
  MonitorStore,
  OnlineStore,
  OptimizationStore,
  PipelineStore,
  PriceStore,
  ProjectRecordsEraser,
  ProjectRemovalStore,
  ProviderStore,
  ReleaseStore,
  RenormalizationStore,
  RepricingStore,
  ResponseStore,
  RetentionStore,
  ReviewStore,
  ScoringStore,
  TraceExportStore,
  TrackingStore,
  ViewStore,
} from '@wheelhouse/core/ports';
import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import type { Logger } from 'pino';
import { createAbuseStore } from './abuse-store.ts';
import { createAccessStore } from './access-store.ts';
import { createAliasRuleStore } from './alias-rule-store.ts';
import { createAllowanceStore } from './allowance-store.ts';
import { createAttachmentStore } from './attachment-store.ts';
import { createAuditStore } from './audit-store.ts';
import { createBatchStore } from './batch-store.ts';
import { createChannelStore } from './channel-store.ts';
import { createCommentStore } from './comment-store.ts';
import { createControlStore } from './control-store.ts';
import { createDashboardStore } from './dashboard-store.ts';
import type { Database } from './database.ts';
import { createDatasetJobStore, createDatasetRuleStore } from './dataset-job-store.ts';
import { createDatasetStore } from './dataset-store.ts';
import { createDeletionStore } from './deletion-store.ts';
import { createDueWork } from './due-work.ts';
import { createEvaluationStore } from './evaluation-store.ts';
import { createExportStore } from './export-store.ts';
import { createFeedbackKeyStore } from './feedback-key-store.ts';
import { createFileStore, createResponseStore } from './file-store.ts';
import { createIssueStore } from './issue-store.ts';
import { createJobStore, migrateJobs } from './job-store.ts';
import { createDeadLetterStore, createLedgerStore } from './ledger-store.ts';
import { createLineageStore } from './lineage-store.ts';
import { migrateRecords } from './migrate.ts';
import { createModelHostStore } from './model-host-store.ts';
import { createModelStore } from './model-store.ts';
import { createMonitorStore } from './monitor-store.ts';
import { createOnlineStore } from './online-store.ts';
import { createOptimizationStore } from './optimization-store.ts';
import { createPipelineStore } from './pipeline-store.ts';
import { createPriceStore, createRepricingStore } from './price-store.ts';
import { createProjectEraser } from './project-eraser.ts';
import { createProviderStore } from './provider-store.ts';
import { createReleaseStore } from './release-store.ts';
import { createRemovalStore } from './removal-store.ts';
import { createRenormalizationStore } from './renormalization-store.ts';
import { createRetentionStore } from './retention-store.ts';
import { createReviewStore } from './review-store.ts';
import { createScoringStore } from './scoring-store.ts';
import { withStoreErrors } from './store-errors.ts';
import { createTrackingStore } from './tracking-store.ts';
import { createViewStore } from './view-store.ts';

const connectTimeoutMs = 10_000;
const connections = 10;
/** Servers hear of a change within some 300 ms. */
const shareLeadMs = 2_000;

export type PostgresOptions = {
  /** `postgres://user@host/database`; a Unix socket's folder as `?host=/folder`. */
  url: string;
  /** Whether other servers are on these records. */
  shared?: boolean;
  log?: Pick<Logger, 'warn'>;
};

export type Postgres = {
  access: AccessStore;
  models: ModelStore;
  aliasRules: AliasRuleStore;
  comments: CommentStore;
  lineage: LineageStore;
  audit: AuditStore;
  datasets: DatasetStore;
  datasetJobs: DatasetJobStore;
  datasetRules: DatasetRuleStore;
  evaluations: EvaluationStore;
  review: ReviewStore;
  feedbackKeys: FeedbackKeyStore;
  tracking: TrackingStore;
  jobs: JobStore;
  ledgers: LedgerStore;
  deadLetters: DeadLetterStore;
  prices: PriceStore;
  repricings: RepricingStore;
  providers: ProviderStore;
  hosts: ModelHostStore;
  views: ViewStore;
  deletions: DeletionStore;
  releases: ReleaseStore;
  renormalizations: RenormalizationStore;
  scorings: ScoringStore;
  abuse: AbuseStore;
  issues: IssueStore;
  monitors: MonitorStore;
  channels: ChannelStore;
  dashboards: DashboardStore;
  online: OnlineStore;
  dueWork: DueWork;
  optimizations: OptimizationStore;
  pipelines: PipelineStore;
  retention: RetentionStore;
  exports: TraceExportStore;
  controls: ControlStore;
  allowances: AllowanceStore;
  attachments: AttachmentStore;
  files: FileStore;
  batches: BatchStore;
  responses: ResponseStore;
  removals: ProjectRemovalStore;
  eraser: ProjectRecordsEraser;
  /** Brings all tables to the newest form; safe when several replicas start at once. */
  migrate(): Promise<void>;
  /** Rejects with `store_unavailable` while the database does not answer. */
  ping(): Promise<void>;
  /** Ends the connections; stop the job queue before. */
  close(): Promise<void>;
};

/** The record stores, over any Postgres. Connects when first used. */
export function openPostgres(options: PostgresOptions): Postgres {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: connections,
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    application_name: 'wheelhouse',
  });
  // A connection that breaks is replaced at the next use. Without listeners it would end the process: the pool's hears of
  // idle ones, the client's of one that is held between two queries of a transaction.
  pool.on('error', (error) => options.log?.warn({ err: error }, 'a connection to Postgres broke'));
  pool.on('connect', (client) => client.on('error', () => {}));
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) }).withSchema('wheelhouse');
  const jobs = createJobStore({ pool, db, ...(options.log && { log: options.log }) });

  const control = withStoreErrors({
    async migrate() {
      await migrateRecords(db);
      await migrateJobs(pool);
    },
    async ping() {
      await sql`select 1`.execute(db);
    },
  });
  return {
    access: withStoreErrors(createAccessStore(db)),
    models: withStoreErrors(createModelStore(db)),
    aliasRules: withStoreErrors(createAliasRuleStore(db)),
    comments: withStoreErrors(createCommentStore(db)),
    lineage: withStoreErrors(createLineageStore(db)),
    audit: withStoreErrors(createAuditStore(db)),
    datasets: withStoreErrors(createDatasetStore(db)),
    datasetJobs: withStoreErrors(createDatasetJobStore(db)),
    datasetRules: withStoreErrors(createDatasetRuleStore(db)),
    evaluations: withStoreErrors(createEvaluationStore(db)),
    review: withStoreErrors(createReviewStore(db)),
    feedbackKeys: withStoreErrors(createFeedbackKeyStore(db)),
    tracking: withStoreErrors(createTrackingStore(db)),
    jobs: withStoreErrors(jobs.store),
    ledgers: withStoreErrors(createLedgerStore(db)),
    deadLetters: withStoreErrors(createDeadLetterStore(db)),
    prices: withStoreErrors(createPriceStore(db)),
    repricings: withStoreErrors(createRepricingStore(db)),
    providers: withStoreErrors(createProviderStore(db)),
    hosts: withStoreErrors(createModelHostStore(db)),
    views: withStoreErrors(createViewStore(db)),
    deletions: withStoreErrors(createDeletionStore(db)),
    releases: withStoreErrors(createReleaseStore(db, { leadMs: options.shared ? shareLeadMs : 0 })),
    renormalizations: withStoreErrors(createRenormalizationStore(db)),
    scorings: withStoreErrors(createScoringStore(db)),
    abuse: withStoreErrors(createAbuseStore(db)),
    issues: withStoreErrors(createIssueStore(db)),
    monitors: withStoreErrors(createMonitorStore(db)),
    channels: withStoreErrors(createChannelStore(db)),
    dashboards: withStoreErrors(createDashboardStore(db)),
    online: withStoreErrors(createOnlineStore(db)),
    dueWork: withStoreErrors(createDueWork(db)),
    optimizations: withStoreErrors(createOptimizationStore(db)),
    pipelines: withStoreErrors(createPipelineStore(db)),
    exports: withStoreErrors(createExportStore(db)),
    retention: withStoreErrors(createRetentionStore(db)),
    controls: withStoreErrors(createControlStore(db)),
    allowances: withStoreErrors(createAllowanceStore(db)),
    attachments: withStoreErrors(createAttachmentStore(db)),
    files: withStoreErrors(createFileStore(db)),
    batches: withStoreErrors(createBatchStore(db)),
    responses: withStoreErrors(createResponseStore(db)),
    removals: withStoreErrors(createRemovalStore(db)),
    eraser: withStoreErrors(createProjectEraser(db)),
    ...control,
    async close() {
      await jobs.close();
      await pool.end();
    },
  };
}
