import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject, JsonSchema } from '../../records/index.ts';
import { modelDefinition } from '../flavors.ts';
import { align } from './align.ts';
import { diffVersions } from './diff-versions.ts';

const object = (properties: JsonObject, required: string[] = [], more: JsonObject = {}): JsonSchema => ({
  ...{ type: 'object', properties, required },
  ...more,
});
const text = { type: 'string' };
const base = { flavor: 'prompt', baseModel: 'sim/echo', messages: [{ role: 'system', content: 'Hi' }], parameters: {} };
const version = (
  definition: object,
  input: JsonSchema = object({}),
  output: JsonSchema = text,
  parameters?: JsonSchema,
) => ({
  definition: modelDefinition.parse({ ...base, ...definition }),
  signature: { input, output, ...(parameters ? { parameters } : {}) },
});
const changes = (a: ReturnType<typeof version>, b: ReturnType<typeof version>) =>
  diffVersions(a, b).changes.map((change) => `${change.breaking ? '! ' : ''}${change.text}`);

describe('the difference of two versions', () => {
  it.each<[string, JsonSchema, JsonSchema, string[]]>([
    [
      'a new required variable',
      object({}),
      object({ tone: text }, ['tone']),
      ['! variable `tone` added (required: callers must send it)'],
    ],
    [
      'a new variable with a default',
      object({}),
      object({ tone: { default: 'x' } }, ['tone']),
      ['variable `tone` added (its default stands in)'],
    ],
    ['a new optional variable', object({}), object({ tone: text }), ['variable `tone` added (optional)']],
    [
      'one that is refused now',
      object({ a: text }, [], { additionalProperties: false }),
      object({}, [], { additionalProperties: false }),
      ['! variable `a` removed (callers that send it are refused)'],
    ],
    ['one that is not read any more', object({ a: text }), object({}), ['variable `a` removed']],
    [
      'one that must be sent now',
      object({ a: text }),
      object({ a: text }, ['a']),
      ['! variable `a` is required now (callers must send it)'],
    ],
    [
      'one that may be left out now',
      object({ a: text }, ['a']),
      object({ a: text }),
      ['variable `a` may be left out now'],
    ],
    ['another type', object({ n: text }), object({ n: { type: 'integer' } }), ['! variable `n`: string → integer']],
    [
      'a narrower type',
      object({ n: { type: 'number' } }),
      object({ n: { type: 'integer' } }),
      ['! variable `n`: number → integer (stricter)'],
    ],
    [
      'a wider type',
      object({ n: { type: 'integer' } }),
      object({ n: { type: ['number', 'null'] } }),
      ['variable `n`: integer → number or null (looser)'],
    ],
    [
      'fewer values',
      object({ k: { enum: ['a', 'b'] } }),
      object({ k: { enum: ['a'] } }),
      ['! variable `k`: one of "a", "b" → one of "a" (stricter)'],
    ],
    [
      'a lower bound',
      object({ n: { maximum: 10 } }),
      object({ n: { maximum: 5 } }),
      ['! variable `n`: maximum 10 → 5 (stricter)'],
    ],
    [
      'a bound that is gone',
      object({ n: { minLength: 2 } }),
      object({ n: {} }),
      ['variable `n`: minLength 2 → anything (looser)'],
    ],
    [
      'a pattern',
      object({ n: { pattern: 'a' } }),
      object({ n: { pattern: 'b' } }),
      ['! variable `n`: pattern "a" → "b"'],
    ],
    [
      'members that are closed',
      object({}),
      object({}, [], { additionalProperties: false }),
      ['! input takes no other members now'],
    ],
    [
      'items',
      object({ l: { type: 'array', items: object({ a: text }) } }),
      object({ l: { type: 'array', items: object({ a: text, b: text }, ['b']) } }),
      ['! variable `l[].b` added (required: callers must send it)'],
    ],
    [
      'what says nothing of values',
      object({ a: { ...text, description: 'x' } }),
      object({ a: { description: 'y', ...text } }),
      [],
    ],
  ])('of the input: %s', (_what, a, b, expected) => {
    expect(changes(version({}, a), version({}, b))).toEqual(expected);
  });

  it.each<[string, JsonSchema, JsonSchema, string[]]>([
    ['stricter is fine', { type: 'number' }, { type: 'integer' }, ['output: number → integer (stricter)']],
    ['looser breaks', { type: 'integer' }, { type: 'number' }, ['! output: integer → number (looser)']],
    [
      'one that may be missing breaks',
      object({ a: text }, ['a']),
      object({ a: text }),
      ['! output `a` may be missing now'],
    ],
    ['one that is gone breaks', object({ a: text }), object({}), ['! output `a` removed']],
    ['one more is fine', object({}), object({ a: text }, ['a']), ['output `a` added']],
    ['text that became an object', text, object({}), ['! output: string → object']],
  ])('of the output: %s', (_what, a, b, expected) => {
    expect(changes(version({}, object({}), a), version({}, object({}), b))).toEqual(expected);
  });

  it('says what is another inside, and what breaks callers first', () => {
    const a = version({
      parameters: { temperature: 0, top_p: 1, tools: [{ type: 'function', function: { name: 'find' } }] },
      partials: { end: 'Bye' },
    });
    const b = version(
      {
        baseModel: 'sim/other',
        messages: [{ role: 'system', content: 'Hello\nthere' }, { placeholder: 'history' }],
        parameters: { temperature: 0.7, max_tokens: 5, tools: [] },
        partials: { end: 'So long, and thanks for all the fish, and for all of the patience too' },
      },
      object({ history: {} }, ['history']),
    );
    expect(changes(a, b)).toEqual([
      '! variable `history` added (required: callers must send it)',
      'baseModel sim/echo → sim/other',
      'system message changed',
      'placeholder `history` added',
      'partials: end changed',
      'temperature 0 → 0.7',
      'top_p removed',
      'tool `find` removed',
      'max_tokens added: 5',
    ]);
    expect(diffVersions(a, b).breaking).toBe(true);
  });

  it('names steps of a chain', () => {
    const chain = (steps: object[]) => ({
      ...version({}),
      definition: modelDefinition.parse({ flavor: 'chain', steps }),
    });
    const step = (id: string, model: string) => ({ id, do: 'prompt', model });
    const a = chain([step('triage', 'a@1'), step('gone', 'x@1')]);
    const b = chain([step('new', 'y@1'), step('triage', 'a@2')]);
    expect(changes(a, b)).toEqual(['step `new` added', 'step `triage`: model a@1 → a@2', 'step `gone` removed']);
  });

  it('has the lines of both files', () => {
    const { lines } = diffVersions(version({}), version({ messages: [{ role: 'system', content: 'Hi\nthere' }] }));
    expect(lines.filter(({ kind }) => kind !== 'same')).toEqual([{ kind: 'added', text: 'there' }]);
    expect(lines.map((line) => line.text)).toContain('## system');
  });

  it('is nothing of a version and itself', () => {
    const definition = fc.record({
      parameters: fc.dictionary(fc.string({ maxLength: 4 }), fc.jsonValue({ maxDepth: 2 }), {
        maxKeys: 3,
      }) as fc.Arbitrary<JsonObject>,
      messages: fc.array(fc.record({ role: fc.constant('user'), content: fc.string({ maxLength: 9 }) }), {
        maxLength: 3,
      }),
    });
    const schema = fc
      .jsonValue({ maxDepth: 3 })
      .map((value) =>
        typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonSchema) : {},
      );
    fc.assert(
      fc.property(definition, schema, (inner, any) => {
        const one = version(JSON.parse(JSON.stringify(inner)) as object, any);
        expect(diffVersions(one, structuredClone(one))).toMatchObject({ breaking: false, changes: [] });
      }),
    );
  });

  it('aligns lists so that each side comes back whole', () => {
    const list = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 12 });
    fc.assert(
      fc.property(list, list, (a, b) => {
        const aligned = align(a, b);
        expect(aligned.filter(({ kind }) => kind !== 'added').map(({ item }) => item)).toEqual(a);
        expect(aligned.filter(({ kind }) => kind !== 'removed').map(({ item }) => item)).toEqual(b);
      }),
    );
    const long = Array.from({ length: 3_000 }, (_, i) => `${i}`);
    expect(align(long, long.toReversed()).filter(({ kind }) => kind === 'added')).toHaveLength(3_000);
    const values: Json[] = align(['x', 'y'], ['x', 'z', 'y']).map(({ kind }) => kind);
    expect(values).toEqual(['same', 'added', 'same']);
  });
});
