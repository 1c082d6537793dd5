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
import {
  fakeAbuseStore,
  fakeAccess,
  fakeAliasRuleStore,
  fakeAllowanceStore,
  fakeAttachmentStore,
  fakeAuditStore,
  fakeBatchStore,
  fakeCommentStore,
  fakeControlStore,
  fakeDashboardStore,
  fakeDatasetJobStore,
  fakeDatasetRuleStore,
  fakeDatasetStore,
  fakeDeadLetterStore,
  fakeDeletionStore,
  fakeEvaluationStore,
  fakeExportStore,
  fakeFeedbackKeyStore,
  fakeFileStore,
  fakeLedgerStore,
  fakeLineageStore,
  fakeModelHostStore,
  fakeModelStore,
  fakeMonitorStore,
  fakeOnlineStore,
  fakeOptimizationStore,
  fakePipelineStore,
  fakePriceStore,
  fakeProviderStore,
  fakeReleaseStore,
  fakeRenormalizationStore,
  fakeRepricingStore,
  fakeResponseStore,
  fakeRetentionStore,
  fakeReviewStore,
  fakeScoringStore,
  fakeTrackingStore,
  fakeViewStore,
} from './index.ts';

async function open() {
  const audit = fakeAuditStore();
  const access = fakeAccess(audit);
  const datasetJobs = fakeDatasetJobStore(audit);
  const records = {
    abuse: fakeAbuseStore(audit),
    models: fakeModelStore(audit),
    datasets: fakeDatasetStore(audit, datasetJobs),
    datasetJobs,
    datasetRules: fakeDatasetRuleStore(audit),
    evaluations: fakeEvaluationStore(audit),
  };
  return {
    audit,
    ...access,
    ...records,
    aliasRules: fakeAliasRuleStore(audit, records.models),
    comments: fakeCommentStore(audit),
    lineage: fakeLineageStore(records),
    ledgers: fakeLedgerStore(audit, access.access),
    deadLetters: fakeDeadLetterStore(audit),
    prices: fakePriceStore(audit),
    repricings: fakeRepricingStore(audit),
    providers: fakeProviderStore(audit),
    hosts: fakeModelHostStore(audit),
    views: fakeViewStore(audit),
    deletions: fakeDeletionStore(audit),
    controls: fakeControlStore(audit),
    allowances: fakeAllowanceStore(() => Date.now()),
    attachments: fakeAttachmentStore(),
    files: fakeFileStore(audit),
    batches: fakeBatchStore(audit),
    responses: fakeResponseStore(),
    retention: fakeRetentionStore(audit),
    review: fakeReviewStore(audit),
    tracking: fakeTrackingStore(audit),
    feedbackKeys: fakeFeedbackKeyStore(audit),
    exports: fakeExportStore(audit),
    renormalizations: fakeRenormalizationStore(audit),
    scorings: fakeScoringStore(audit),
    ...fakeMonitorStore(audit),
    dashboards: fakeDashboardStore(audit),
    online: fakeOnlineStore(audit),
    optimizations: fakeOptimizationStore(audit),
    pipelines: fakePipelineStore(audit),
    close: async () => {},
  };
}

attachmentStoreConformance('fake', open);
abuseStoreConformance('fake', open);
accessStoreConformance('fake', open);
auditStoreConformance('fake', open);
modelStoreConformance('fake', open);
aliasRuleStoreConformance('fake', open);
commentStoreConformance('fake', open);
lineageStoreConformance('fake', open);
datasetStoreConformance('fake', open);
datasetVersionConformance('fake', open);
evaluationStoreConformance('fake', open);
ledgerStoreConformance('fake', open);
priceStoreConformance('fake', open);
providerStoreConformance('fake', open);
modelHostStoreConformance('fake', open);
viewStoreConformance('fake', open);
deletionStoreConformance('fake', open);
controlStoreConformance('fake', open);
allowanceStoreConformance('fake', open);
fileStoreConformance('fake', open);
batchStoreConformance('fake', open);
responseStoreConformance('fake', open);
retentionStoreConformance('fake', open);
reviewStoreConformance('fake', open);
trackingStoreConformance('fake', open);
exportStoreConformance('fake', open);
releaseStoreConformance('fake', async () => {
  const { audit, models, close } = await open();
  return { audit, close, ...fakeReleaseStore(audit, models) };
});
renormalizationStoreConformance('fake', open);
scoringStoreConformance('fake', open);
monitorStoreConformance('fake', open);
onlineStoreConformance('fake', open);
dashboardStoreConformance('fake', open);
optimizationStoreConformance('fake', open);
pipelineStoreConformance('fake', open);
