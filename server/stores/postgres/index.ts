export { openPostgres, type Postgres, type PostgresOptions } from './open-postgres.ts';
