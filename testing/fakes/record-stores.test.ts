import {
  allowanceStoreConformance,
  auditStoreConformance,
  batchStoreConformance,
  comparisonStoreConformance,
  controlStoreConformance,
  datasetStoreConformance,
  deletionStoreConformance,
  exportStoreConformance,
  fileStoreConformance,
  ledgerStoreConformance,
  modelStoreConformance,
  priceStoreConformance,
  providerStoreConformance,
  renormalizationStoreConformance,
  responseStoreConformance,
  retentionStoreConformance,
  viewStoreConformance,
} from '../conformance/index.ts';
import {
  fakeAllowanceStore,
  fakeAuditStore,
  fakeBatchStore,
  fakeComparisonStore,
  fakeControlStore,
  fakeDatasetStore,
  fakeDeadLetterStore,
  fakeDeletionStore,
  fakeExportStore,
  fakeFileStore,
  fakeLedgerStore,
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
  return {
    audit,
    models: fakeModelStore(audit),
    datasets: fakeDatasetStore(audit),
    comparisons: fakeComparisonStore(audit),
    ledgers: fakeLedgerStore(audit),
    deadLetters: fakeDeadLetterStore(audit),
    prices: fakePriceStore(audit),
    repricings: fakeRepricingStore(audit),
    providers: fakeProviderStore(audit),
    views: fakeViewStore(audit),
    deletions: fakeDeletionStore(audit),
    controls: fakeControlStore(audit),
    allowances: fakeAllowanceStore(() => Date.now()),
    files: fakeFileStore(audit),
    batches: fakeBatchStore(audit),
    responses: fakeResponseStore(),
    retention: fakeRetentionStore(audit),
    exports: fakeExportStore(audit),
    renormalizations: fakeRenormalizationStore(audit),
    close: async () => {},
  };
}

auditStoreConformance('fake', open);
modelStoreConformance('fake', open);
datasetStoreConformance('fake', open);
comparisonStoreConformance('fake', open);
ledgerStoreConformance('fake', open);
priceStoreConformance('fake', open);
providerStoreConformance('fake', open);
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
