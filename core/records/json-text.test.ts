import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editJsonObject, jsonMemberText, parseExactJson } from './json-text.ts';

const spaced = (value: unknown, indent: number) => JSON.stringify(value, null, indent);

describe('editing JSON text', () => {
  it('means the same as editing the parsed object, whatever the object and its spacing', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.dictionary(fc.string(), fc.option(fc.jsonValue(), { nil: undefined })),
        fc.integer({ min: 0, max: 3 }),
        (object, edits, indent) => {
          const raw = new Map(Object.entries(edits).map(([k, v]) => [k, v === undefined ? null : JSON.stringify(v)]));
          const expected: Record<string, unknown> = JSON.parse(JSON.stringify(object));
          for (const [k, v] of Object.entries(edits)) {
            if (v === undefined) delete expected[k];
            else
              Object.defineProperty(expected, k, {
                value: JSON.parse(JSON.stringify(v)),
                enumerable: true,
                configurable: true,
              });
          }
          expect(JSON.parse(editJsonObject(spaced(object, indent), raw))).toEqual(expected);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('leaves the text of every other member as it was, integers beyond 2^53 included', () => {
    const text = '{ "model" : "a", "seed":9007199254740993 , "nested": {"x": [1.0, "}\\"]"]}, "u":"\\u00e9" }';
    expect(editJsonObject(text, new Map([['model', '"b"']]))).toBe(
      '{"model":"b","seed":9007199254740993,"nested": {"x": [1.0, "}\\"]"]},"u":"\\u00e9"}',
    );
  });

  it('lets the last of a repeated key count, as JSON.parse does', () => {
    expect(jsonMemberText('{"a":1,"a":[2, 3]}', 'a')).toBe('[2, 3]');
    expect(JSON.parse(editJsonObject('{"a":1,"b":0,"a":2}', new Map([['a', '9']])))).toEqual({ a: 9, b: 0 });
  });

  it('finds no member that is only nested', () => {
    expect(jsonMemberText('{"a":{"b":1}}', 'b')).toBeNull();
    expect(jsonMemberText('{}', 'b')).toBeNull();
  });
});

describe('parsing exactly', () => {
  /** A double beyond 2^53 is printed as an integer that no number holds exactly, as far as its text can tell. */
  const isExact = (value: unknown): boolean => {
    if (typeof value === 'number') return !Number.isInteger(value) || Number.isSafeInteger(value);
    return typeof value !== 'object' || value === null || Object.values(value).every(isExact);
  };

  it('is JSON.parse for all that a JavaScript number can hold', () => {
    fc.assert(
      fc.property(fc.jsonValue().filter(isExact), fc.integer({ min: 0, max: 2 }), (value, indent) => {
        const text = spaced({ value, digits: 9007199254740991, text: '9007199254740993, "9007199254740993"' }, indent);
        expect(parseExactJson(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('makes text of every integer beyond 2^53, wherever it stands, and of nothing else', () => {
    const leaf = fc.oneof(
      fc.bigInt({ min: -(1n << 70n), max: 1n << 70n }).map((n) => ({
        text: String(n),
        value: Number.isSafeInteger(Number(n)) ? Number(n) : String(n),
      })),
      fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('"', '\\', '9007199254740993', '-') })).map((s) => ({
        text: JSON.stringify(s),
        value: s,
      })),
      fc
        .double({ noNaN: true, noDefaultInfinity: true })
        .filter((n) => !Number.isInteger(n))
        .map((n) => ({
          text: String(n),
          value: n,
        })),
      fc.constant({ text: '9007199254740993.5', value: Number('9007199254740993.5') }),
      fc.constant({ text: '12345678901234567e3', value: 12345678901234567e3 }),
    );
    fc.assert(
      fc.property(fc.array(leaf), (leaves) => {
        const values = leaves.map(({ value }) => value);
        expect(parseExactJson(`[ ${leaves.map(({ text }) => text).join(' ,')} ]`)).toEqual(values);
        const object = `{${leaves.map(({ text }, i) => `"9007199254740993.${i}":${text}`).join(',')}}`;
        expect(Object.values(parseExactJson(object) as object)).toEqual(values);
      }),
    );
  });

  it('finds a long integer wherever it stands', () => {
    for (let before = 0; before < 40; before += 1) {
      const text = `{"${'a'.repeat(before)}":9007199254740993}`;
      expect(Object.values(parseExactJson(text) as object)).toEqual(['9007199254740993']);
    }
  });

  it.each(['', '{', '[01234567890123456789]', '"9007199254740993', '9007199254740993 9007199254740993'])(
    'refuses %s as JSON.parse does',
    (text) => {
      expect(() => parseExactJson(text)).toThrow(SyntaxError);
    },
  );
});
