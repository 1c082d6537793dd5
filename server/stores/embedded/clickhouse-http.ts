import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { openSessionPool } from './clickhouse-pool.ts';
import { type Answer, isRawInsert, runStatement, type Statement, StatementError } from './clickhouse-statement.ts';

export type ClickHouseHttpOptions = {
  /** The engine's directory. */
  path: string;
  /** 0 takes a free one. */
  port: number;
  password: string;
  /** Sessions for queries; inserts have one more. */
  sessions?: number;
};

/** URL parameters that steer the HTTP interface itself and are no settings of a query. */
const controls = new Set([
  'query',
  'query_id',
  'database',
  'default_format',
  'session_id',
  'session_timeout',
  'session_check',
  'user',
  'password',
  'role',
  'enable_http_compression',
  'wait_end_of_query',
  'buffer_size',
  'compress',
  'decompress',
  'send_progress_in_http_headers',
  'http_headers_progress_interval_ms',
]);

const unpack = promisify(gunzip);
/** ClickHouse takes URLs to 1 MiB; parameters travel in them. */
const maxHeaderBytes = 2 << 20;

/** Status that ClickHouse gives an exception; 500 for all others. */
const statusOfCode = new Map<number, number>([
  ...[81, 60, 46, 47, 16, 115].map((code): [number, number] => [code, 404]),
  ...[62, 26, 27, 36, 42, 43, 44, 53, 6, 20, 38, 41, 57, 69, 70, 72, 117, 130, 386, 456, 457].map(
    (code): [number, number] => [code, 400],
  ),
  [516, 401],
  [48, 501],
]);

function isAuthorized(req: IncomingMessage, expected: Buffer): boolean {
  const given = Buffer.from(req.headers.authorization ?? '');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

async function readBody(req: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const encoding = req.headers['content-encoding'] ?? 'identity';
  if (encoding === 'identity') return body;
  if (encoding === 'gzip') return unpack(body);
  throw new StatementError(73, `Unknown compression method: ${encoding}`, 'UNKNOWN_COMPRESSION_METHOD');
}

function readStatement(url: URL, body: Buffer): Statement {
  const params = new Map<string, string>();
  const settings = new Map<string, string>();
  for (const [name, value] of url.searchParams) {
    const param = /^param_(\w+)$/.exec(name)?.[1];
    if (param) params.set(param, value);
    else if (!controls.has(name)) settings.set(name, value);
  }
  return {
    query: url.searchParams.get('query') ?? '',
    body,
    database: url.searchParams.get('database') ?? 'default',
    format: url.searchParams.get('default_format') ?? 'TabSeparated',
    params,
    settings,
  };
}

function summaryOf(answer: Answer, startedAt: number): string {
  return JSON.stringify({
    read_rows: String(answer.rowsRead),
    read_bytes: String(answer.bytesRead),
    written_rows: String(answer.rowsWritten),
    written_bytes: String(answer.bytesWritten),
    total_rows_to_read: '0',
    result_rows: '0',
    result_bytes: String(answer.bytes.byteLength),
    elapsed_ns: String(Math.round((performance.now() - startedAt) * 1e6)),
  });
}

function codeOf(error: unknown): number {
  if (error instanceof StatementError) return error.code;
  const code = error instanceof Error && 'clickhouseCode' in error ? error.clickhouseCode : undefined;
  // 1002 is ClickHouse's own UNKNOWN_EXCEPTION.
  return typeof code === 'number' ? code : 1002;
}

function sendError(res: ServerResponse, error: unknown): void {
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  res.writeHead(statusOfCode.get(code) ?? 500, {
    'content-type': 'text/plain; charset=UTF-8',
    'x-clickhouse-exception-code': String(code),
  });
  res.end(
    `${/^Code: \d+/.test(message) ? message : `Code: ${code}. DB::Exception: ${message}. (UNKNOWN_EXCEPTION)`}\n`,
  );
}

/**
 * Serves chDB over ClickHouse's HTTP interface (https://clickhouse.com/docs/interfaces/http), as far as the official
 * client uses it: `/ping`, queries with typed parameters and settings, inserts of raw rows, exceptions with their codes.
 * Answers are made whole before they are sent, so an exception never comes in the middle of one.
 */
export async function serveClickHouse(
  options: ClickHouseHttpOptions,
): Promise<{ port: number; close(): Promise<void> }> {
  const readers = openSessionPool(options.path, options.sessions ?? 4);
  const writers = openSessionPool(options.path, 1);
  const credentials = Buffer.from(`Basic ${Buffer.from(`default:${options.password}`).toString('base64')}`);

  async function handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const startedAt = performance.now();
    const url = new URL(req.url ?? '/', 'http://localhost');
    if (url.pathname === '/ping') {
      req.resume();
      res.end('Ok.\n');
      return;
    }
    if (!isAuthorized(req, credentials)) {
      req.resume();
      throw new StatementError(516, 'default: Authentication failed', 'AUTHENTICATION_FAILED');
    }
    const statement = readStatement(url, await readBody(req));
    const pool = isRawInsert(statement) ? writers : readers;
    const answer = await pool.use((slot) => runStatement(slot, statement));
    res.writeHead(200, {
      'content-type': 'application/octet-stream',
      'x-clickhouse-query-id': url.searchParams.get('query_id') ?? '',
      'x-clickhouse-summary': summaryOf(answer, startedAt),
    });
    res.end(answer.bytes);
  }

  const server = createServer({ maxHeaderSize: maxHeaderBytes }, (req, res) => {
    handle(req, res).catch((error: unknown) => {
      if (res.headersSent || res.destroyed) res.destroy();
      else sendError(res, error);
    });
  });
  // A request may take as long as its query does.
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
      await Promise.all([readers.close(), writers.close()]);
      server.closeAllConnections();
      await closed;
    },
  };
}
