export { createLedger, createLedgerHandlers } from './ledger.ts';
export { createOtlpHandler } from './otlp-http.ts';
export { createSpanSink, newToken } from './span-sink.ts';
export { openSpill } from './spill.ts';
