import { fakePredictWorld } from '@wheelhouse/testing/models';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject, JsonSchema } from '../records/index.ts';
import { checkInput, checkOutput, checkParameters, readOutput } from './signature.ts';
import { withDefaults } from './with-defaults.ts';

const fitting = { name: 'bot@2', checker: fakePredictWorld().context.checker };
const object = (properties: JsonObject, more: JsonObject = {}): JsonSchema => ({ type: 'object', properties, ...more });
const closed = { additionalProperties: false };

describe('a signature', () => {
  it.each<[string, JsonSchema, Json, boolean]>([
    ['an integer for a number', { type: 'number' }, 3, true],
    ['1.0 for an integer', { type: 'integer' }, 1.0, true],
    ['1.5 for an integer', { type: 'integer' }, 1.5, false],
    ['text for a number', { type: 'number' }, '1', false],
    ['text for an integer', { type: 'integer' }, '1', false],
    ['a number for text', { type: 'string' }, 1, false],
    ['text for a boolean', { type: 'boolean' }, 'true', false],
    ['1 for a boolean', { type: 'boolean' }, 1, false],
    ['null for text', { type: 'string' }, null, false],
    ['null where it may be', { type: ['string', 'null'] }, null, true],
    ['a single thing for a list', { type: 'array' }, 'x', false],
    ['an object for text', { type: 'string' }, {}, false],
    ['one of several', { enum: ['a', 'b'] }, 'b', true],
    ['none of several', { enum: ['a', 'b'] }, 'c', false],
    ['anything for anything', {}, { a: [1] }, true],
  ])('takes %s: %#', (_what, schema, value, fits) => {
    const check = () => checkInput(object({ v: schema }, closed), { v: value }, fitting);
    if (fits) expect(check()).toEqual({ v: value });
    else
      expect(check).toThrow(
        expect.objectContaining({ code: 'signature_mismatch', message: expect.stringContaining('`v`') }),
      );
  });

  it('names everything that is missing or unknown, wherever it is', () => {
    const item = object({ name: {} }, { required: ['name'], ...closed });
    const schema = object(
      { a: {}, b: {}, list: { type: 'array', items: { $ref: '#/$defs/item' } } },
      { required: ['a', 'b'], ...closed, $defs: { item } },
    );
    expect(() => checkInput(schema, { x: 1, y: 2, list: [{ name: 'n' }, { nam: 'n' }] }, fitting)).toThrow(
      'The variables do not fit the signature of bot@2: `a`, `b`, `list[1].name` are missing; `x`, `y`, `list[1].nam` are unknown.',
    );
  });

  it('fills in defaults, deep down too, and leaves the caller’s value alone', () => {
    const schema = object({
      tone: { type: 'string', default: 'kind' },
      items: { type: 'array', items: { $ref: '#/$defs/item' } },
      deep: object({ n: { default: 1 } }, { default: {} }),
    });
    const whole = { ...schema, $defs: { item: object({ n: { default: 0 } }) } };
    const input = Object.freeze({ items: [Object.freeze({}), { n: 5 }] }) as unknown as JsonObject;
    expect(checkInput(whole, input, fitting)).toEqual({ tone: 'kind', items: [{ n: 0 }, { n: 5 }], deep: { n: 1 } });
    expect(checkParameters(whole, { tone: 'curt' }, fitting)).toEqual({ tone: 'curt', deep: { n: 1 } });
    expect(checkParameters(undefined, { anything: 1 }, fitting)).toEqual({ anything: 1 });
  });

  it('gains nothing but defaults, once and for all', () => {
    const schema = object({ a: { default: 1 }, b: object({ c: { default: null } }), __proto__: {} });
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const once = withDefaults(schema, value as Json);
        expect(withDefaults(schema, once)).toEqual(once);
        if (typeof value !== 'object' || value === null || Array.isArray(value)) expect(once).toEqual(value);
        else
          for (const name of Object.keys(value))
            if (name !== 'b') expect((once as JsonObject)[name]).toEqual((value as JsonObject)[name]);
      }),
    );
  });

  it('leads through references that go in a circle', () => {
    const schema = { $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a', default: 1 } } };
    expect(withDefaults(schema, { x: 1 })).toEqual({ x: 1 });
    const tree = object({ kids: { type: 'array', items: { $ref: '#' } }, n: { default: 0 } });
    expect(withDefaults(tree, { kids: [{ kids: [] }] })).toEqual({ kids: [{ kids: [], n: 0 }], n: 0 });
  });

  it.each<[string, JsonSchema, string, Json]>([
    ['text as it is', { type: 'string' }, '{"a":1}', '{"a":1}'],
    ['text where anything goes', {}, '5', '5'],
    ['JSON', object({ a: { type: 'integer' } }), ' {"a": 1} ', { a: 1 }],
    ['JSON in a fence', object({ a: {} }), '```json\n{"a":[1]}\n```\n', { a: [1] }],
    ['a number', { type: 'number' }, '4.5', 4.5],
    ['one of several texts', { enum: ['yes', 'no'] }, 'yes', 'yes'],
    ['a long integer without loss', object({ id: {} }), '{"id":12345678901234567890}', { id: '12345678901234567890' }],
  ])('reads %s', (_what, schema, text, expected) => {
    expect(readOutput(schema, text, fitting)).toEqual(expected);
  });

  it('shows what came where it does not fit', () => {
    const schema = object({ a: { type: 'integer' } }, { required: ['a'] });
    const wrong = (text: string) => () => readOutput(schema, text, fitting);
    expect(wrong('Sure!')).toThrow('The answer of bot@2 does not fit its signature: it is not JSON. It was: Sure!');
    expect(wrong('{"b":1}')).toThrow(/`a` is missing. It was: \{"b":1\}/);
    expect(wrong(`"${'x'.repeat(1_000)}"`)).toThrow(
      expect.objectContaining({ code: 'signature_mismatch', param: 'output' }),
    );
    expect(() => checkOutput({ type: 'string', maxLength: 2 }, 'abc', fitting)).toThrow(/It was: abc/);
  });
});
