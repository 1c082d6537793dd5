export { type ClickHouse, openClickHouse } from './open-clickhouse.ts';
