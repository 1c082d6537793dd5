export { createOtlpHandler } from './otlp-http.ts';
export { createSpanSink } from './span-sink.ts';
