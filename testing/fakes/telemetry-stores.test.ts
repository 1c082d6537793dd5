import {
  cellStoreConformance,
  exampleStoreConformance,
  scoreStoreConformance,
  spanStoreConformance,
} from '../conformance/index.ts';
import { fakeCellStore, fakeExampleStore, fakeScoreStore, fakeSpanStore } from './index.ts';

async function open() {
  const scores = fakeScoreStore();
  return {
    scores,
    spans: fakeSpanStore(scores),
    cells: fakeCellStore(),
    examples: fakeExampleStore(),
    close: async () => {},
  };
}

spanStoreConformance('fake', open);
scoreStoreConformance('fake', open);
cellStoreConformance('fake', open);
exampleStoreConformance('fake', open);
