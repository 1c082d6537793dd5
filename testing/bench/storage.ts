import { defaultProjectId, type Span } from '@wheelhouse/core/records';
import { type Database, openDatabase } from '@wheelhouse/server/stores/clickhouse/database';
import { openClickHouse } from '@wheelhouse/server/stores/clickhouse/index';
import { telemetry } from '@wheelhouse/server/stores/clickhouse/migrations/0001-telemetry';
import { type Pieces, unpack } from '@wheelhouse/server/stores/clickhouse/pack-content';
import { toSpanRow } from '@wheelhouse/server/stores/clickhouse/span-row';
import { createHourRollUp } from '@wheelhouse/server/stores/clickhouse/trace-hours';
import { agentTrace } from './agent-workload.ts';

export type Stored = {
  spans: number;
  traces: number;
  /** Of the JSON texts as they came. */
  rawBytes: number;
  /** On disk, by table, merged. */
  wholeBytes: number;
  spanBytes: number;
  payloadBytes: number;
  listBytes: number;
};

const packed = ['input', 'output', 'tool_definitions', 'tool_call', 'documents', 'metadata', 'attributes'] as const;
const spansAtOnce = 500;

/** A row with its texts whole, as an engine keeps it that knows of no pieces. */
function wholeRow(span: Span): { row: object; texts: number } {
  const pieces: Pieces = new Map();
  const row = toSpanRow(span, pieces) as Record<string, string>;
  let texts = 0;
  for (const column of packed) {
    row[column] = unpack(row[column] ?? '', pieces);
    texts += row[column].length;
  }
  return { row, texts };
}

async function diskBytes(database: Database, tables: readonly string[]): Promise<number> {
  for (const table of tables) await database.command(`OPTIMIZE TABLE ${table} FINAL`);
  const [row] = await database.query<{ bytes: string }>(
    `SELECT sum(bytes_on_disk) AS bytes FROM system.parts
     WHERE active AND database = currentDatabase() AND table IN {tables:Array(String)}`,
    { tables },
  );
  return Number(row?.bytes);
}

const sums = ['call_minutes', 'call_hours', 'line_hours', 'trace_hours', 'hour_marks'];

/** Bytes on disk of the same spans, stored by Wheelhouse and as whole rows in a table of the same schema. */
export async function measureStorage(engineUrl: string, traces: number): Promise<Stored> {
  const url = `${engineUrl}/bench_storage`;
  const store = openClickHouse({ url });
  const database = openDatabase(url);
  try {
    await store.migrate();
    const schema = telemetry.statements[0]?.replace('IF NOT EXISTS spans', 'IF NOT EXISTS whole_spans') ?? '';
    await database.command(schema);
    let spans = 0;
    let rawBytes = 0;
    for (let seed = 1; seed <= traces; seed++) {
      const trace = agentTrace(defaultProjectId, seed, 1_795_000_000_000_000_000n + BigInt(seed) * 3_000_000_000n);
      for (let at = 0; at < trace.length; at += spansAtOnce) {
        const some = trace.slice(at, at + spansAtOnce);
        await store.spans.append(some, `storage-${seed}-${at}`);
        const whole = some.map(wholeRow);
        await database.insert(
          'whole_spans',
          whole.map(({ row }) => row),
          { insert_deduplication_token: `whole-${seed}-${at}` },
        );
        rawBytes += whole.reduce((sum, { texts }) => sum + texts, 0);
      }
      spans += trace.length;
    }
    await store.summaries.settleMinutes();
    const hours = createHourRollUp(database, 0);
    while (await hours.step());
    return {
      spans,
      traces,
      rawBytes,
      wholeBytes: await diskBytes(database, ['whole_spans']),
      spanBytes: await diskBytes(database, ['spans', 'traces']),
      payloadBytes: await diskBytes(database, ['payloads']),
      listBytes: await diskBytes(database, ['trace_summaries', 'calls', ...sums]),
    };
  } finally {
    await database.close();
    await store.close();
  }
}
