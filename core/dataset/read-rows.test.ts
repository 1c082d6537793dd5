import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { csvLine } from './export-shapes.ts';
import {
  badBytes,
  createCsvReader,
  createJsonLinesReader,
  createJsonReader,
  detectEncoding,
  type RowReader,
} from './index.ts';

function read(reader: RowReader, ...pieces: string[]) {
  for (const piece of pieces) reader.push(piece);
  reader.end();
  return reader.take();
}

/** The same text in pieces of any size. */
function inPieces(text: string, sizes: number[]): string[] {
  const pieces: string[] = [];
  for (let at = 0, n = 0; at < text.length; n++) {
    const size = Math.max(sizes[n % Math.max(sizes.length, 1)] ?? 1, 1);
    pieces.push(text.slice(at, at + size));
    at += size;
  }
  return pieces;
}

const sizes = fc.array(fc.nat(40), { minLength: 1, maxLength: 5 });
const cell = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.constantFrom('a "b"', 'x,y', 'two\nlines', ' spaced ', 'é💡', ''),
);

describe('comma-separated values', () => {
  test('read back as they were written, however they come in pieces', () => {
    const table = fc.integer({ min: 2, max: 4 }).chain((columns) =>
      fc.array(
        fc.array(
          cell.filter((text) => !/^[[{]/.test(text) && !text.includes('\r')),
          { minLength: columns, maxLength: columns },
        ),
        {
          maxLength: 8,
        },
      ),
    );
    fc.assert(
      fc.property(table, sizes, (rows, pieces) => {
        const names = (rows[0] ?? ['', '']).map((_, i) => `c${i}`);
        const text = [names, ...rows].map(csvLine).join('');
        const expected = rows.map((row) => Object.fromEntries(row.map((value, i) => [`c${i}`, value])));
        const found = read(createCsvReader({ delimiter: ',' }), ...inPieces(text, pieces));
        expect(found.map((one) => ('record' in one ? one.record : one.error))).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });

  test('say which line is ragged, and go on', () => {
    expect(read(createCsvReader(), 'question,answer\na,b\nonly\n"two\nlines",d\ne,f,g\n\nh,i')).toEqual([
      { at: 2, record: { question: 'a', answer: 'b' } },
      { at: 3, error: 'It has 1 fields; the header has 2.' },
      { at: 4, record: { question: 'two\nlines', answer: 'd' } },
      { at: 6, error: 'It has 3 fields; the header has 2.' },
      { at: 8, record: { question: 'h', answer: 'i' } },
    ]);
  });

  test('say where a quote opens that does not end, and lose nothing after that line', () => {
    expect(read(createCsvReader(), 'a,b\n1,"open\n2,3\n4,5\n')).toEqual([
      { at: 2, error: 'A quote opens here and does not end.' },
      { at: 3, record: { a: '2', b: '3' } },
      { at: 4, record: { a: '4', b: '5' } },
    ]);
    expect(read(createCsvReader(), 'a,b\n"x"y,1\n2,3\n')).toEqual([
      { at: 2, error: 'After a closing quote stands "y".' },
      { at: 3, record: { a: '2', b: '3' } },
    ]);
  });

  test('find out their delimiter, and read JSON in cells', () => {
    expect(read(createCsvReader(), 'q;a\n"x;y";{"k":[1]}\n1,5;2\n')).toMatchObject([
      { record: { q: 'x;y', a: { k: [1] } } },
      { record: { q: '1,5', a: '2' } },
    ]);
    expect(read(createCsvReader(), 'q\ta\r\n1\t2\r\n')).toMatchObject([{ record: { q: '1', a: '2' } }]);
    expect(read(createCsvReader(), 'only\nx\n')).toMatchObject([{ record: { only: 'x' } }]);
  });

  test('refuse a header that says a name twice, and a file without one', () => {
    expect(read(createCsvReader(), 'a,a\n1,2\n')).toEqual([{ at: 1, error: 'The header has two columns called "a".' }]);
    expect(read(createCsvReader(), '')).toEqual([{ at: 1, error: 'The file has no header.' }]);
  });

  test('pass over a row that is too long, without keeping it', () => {
    const long = `x,"${'y'.repeat(5_000)}`;
    const found = read(createCsvReader({ longest: 1_000 }), 'a,b\n1,2\n', long, 'z'.repeat(5_000), '\n3,4\n');
    expect(found.map((one) => ('record' in one ? one.record : one.at))).toEqual([
      { a: '1', b: '2' },
      3,
      { a: '3', b: '4' },
    ]);
  });
});

describe('JSON', () => {
  const value = fc.oneof(
    fc.record({ input: fc.string(), n: fc.integer(), list: fc.array(fc.string(), { maxLength: 3 }) }),
    fc.string(),
  );

  test('lines and lists read back as they were written, however they come in pieces', () => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 6 }), sizes, fc.constantFrom('', '\n', '  '), (rows, pieces, space) => {
        const lines = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
        expect(
          read(createJsonLinesReader(), ...inPieces(lines, pieces)).map((one) => 'record' in one && one.record),
        ).toEqual(rows);
        const list = `${space}[${rows.map((row) => JSON.stringify(row)).join(`,${space}`)}]${space}`;
        for (const text of [list, `{"name":"x","items":${list},"meta":[1]}`])
          expect(
            read(createJsonReader(), ...inPieces(text, pieces)).map((one) => 'record' in one && one.record),
          ).toEqual(rows);
      }),
      { numRuns: 200 },
    );
  });

  test('lines that are none are told by number, and a line of any length takes no memory', () => {
    expect(read(createJsonLinesReader(), '{"a":1}\n\nnonsense\n{"a":', '2}')).toMatchObject([
      { at: 1, record: { a: 1 } },
      { at: 3, error: expect.stringContaining('It is not JSON') },
      { at: 4, record: { a: 2 } },
    ]);
    const reader = createJsonLinesReader(100);
    reader.push('{"a":"');
    for (let n = 0; n < 1_000; n++) reader.push('x'.repeat(100));
    expect(read(reader, '"}\n', '{"a":1}\n')).toMatchObject([
      { at: 1, error: expect.stringContaining('longer than 100 characters') },
      { at: 2, record: { a: 1 } },
    ]);
  });

  test('a list that ends too early says so, and gives the rows before', () => {
    expect(read(createJsonReader(), '[{"a":1},{"a":')).toEqual([
      { at: 1, record: { a: 1 } },
      { at: 2, error: 'The file ends in the middle of a row.' },
    ]);
    expect(read(createJsonReader(), '"text"')).toMatchObject([{ error: expect.stringContaining('neither') }]);
    expect(read(createJsonReader(), '{"a":1}')).toMatchObject([{ error: 'There is no list of rows in the file.' }]);
  });

  test('keeps whole numbers that a float would round', () => {
    expect(read(createJsonLinesReader(), '{"id":9007199254740993}')).toMatchObject([
      { record: { id: '9007199254740993' } },
    ]);
  });
});

