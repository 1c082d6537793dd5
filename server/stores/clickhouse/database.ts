import { Readable } from 'node:stream';
import {
  type ClickHouseClient,
  ClickHouseError,
  ClickHouseLogLevel,
  type ClickHouseSettings,
  createClient,
} from '@clickhouse/client';
import type { Breathe } from '@wheelhouse/core/ports';
import { WheelhouseError } from '@wheelhouse/core/records';
import { type EncodedRows, encodeRows, type Field } from './tab-separated.ts';

/** The few things that the stores do with ClickHouse; each rejects with `store_unavailable` while it is away. */
export type Database = {
  create(): Promise<void>;
  command(sql: string, params?: Record<string, unknown>): Promise<void>;
  /** Rows with 64-bit integers as decimal strings. Values go in as typed parameters: `{name:Type}`. */
  query<Row>(sql: string, params?: Record<string, unknown>): Promise<Row[]>;
  /** Lines of TabSeparated, of a statement that can bear no FORMAT after it. */
  lines(sql: string): Promise<string[]>;
  /** Columns with their types, and rows as lists, under settings of this query alone. */
  table(
    sql: string,
    params: Record<string, unknown>,
    settings: ClickHouseSettings,
  ): Promise<{ meta: { name: string; type: string }[]; data: unknown[][] }>;
  /** Resolves when the rows, all of the same columns, are on disk. */
  insert(table: string, rows: readonly object[], settings?: ClickHouseSettings): Promise<void>;
  /** As {@link insert}, of rows that are encoded already. */
  insertEncoded(table: string, rows: EncodedRows, settings?: ClickHouseSettings): Promise<void>;
  ping(): Promise<void>;
  close(): Promise<void>;
};

/** Exceptions that say "not now": too many queries, no memory, no space, time-out, too many parts, read-only. */
const busyCodes = new Set(['202', '241', '243', '159', '209', '210', '252', '242']);
const noSpace = '243';

function toStoreError(error: unknown): unknown {
  if (error instanceof ClickHouseError && !busyCodes.has(error.code)) return error;
  if (error instanceof ClickHouseError && error.code === noSpace)
    return new WheelhouseError('store_unavailable', 'The disk of the telemetry store is full.', {
      hint: 'Free some space there; nothing needs a restart, and what was refused can be sent again unchanged.',
      cause: error,
    });
  return new WheelhouseError('store_unavailable', 'The telemetry store did not answer.', { cause: error });
}

/** @param url `http(s)://user:password@host:port[/database]`; the database is `wheelhouse` unless named */
export function openDatabase(url: string, breathe: Breathe = () => null): Database {
  const server = new URL(url);
  const name = decodeURIComponent(server.pathname.slice(1)) || 'wheelhouse';
  server.pathname = '';
  const common = { url: server, application: 'wheelhouse', log: { level: ClickHouseLogLevel.OFF } };
  const client = createClient({
    ...common,
    database: name,
    clickhouse_settings: { output_format_json_quote_64bit_integers: 1 },
  });

  async function guarded<T>(work: (client: ClickHouseClient) => Promise<T>): Promise<T> {
    try {
      return await work(client);
    } catch (error) {
      throw toStoreError(error);
    }
  }

  const insertEncoded: Database['insertEncoded'] = (table, { columns, chunks }, settings = {}) =>
    guarded(async (c) => {
      if (chunks.length === 0) return;
      await c.insert({
        table,
        columns: columns as [string, ...string[]],
        values: Readable.from(chunks, { objectMode: false }),
        format: 'TabSeparated',
        // Without async_insert=0 a server may answer before the rows are on disk.
        clickhouse_settings: { async_insert: 0, ...settings },
      });
    });

  return {
    create: () =>
      guarded(async () => {
        // A client that names a database that is not there is refused, whatever it asks.
        const outside = createClient(common);
        try {
          await outside.command({ query: 'CREATE DATABASE IF NOT EXISTS {name:Identifier}', query_params: { name } });
        } finally {
          await outside.close();
        }
      }),
    command: (query, params = {}) => guarded(async (c) => void (await c.command({ query, query_params: params }))),
    query: <Row>(query: string, params: Record<string, unknown> = {}) =>
      guarded(async (c) => (await c.query({ query, query_params: params, format: 'JSONEachRow' })).json<Row>()),
    lines: (query) =>
      guarded(async (c) => {
        const { stream } = await c.exec({ query });
        let text = '';
        for await (const chunk of stream.setEncoding('utf8')) text += chunk;
        return text.split('\n').filter((line) => line !== '');
      }),
    table: (query, params, settings) =>
      guarded(async (c) => {
        const format = 'JSONCompact';
        const answer = await c.query({ query, query_params: params, format, clickhouse_settings: settings });
        const { meta = [], data } = await answer.json<unknown[]>();
        return { meta, data };
      }),
    insert: async (table, rows, settings) =>
      insertEncoded(table, await encodeRows(rows as readonly Record<string, Field>[], breathe), settings),
    insertEncoded,
    ping: () =>
      guarded(async (c) => {
        // A plain ping asks neither for the password nor the engine.
        const answer = await c.ping({ select: true });
        if (!answer.success) throw answer.error;
      }),
    close: () => client.close(),
  };
}
