import {
  auditStoreConformance,
  comparisonStoreConformance,
  datasetStoreConformance,
  deletionStoreConformance,
  ledgerStoreConformance,
  modelStoreConformance,
  priceStoreConformance,
  viewStoreConformance,
} from '../conformance/index.ts';
import {
  fakeAuditStore,
  fakeComparisonStore,
  fakeDatasetStore,
  fakeDeadLetterStore,
  fakeDeletionStore,
  fakeLedgerStore,
  fakeModelStore,
  fakePriceStore,
  fakeRepricingStore,
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
    views: fakeViewStore(audit),
    deletions: fakeDeletionStore(audit),
    close: async () => {},
  };
}

auditStoreConformance('fake', open);
modelStoreConformance('fake', open);
datasetStoreConformance('fake', open);
comparisonStoreConformance('fake', open);
ledgerStoreConformance('fake', open);
priceStoreConformance('fake', open);
viewStoreConformance('fake', open);
deletionStoreConformance('fake', open);
