import {
  accessStoreConformance,
  aliasRuleStoreConformance,
  allowanceStoreConformance,
  attachmentStoreConformance,
  auditStoreConformance,
  batchStoreConformance,
  commentStoreConformance,
  comparisonStoreConformance,
  controlStoreConformance,
  datasetStoreConformance,
  deletionStoreConformance,
  exportStoreConformance,
  fileStoreConformance,
  ledgerStoreConformance,
  lineageStoreConformance,
  modelHostStoreConformance,
  modelStoreConformance,
  priceStoreConformance,
  providerStoreConformance,
  renormalizationStoreConformance,
  responseStoreConformance,
  retentionStoreConformance,
  viewStoreConformance,
} from '../conformance/index.ts';
import {
  fakeAccess,
  fakeAliasRuleStore,
  fakeAllowanceStore,
  fakeAttachmentStore,
  fakeAuditStore,
  fakeBatchStore,
  fakeCommentStore,
  fakeComparisonStore,
  fakeControlStore,
  fakeDatasetStore,
  fakeDeadLetterStore,
  fakeDeletionStore,
  fakeExportStore,
  fakeFileStore,
  fakeLedgerStore,
  fakeLineageStore,
  fakeModelHostStore,
  fakeModelStore,
  fakePriceStore,
  fakeProviderStore,
  fakeRenormalizationStore,
  fakeRepricingStore,
  fakeResponseStore,
  fakeRetentionStore,
  fakeViewStore,
} from './index.ts';

async function open() {
  const audit = fakeAuditStore();
  const records = {
    models: fakeModelStore(audit),
    datasets: fakeDatasetStore(audit),
    comparisons: fakeComparisonStore(audit),
  };
  return {
    audit,
    ...fakeAccess(audit),
    ...records,
    aliasRules: fakeAliasRuleStore(audit, records.models),
    comments: fakeCommentStore(audit),
    lineage: fakeLineageStore(records),
    ledgers: fakeLedgerStore(audit),
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
    exports: fakeExportStore(audit),
    renormalizations: fakeRenormalizationStore(audit),
    close: async () => {},
  };
}

attachmentStoreConformance('fake', open);
accessStoreConformance('fake', open);
auditStoreConformance('fake', open);
modelStoreConformance('fake', open);
aliasRuleStoreConformance('fake', open);
commentStoreConformance('fake', open);
lineageStoreConformance('fake', open);
datasetStoreConformance('fake', open);
comparisonStoreConformance('fake', open);
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
exportStoreConformance('fake', open);
renormalizationStoreConformance('fake', open);
