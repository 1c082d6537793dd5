export { createDeadLetters } from './dead-letters.ts';
export { openLedger, serverOf } from './keep-ledger.ts';
export { createLedgerHandlers } from './ledger-handlers.ts';
export { createOtlpHandler } from './otlp-http.ts';
export { createSpanSink, newToken } from './span-sink.ts';
export { openSpill } from './spill.ts';
export { createVendorDoors } from './vendor-doors.ts';
