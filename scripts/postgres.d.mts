/** The server that `TEST_DATABASE_URL` names, or the folder of `initdb` and `pg_ctl`; null when there is neither. */
export function findPostgres(env: NodeJS.ProcessEnv): { url: string } | { programs: string } | null;
