export type { ExportCounts } from './exporter.ts';
export type { LangChainHandler } from './langchain.ts';
export type { ContextManager, Span, Tracer, TracerProvider } from './otel-types.ts';
export type { Scope } from './scope.ts';
export { startTracing, type TraceScope, type Tracing, type TracingOptions } from './start-tracing.ts';
export type { SpanKind, SpanSettings } from './traced.ts';
