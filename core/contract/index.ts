import type { z } from 'zod';
import type * as s from './schemas.ts';

export type * from './handlers.ts';
export { openapiDocument } from './openapi.ts';
export * from './paths.ts';
export * from './routes.ts';
export * as schemas from './schemas.ts';

export type TraceSummaryBody = z.output<typeof s.traceSummary>;
export type SpanSummaryBody = z.output<typeof s.spanSummary>;
export type SpanBody = z.output<typeof s.spanDetail>;
export type TraceBody = z.output<typeof s.traceDetail>;
export type ContentBody = z.output<typeof s.content>;
export type MessageBody = z.output<typeof s.message>;
export type ScoreBody = z.output<typeof s.score>;
export type ModelBody = z.output<typeof s.model>;
export type ModelVersionBody = z.output<typeof s.modelVersion>;
export type ModelDetailBody = z.output<typeof s.modelDetail>;
export type DatasetBody = z.output<typeof s.dataset>;
export type DatasetVersionBody = z.output<typeof s.datasetVersion>;
export type ExampleBody = z.output<typeof s.example>;
export type ComparisonBody = z.output<typeof s.comparison>;
export type ComparisonRowBody = z.output<typeof s.comparisonRow>;
export type PairedResultBody = z.output<typeof s.pairedResult>;
export type AuditEntryBody = z.output<typeof s.auditEntry>;
export type ServerInfoBody = z.output<typeof s.serverInfo>;
export type LiveMessage = z.output<typeof s.liveMessage>;
export type ErrorBody = z.output<typeof s.errorBody>;