test('an encoding is found out by a mark, by zeros, and by what is beyond ASCII', () => {
  const utf16 = (text: string, swap = false) => {
    const bytes = new Uint8Array([...text].flatMap((c) => [c.charCodeAt(0) & 255, c.charCodeAt(0) >> 8]));
    return swap ? bytes.map((_, i) => bytes[i ^ 1] ?? 0) : bytes;
  };
  const latin1 = (text: string) => new Uint8Array([...text].map((c) => c.charCodeAt(0)));
  const utf8 = (text: string) => new Uint8Array(Buffer.from(text));
  expect(detectEncoding(new Uint8Array([0xff, 0xfe, 0x61, 0]))).toBe('utf-16le');
  expect(detectEncoding(new Uint8Array([0xfe, 0xff, 0, 0x61]))).toBe('utf-16be');
  expect(detectEncoding(utf16('question,answer\n'))).toBe('utf-16le');
  expect(detectEncoding(utf16('question,answer\n', true))).toBe('utf-16be');
  expect(detectEncoding(latin1('caf\u00e9 na\u00efve'))).toBe('windows-1252');
  expect(detectEncoding(utf8('café naïve 東京'))).toBe('utf-8');
  expect(detectEncoding(utf8('plain'))).toBe('utf-8');
  expect(badBytes).toHaveLength(1);
});
