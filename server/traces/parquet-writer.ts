import { gzipSync } from 'node:zlib';
import { ByteWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer';

/** What a column holds; every value may be null. `time`: nanoseconds since 1970, UTC. */
export type ParquetColumn = { name: string; type: 'text' | 'int' | 'time' };
export type ParquetValue = string | bigint | null;

export type ParquetStream = {
  /** A group of rows, each with a value for each column; gives what is to be written next. */
  group(rows: readonly (readonly ParquetValue[])[]): Uint8Array;
  /** The end of the file. */
  end(): Uint8Array;
};

function schemaOf({ name, type }: ParquetColumn): SchemaElement {
  const optional = { name, repetition_type: 'OPTIONAL' } as const;
  if (type === 'text') return { ...optional, type: 'BYTE_ARRAY', converted_type: 'UTF8' };
  if (type === 'int') return { ...optional, type: 'INT64' };
  return { ...optional, type: 'INT64', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'NANOS' } };
}

/** Writes an Apache Parquet file in pieces: of a group of rows only a line of the footer is kept. */
export function createParquetStream(columns: readonly ParquetColumn[], createdBy: string): ParquetStream {
  const bytes = new ByteWriter();
  const writer = new ParquetWriter({
    writer: bytes,
    schema: [{ name: 'root', num_children: columns.length }, ...columns.map(schemaOf)],
    codec: 'GZIP',
    compressors: { GZIP: (input) => gzipSync(input) },
    createdBy,
  });
  const take = (): Uint8Array => {
    const piece = new Uint8Array(bytes.getBuffer());
    bytes.index = 0;
    return piece;
  };
  return {
    group(rows) {
      const columnData = columns.map(({ name, type }, at) => ({
        name,
        data: rows.map((row) => row[at] ?? null),
        // Of contents, smallest and greatest say nothing.
        statistics: type !== 'text',
      }));
      if (rows.length > 0) void writer.write({ columnData, rowGroupSize: rows.length });
      return take();
    },
    end() {
      void writer.finish();
      return take();
    },
  };
}
