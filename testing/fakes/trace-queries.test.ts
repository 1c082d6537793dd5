import { traceQueriesConformance, wholeSpansConformance } from '../conformance/index.ts';
import { fakeScoreStore, fakeSpanStore, fakeTraceQueries, fakeWholeSpans } from './index.ts';

traceQueriesConformance('fake', async () => {
  const queries = fakeTraceQueries();
  return { queries, put: queries.put, close: async () => {} };
});

wholeSpansConformance('fake', async () => {
  const spans = fakeSpanStore(fakeScoreStore());
  return { spans, wholeSpans: fakeWholeSpans(spans), close: async () => {} };
});
