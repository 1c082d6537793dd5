import {
  auditStoreConformance,
  comparisonStoreConformance,
  datasetStoreConformance,
  modelStoreConformance,
} from '../conformance/index.ts';
import { fakeAuditStore, fakeComparisonStore, fakeDatasetStore, fakeModelStore } from './index.ts';

async function open() {
  const audit = fakeAuditStore();
  return {
    audit,
    models: fakeModelStore(audit),
    datasets: fakeDatasetStore(audit),
    comparisons: fakeComparisonStore(audit),
    close: async () => {},
  };
}

auditStoreConformance('fake', open);
modelStoreConformance('fake', open);
datasetStoreConformance('fake', open);
comparisonStoreConformance('fake', open);
