import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../records/index.ts';
import { modelDefinition } from '../flavors.ts';
import { parseVersion } from './parse-version.ts';
import { printVersion, type VersionContent } from './print-version.ts';

const signature = { input: { type: 'object', properties: { name: { type: 'string' } } }, output: { type: 'string' } };
const content = (definition: object, more: Partial<VersionContent> = {}): VersionContent => ({
  ...{ signature, example: null, message: '' },
  definition: modelDefinition.parse(definition),
  ...more,
});
const pleasant = content(
  {
    flavor: 'prompt',
    baseModel: 'openai/gpt-4o-mini',
    parameters: { temperature: 0.2 },
    messages: [
      { role: 'system', content: 'You are {{name}}.\n\n## Rules\n- Be kind.\n' },
      { include: 'rules@production' },
      { examples: [{ input: { q: '1+1' }, output: '2' }], user: 'Q: {{q}}\nA:' },
      { placeholder: 'history' },
      { role: 'user', content: [{ type: 'text', text: '{{question}}' }] },
    ],
    partials: { end: 'Bye.' },
  },
  { message: 'Kinder', example: { name: 'Ada' } },
);

describe('the file of a version', () => {
  it('is pleasant to read', () => {
    expect(printVersion(pleasant)).toBe(`---
flavor: prompt
baseModel: openai/gpt-4o-mini
parameters:
  temperature: 0.2
message: Kinder
example:
  name: Ada
signature:
  input:
    type: object
    properties:
      name:
        type: string
  output:
    type: string
---

## system

You are {{name}}.

\\## Rules
- Be kind.


## include: rules@production

## examples

\`\`\`yaml
examples:
  - input:
      q: 1+1
    output: "2"
user: |-
  Q: {{q}}
  A:
\`\`\`

## placeholder: history

## user parts

\`\`\`yaml
- type: text
  text: "{{question}}"
\`\`\`

## partial: end

Bye.
`);
  });

  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc
      .array(fc.constantFrom('## user', '\\## user', '\\\\## x', '---', '', ' ', 'a', '\r', '\t', '```', '# x'), {
        maxLength: 6,
      })
      .map((lines) => lines.join('\n')),
  );
  const name = fc.oneof(fc.string({ minLength: 1, maxLength: 8 }), fc.constantFrom('a', ' b', 'c: d', 'x\ny'));
  const json = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)) as Json);
  const object = fc.dictionary(fc.string({ maxLength: 5 }), json, { maxKeys: 3 }) as fc.Arbitrary<JsonObject>;
  const part = fc.oneof(
    fc.record({ role: fc.constantFrom('system', 'user', 'assistant', 'developer'), content: text }),
    fc.record({ placeholder: name }),
    fc.record({ include: name }),
    fc.record({
      examples: fc.array(fc.record({ input: object, output: json }), { minLength: 1, maxLength: 2 }),
      user: text,
    }),
    fc.record({
      role: fc.constant('user'),
      content: fc.array(fc.record({ type: fc.constant('text'), text }), { minLength: 1, maxLength: 2 }),
    }),
  );
  const partials = fc.dictionary(fc.stringMatching(/^[\w.-]{1,6}$/), text, { maxKeys: 2 });
  const definition = fc.oneof(
    fc.record({ flavor: fc.constant('base'), baseModel: fc.constant('sim/echo'), parameters: object }),
    fc.record({
      flavor: fc.constant('prompt'),
      baseModel: fc.constant('sim/echo'),
      parameters: object,
      messages: fc.array(part, { maxLength: 3 }),
      partials,
    }),
    fc.record({ flavor: fc.constant('prompt'), baseModel: fc.constant('sim/echo'), template: text }),
    fc.record({
      flavor: fc.constant('chain'),
      steps: fc.constant([
        { id: 'a', do: 'code', source: 'export function main(x) {\n  return x;\n}\n' },
        {
          id: 'b',
          do: 'branch',
          cases: [{ when: { at: '/steps/a', equals: 'yes' }, steps: [{ id: 'c', do: 'prompt', model: 'm@1' }] }],
        },
      ]),
      output: json,
    }),
    fc.record({ flavor: fc.constant('endpoint'), url: text, body: json }),
    fc.record({
      flavor: fc.constant('code'),
      runtime: fc.constant('node'),
      entry: fc.constant('./bot.ts'),
      hash: fc.constant('a'.repeat(64)),
    }),
  );

  it('gives back the same version, whatever is in it, and the same file', () => {
    fc.assert(
      fc.property(definition, object, json, text, (given, input, example, message) => {
        const version = content(given, { signature: { input, output: {} }, example, message });
        const file = printVersion(version);
        const read = parseVersion(file);
        expect(read).toEqual(version);
        expect(printVersion(read as VersionContent)).toBe(file);
      }),
      { numRuns: 400 },
    );
  });

  it('is the same after an editor put its own line ends and a line at the end', () => {
    expect(parseVersion(printVersion(pleasant).replaceAll('\n', '\r\n'))).toEqual(pleasant);
  });

  it('can be written by hand', () => {
    const read = parseVersion('---\nflavor: prompt\nbaseModel: sim/echo\n---\n## user\n{{q}}\n');
    expect(read).toEqual({
      definition: {
        flavor: 'prompt',
        baseModel: 'sim/echo',
        parameters: {},
        messages: [{ role: 'user', content: '{{q}}' }],
      },
      signature: {},
      example: null,
      message: '',
    });
    expect(parseVersion('---\nflavor: base\nbaseModel: sim/echo\n---').definition.flavor).toBe('base');
  });

  it.each([
    ['hello', /does not begin/],
    ['---\nflavor: [\n---\n', /not YAML/],
    ['---\n- a\n---\n', /not members/],
    ['---\nflavor: poem\n---\n', /flavor/],
    ['---\nflavor: prompt\n---\n', /baseModel/],
    ['---\nflavor: prompt\nbaseModel: a\n---\n\nhello\n## user\n', /Line 6 stands before/],
    ['---\nflavor: base\nbaseModel: a\n---\n## user\nx', /prompts only/],
    ['---\nflavor: prompt\nbaseModel: a\n---\n## examples\n[', /not YAML/],
    [`---\na: &a [x, x]\nb: &b [${'*a, '.repeat(200)}]\n---\n`, /YAML|alias/i],
  ])('says what is wrong with %j', (file, message) => {
    expect(() => parseVersion(file)).toThrow(message);
    expect(() => parseVersion(file)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
  });
});
