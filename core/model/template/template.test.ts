import fc from 'fast-check';
import Mustache from 'mustache';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../records/index.ts';
import { parseTemplate } from './parse-template.ts';
import { noPartials, type Partials, renderTemplate } from './render-template.ts';
import { templateVariables } from './template-variables.ts';

const render = (text: string, values: Json, partials: Record<string, string> = {}) => {
  const found: Partials = (name) =>
    Object.hasOwn(partials, name)
      ? { template: parseTemplate(partials[name] as string), partials: found }
      : noPartials(name);
  return renderTemplate(parseTemplate(text), values, { partials: found });
};
const names = (text: string) => templateVariables(parseTemplate(text), noPartials).map(({ name }) => name);

describe('templates', () => {
  it('insert values as they are and never parse them again', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        expect(render('<{{x}}>', { x: value })).toBe(`<${value}>`);
      }),
    );
    expect(render('{{a}}', { a: '{{b}} & <i>', b: 'leak' })).toBe('{{b}} & <i>');
    expect(render('{{>p}}{{{a}}}{{&a}}', { a: '{{>p}}' }, { p: '{{a}}' })).toBe('{{>p}}{{>p}}{{>p}}');
  });

  it('know their variables: fields by their root, and which stand in sections', () => {
    expect(names('{{a}} {{{b}}} {{c.d}} {{#items}}{{name}}{{/items}}{{^empty}}{{e}}{{/empty}}')).toEqual([
      'a',
      'b',
      'c',
      'items',
      'name',
      'empty',
      'e',
    ]);
    const nested = templateVariables(parseTemplate('{{#items}}{{name}}{{/items}}{{^none}}{{e}}{{/none}}'), noPartials);
    expect(nested.filter((one) => one.nested).map(({ name }) => name)).toEqual(['name']);
  });

  it('reach nothing of JavaScript behind the values', () => {
    expect(
      render('[{{constructor}}{{x.constructor}}{{__proto__}}{{toString}}{{s.length}}{{x.__proto__.y}}]', {
        x: { y: 1 },
        s: 'text',
      }),
    ).toBe('[]');
    expect(render('{{__proto__.a}}', JSON.parse('{"__proto__":{"a":"own"}}') as Json)).toBe('own');
  });

  it.each([
    ['{{#open}}', 'line 1, column 1'],
    ['a\nb {{', 'line 2, column 3'],
    ['{{/x}}', 'closes nothing'],
    ['{{#a}}{{/b}}', 'closes {{#a}}'],
    ['{{}}', 'no name'],
    ['{{=<%=}}', 'delimiters'],
    ['{{#a}}'.repeat(101) + '{{/a}}'.repeat(101), 'nested'],
  ])('refuse %.12s, saying where and why', (text, reason) => {
    expect(() => parseTemplate(text, 'definition.template')).toThrow(
      expect.objectContaining({
        code: 'invalid_request',
        param: 'definition.template',
        message: expect.stringContaining(reason),
      }),
    );
  });

  it.each([
    ['other delimiters', '{{=<% %>=}}<%a%> {{a}}', { a: 1 }, '1 {{a}}'],
    ['a comment', 'a{{! no }}b', {}, 'ab'],
    ['a lone section tag', 'a\n  {{#x}}\nb\n  {{/x}}\nc', { x: true }, 'a\nb\nc'],
    ['carriage returns', 'a\r\n{{#x}}\r\nb\r\n{{/x}}\r\nc', { x: true }, 'a\r\nb\r\nc'],
    ['lists', '{{#x}}<{{.}}>{{/x}}', { x: [1, 'b', null] }, '<1><b><>'],
    [
      'members of items before those of the whole',
      '{{#x}}{{n}}{{m}} {{/x}}',
      { x: [{ n: 1 }, { n: 2 }], n: 0, m: 'm' },
      '1m 2m ',
    ],
    ['a dotted name from its first part on', '{{#a}}{{b.c}}{{/a}}', { a: { b: {} }, b: { c: 'no' } }, ''],
    ['emptiness', '{{^a}}1{{/a}}{{^b}}2{{/b}}{{^c}}3{{/c}}{{^d}}4{{/d}}', { a: [], b: false, d: 'x' }, '123'],
    ['objects as JSON', '{{a}} {{b}}', { a: { b: [1] }, b: ['x'] }, '{"b":[1]} ["x"]'],
  ])('have %s', (_what, text, values, expected) => {
    expect(render(text, values as Json)).toBe(expected);
  });

  it('indent each line of a partial that stands alone, but no value', () => {
    expect(render(' <\n  {{>p}}\n>', { v: 'x\ny' }, { p: 'a\n{{v}}\n' })).toBe(' <\n  a\n  x\ny\n>');
    expect(render('- {{>p}}', {}, { p: 'a\nb' })).toBe('- a\nb');
    expect(render(' {{>p}} {{>p}}\n', {}, { p: 'a' })).toBe(' a a\n');
  });

  it('stop growing at a size that no prompt has', () => {
    const list = Array.from({ length: 200 }, () => 'x');
    const text = '{{#l}}{{#l}}{{#l}}{{#l}}{{a}}{{/l}}{{/l}}{{/l}}{{/l}}';
    expect(() => render(text, { l: list, a: 'xxxx' })).toThrow(expect.objectContaining({ code: 'invalid_request' }));
  });

  it('take time in proportion to the text', () => {
    expect(() => parseTemplate(`{{a${' '.repeat(200_000)}`)).toThrow(/not closed/);
    expect(render(`{{a${' '.repeat(200_000)}}}`, { a: 1 })).toBe('1');
    expect(render('{{a}}'.repeat(40_000), { a: 1 })).toHaveLength(40_000);
  });

  const word = fc.constantFrom('a', 'b', 'c', 'd.e', '.');
  const piece = fc.oneof(
    fc.constantFrom('text', ' ', '\n', '  ', '}', '{', 'x\n'),
    word.map((name) => `{{{${name}}}}`),
    fc
      .tuple(fc.constantFrom('#', '^'), word, fc.constantFrom('', '\n', ' t '))
      .map(([sigil, name, inner]) => `{{${sigil}${name}}}${inner}{{{b}}}{{/${name}}}`),
    fc.constant('{{! note }}'),
  );
  const scalar = fc.oneof(fc.string(), fc.integer(), fc.boolean());
  const values = fc.record({
    a: fc.oneof(scalar, fc.array(scalar), fc.record({ b: scalar })),
    b: scalar,
    d: fc.record({ e: scalar }),
  });

  it('say what mustache.js says', () => {
    const said = (make: () => string) => {
      try {
        return make();
      } catch {
        return null;
      }
    };
    const plain = (text: string, view: object) => Mustache.render(text, view, {}, { escape: String });
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), values, (pieces, view) => {
        const text = pieces.join('');
        // What an object is as text, `.` at the top, is where the two differ on purpose.
        fc.pre(!pieces.some((one) => one.includes('.}}') && !one.includes('e')));
        // A line of several tags and nothing else stays a line, as the specification has it.
        const tag = /\{\{[#^/!][^}]*\}\}/g;
        fc.pre(
          !text.split('\n').some((line) => (line.match(tag) ?? []).length > 1 && line.replace(tag, '').trim() === ''),
        );
        if (typeof view.a === 'object') fc.pre(!text.includes('{{{a}}}'));
        expect(said(() => render(text, view as Json))).toBe(said(() => plain(text, view)));
      }),
      { numRuns: 500 },
    );
  });

  it('never crash and never leak, whatever they and their values are', () => {
    const bits = fc.constantFrom(
      '{{',
      '}}',
      '{{{',
      '}}}',
      '#',
      '^',
      '/',
      '>',
      '&',
      '!',
      '=',
      '.',
      'a',
      'b',
      ' ',
      '\n',
      '\r',
    );
    const text = fc
      .array(fc.oneof(bits, fc.string({ maxLength: 4 }), piece), { maxLength: 30 })
      .map((all) => all.join(''));
    fc.assert(
      fc.property(text, fc.jsonValue(), (source, view) => {
        let out: string;
        try {
          out = renderTemplate(parseTemplate(source), { a: view as Json, secret: 'NEVER' });
        } catch (error) {
          expect(error).toMatchObject({ code: 'invalid_request' });
          return;
        }
        if (!source.includes('secret') && !/[{>]\s*\./.test(source) && !source.includes('.'))
          expect(out).not.toContain('NEVER');
        expect(out).not.toMatch(/\[object |function |native code/);
      }),
      { numRuns: 1_000 },
    );
  });
});
