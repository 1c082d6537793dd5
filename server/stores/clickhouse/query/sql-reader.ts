import { ClickHouseError } from '@clickhouse/client';
import type { SqlAnswer, SqlReader } from '@wheelhouse/core/ports';
import { type ProjectId, WheelhouseError } from '@wheelhouse/core/records';
import type { Database } from '../database.ts';
import { checkSql } from './check-sql.ts';
import { sqlTables } from './sql-tables.ts';

/** What one statement may take. */
const bounds = {
  max_memory_usage: String(1 << 30),
  max_result_bytes: String(64 << 20),
  max_threads: 2,
  // Their order is the user's.
  query_plan_remove_redundant_sorting: 0,
} as const;
/** More wait in line: the lists of everybody else read from the same engine. */
const atOnce = 2;

/** The engine's sentence, without its frame, our prelude and the names of what users do not see. */
function reasonOf(error: ClickHouseError): string {
  const text = error.message.replace(/\s+/g, ' ').replace(/: ?(?:While|In scope|in query|Stack trace).*$/i, '');
  return text.slice(0, 300).trim();
}

function refusalOf(error: unknown, seconds: number): unknown {
  const cause = error instanceof WheelhouseError ? error.cause : error;
  if (!(cause instanceof ClickHouseError)) return error;
  if (cause.code === '159') return new WheelhouseError('sql_refused', `It took longer than ${seconds} s.`, { cause });
  if (cause.code === '241') return new WheelhouseError('sql_refused', 'It needs more than 1 GiB of memory.', { cause });
  if (cause.code === '396')
    return new WheelhouseError('sql_refused', 'Its answer is larger than 64 MiB.', {
      hint: 'Select less, or less of it.',
      cause,
    });
  if (error instanceof WheelhouseError) return error;
  return new WheelhouseError('sql_refused', `The database refused it: ${reasonOf(cause)}`, {
    hint: `GET /api/v1/openapi.json names the tables: ${Object.keys(sqlTables).join(', ')}. The dialect is ClickHouse's.`,
    cause,
  });
}

/** Runs at most so many at once, in order. */
function createLine(places: number): <T>(work: () => Promise<T>) => Promise<T> {
  let free = places;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    }
  };
}

/** @param options.seconds most time of one statement; 15 unless said otherwise */
export function createSqlReader(database: Database, { seconds = 15 }: { seconds?: number } = {}): SqlReader {
  const inLine = createLine(atOnce);

  /** As the engine prints it, on one line, after a check that it stays within bounds. */
  async function checked(sql: string): Promise<string> {
    if (/\{\s*\w+\s*:/.test(sql)) throw new WheelhouseError('sql_refused', 'Parameters cannot be used here.');
    const [printed] = await database.query<{ sql: string }>('SELECT formatQuerySingleLine({sql:String}) AS sql', {
      sql,
    });
    const formatted = printed?.sql ?? '';
    const [tree, tables] = await Promise.all([
      database.lines(`EXPLAIN AST ${formatted}`),
      database.query<{ name: string }>('SELECT name FROM system.tables WHERE database = currentDatabase()'),
    ]);
    const hidden = new Set(tables.map(({ name }) => name).filter((name) => !(name in sqlTables)));
    const refusal = checkSql(formatted, tree, hidden);
    if (refusal === null) return formatted;
    throw new WheelhouseError('sql_refused', refusal.message, refusal.hint === undefined ? {} : { hint: refusal.hint });
  }

  async function run(project: ProjectId, sql: string, limit: number): Promise<SqlAnswer> {
    const formatted = await checked(sql);
    const prelude = Object.entries(sqlTables).map(([name, select]) => `${name} AS (${select})`);
    const { meta, data } = await database.table(
      `WITH ${prelude.join(', ')}\nSELECT * FROM (\n${formatted}\n) LIMIT {limit:UInt32}`,
      { project, limit: limit + 1 },
      { ...bounds, max_execution_time: seconds },
    );
    return { columns: meta, rows: data.slice(0, limit), truncated: data.length > limit };
  }

  return {
    query: (project, sql, { limit }) =>
      inLine(() =>
        run(project, sql, limit).catch((error: unknown) => {
          throw refusalOf(error, seconds);
        }),
      ),
  };
}
