import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editJsonObject, jsonMemberText } from './json-text.ts';

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
