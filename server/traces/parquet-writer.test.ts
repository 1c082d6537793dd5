import { readParquet } from '@wheelhouse/testing/parquet';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createParquetStream, type ParquetColumn, type ParquetValue } from './parquet-writer.ts';

const columns: ParquetColumn[] = [
  { name: 'name', type: 'text' },
  { name: 'count', type: 'int' },
  { name: 'start', type: 'time' },
];
const row: fc.Arbitrary<ParquetValue[]> = fc.tuple(
  fc.option(fc.string({ unit: 'grapheme' })),
  fc.option(fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n })),
  fc.option(fc.bigInt({ min: 0n, max: 4_000_000_000_000n }).map((ms) => ms * 1_000_000n)),
);

it('writes what others read: texts, integers, times and nulls, in any groups of rows', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(row, { maxLength: 20 }), { maxLength: 4 }), async (groups) => {
      const stream = createParquetStream(columns, 'test');
      const file = Buffer.concat([...groups.map((rows) => stream.group(rows)), stream.end()]);
      const expected = groups.flat().map(([name, count, start]) => ({
        name,
        count,
        start: typeof start === 'bigint' ? new Date(Number(start / 1_000_000n)) : null,
      }));
      expect(await readParquet(new Uint8Array(file).buffer)).toEqual(expected);
    }),
    { numRuns: 60 },
  );
});
