import type { Span } from '@wheelhouse/core/records';
import {
  abuseTelemetryConformance,
  callCostsConformance,
  cellStoreConformance,
  exampleStoreConformance,
  metricHistoryConformance,
  modelTrafficConformance,
  scoreStoreConformance,
  spanFinderConformance,
  spanFragmentsConformance,
  spanStoreConformance,
  traceFactsConformance,
} from '../conformance/index.ts';
import {
  fakeAbuseTelemetry,
  fakeCallCosts,
  fakeCellStore,
  fakeExampleStore,
  fakeMetricHistory,
  fakeModelTraffic,
  fakeScoreStore,
  fakeSpanFinder,
  fakeSpanFragments,
  fakeSpanStore,
  fakeTraceFacts,
} from './index.ts';

async function open() {
  const scores = fakeScoreStore();
  return {
    scores,
    spans: fakeSpanStore(scores),
    cells: fakeCellStore(),
    examples: fakeExampleStore(),
    metricHistory: fakeMetricHistory(),
    close: async () => {},
  };
}

abuseTelemetryConformance('fake', async () => ({ abuse: fakeAbuseTelemetry(), close: async () => {} }));
spanStoreConformance('fake', open);
scoreStoreConformance('fake', open);
traceFactsConformance('fake', async () => {
  const world = await open();
  return { ...world, facts: fakeTraceFacts(world.spans) };
});
cellStoreConformance('fake', open);
exampleStoreConformance('fake', open);
metricHistoryConformance('fake', open);
callCostsConformance('fake', async () => {
  const costs = fakeCallCosts();
  return { costs, spans: costs, close: async () => {} };
});
spanFinderConformance('fake', async () => {
  const fragments: Span[] = [];
  const append = async (spans: Span[]) => void fragments.push(...spans);
  return { finder: fakeSpanFinder(fragments), spans: { append }, close: async () => {} };
});
spanFragmentsConformance('fake', async () => {
  const fragments: Span[] = [];
  const append = async (spans: Span[]) => void fragments.push(...spans);
  return { fragments: fakeSpanFragments(fragments), spans: { append }, close: async () => {} };
});
modelTrafficConformance('fake', async () => {
  const fragments: Span[] = [];
  const append = async (spans: Span[]) => void fragments.push(...spans);
  const scores = fakeScoreStore();
  return {
    ...{ scores, spans: { append }, traffic: fakeModelTraffic(fragments, scores) },
    ...{ settle: async () => {}, close: async () => {} },
  };
});
