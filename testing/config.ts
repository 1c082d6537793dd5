/** What tests read of the environment. */
export const testConfig = {
  path: process.env.PATH ?? '',
  /** A Postgres server on which the tests may create databases. */
  databaseUrl: process.env.TEST_DATABASE_URL ?? null,
  /** A ClickHouse server on which the tests may create databases. */
  clickhouseUrl: process.env.TEST_CLICKHOUSE_URL ?? null,
};
