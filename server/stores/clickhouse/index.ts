export { type ClickHouse, openClickHouse } from './open-clickhouse.ts';
export { openSpanWriter, type SpanWriter } from './span-writer.ts';
