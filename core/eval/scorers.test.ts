import { fakeScoringWorld, scoringTarget } from '@wheelhouse/testing/fakes';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SchemaChecker } from '../ports/index.ts';
import { canonicalJson, isJsonObject, type Json, type ScorerResult } from '../records/index.ts';
import { createScorer, scorerLabel, scorerNames } from './scorers.ts';

/** Knows `type` and `required`: enough to tell a schema from none and a fit from a misfit. */
const checker: SchemaChecker = {
  check: (schema, value) => {
    const { required = [] } = schema as { required?: string[] };
    const missing = required.filter((key) => !isJsonObject(value) || !(key in value));
    return missing.length === 0 ? null : `${missing.join(', ')} is missing`;
  },
  checkSchema: (schema) => ('type' in schema ? null : 'it has no type'),
};
const world = fakeScoringWorld();
const run = (label: string, output: string, expected: Json): ScorerResult => {
  const result = createScorer(label, { checker })(scoringTarget({ output, expected }), world);
  if (!('ok' in result)) throw new Error(`${label} was expected to answer at once`);
  return result;
};
const score = (label: string, output: string, expected: Json) => {
  const result = run(label, output, expected);
  return result.ok ? result.score : result.error;
};
const reason = (label: string, output: string, expected: Json) => {
  const result = run(label, output, expected);
  return result.ok ? result.reason : null;
};

describe('exact', () => {
  test('forgives white space at the ends and nothing else', () => {
    expect(score('exact', ' Paris\n', 'Paris')).toBe(1);
    expect(score('exact', 'paris', 'Paris')).toBe(0);
    expect(score('exact {"ignoreCase":true}', 'paris', 'Paris')).toBe(1);
    expect(score('exact', '', '')).toBe(1);
  });

  test('compares values where JSON is expected', () => {
    expect(score('exact', '{"b": [1, 2.0], "a": null}', { a: null, b: [1, 2] })).toBe(1);
    expect(score('exact', '{"b": [2, 1]}', { b: [1, 2] })).toBe(0);
    expect(score('exact', '42', 42)).toBe(1);
    expect(run('exact', 'I think it is 42', 42)).toMatchObject({
      ok: true,
      score: 0,
      reason: 'the output is not JSON',
    });
  });
});

describe('levenshtein', () => {
  test('is one minus the distance by the longer text', () => {
    expect(score('levenshtein', 'sitting', 'kitten')).toBeCloseTo(1 - 3 / 7, 12);
    expect(score('levenshtein', '', '')).toBe(1);
    expect(score('levenshtein', '', 'abc')).toBe(0);
    expect(score('levenshtein', '{"a":1}', { a: 1 })).toBe(1);
  });

  test('counts code points, so an emoji is one letter', () => {
    expect(score('levenshtein', '🙂b', '🙁b')).toBe(0.5);
  });

  test('does not compare texts that are too long', () => {
    expect(score('levenshtein', 'x'.repeat(20_001), 'y')).toMatch(/20001 characters.*limit is 20000/);
    expect(score('levenshtein', 'ab'.repeat(10_000), 'ba'.repeat(10_000))).toBeCloseTo(1 - 2 / 20_000, 12);
  });
});

describe('contains', () => {
  test('finds the expected text, or all of a list, or any', () => {
    expect(score('contains', 'It is Paris.', 'Paris')).toBe(1);
    expect(score('contains', 'It is paris.', 'Paris')).toBe(0);
    expect(score('contains {"ignoreCase":true}', 'It is paris.', 'Paris')).toBe(1);
    expect(run('contains', 'tea', ['tea', 'milk'])).toMatchObject({ ok: true, score: 0, reason: 'it lacks "milk"' });
    expect(score('contains {"need":"any"}', 'tea', ['tea', 'milk'])).toBe(1);
    expect(score('contains {"need":"any"}', 'water', ['tea', 'milk'])).toBe(0);
    expect(score('contains', 'the 42nd', 42)).toBe(1);
  });

  test('needs no expected value when the options name the texts, and never finds nothing', () => {
    expect(score('contains {"values":["sorry"]}', 'I am sorry', null)).toBe(1);
    expect(score('contains', 'anything', '')).toMatch(/neither a text/);
    expect(score('contains', 'anything', [])).toMatch(/neither a text/);
  });
});

describe('regex', () => {
  test('looks for the pattern of the options, or for the expected one', () => {
    expect(score('regex {"pattern":"^\\\\d{4}-\\\\d{2}$"}', '2026-11', null)).toBe(1);
    expect(score('regex {"pattern":"^\\\\d{4}-\\\\d{2}$"}', 'in 2026-11', null)).toBe(0);
    expect(score('regex {"flags":["i"]}', 'PARIS', 'par(is|ma)')).toBe(1);
    expect(score('regex', 'x', '(')).toMatch(/the pattern cannot be used: it is no regular expression/);
    expect(score('regex', 'x', 5)).toBe('the expected value is no pattern');
  });

  test('says so when a text is too long for the pattern', () => {
    expect(score('regex {"pattern":"(a{1,2000}){1}b"}', 'a'.repeat(50_000), null)).toMatch(/too long for this pattern/);
  });
});

describe('numeric', () => {
  test('allows what the options allow', () => {
    expect(score('numeric', ' 42.0 ', 42)).toBe(1);
    expect(reason('numeric', '42.1', 42)).toMatch(/^42.1 is off by 0.1/);
    expect(score('numeric {"absolute":0.2}', '42.1', 42)).toBe(1);
    expect(score('numeric {"relative":0.01}', '42.1', '42')).toBe(1);
    expect(score('numeric {"relative":0.001}', '42.1', '42')).toBe(0);
    expect(score('numeric', '1,234.5', 1234.5)).toBe(1);
    expect(score('numeric', '−3e2', -300)).toBe(1);
    expect(score('numeric', '.5', 0.5)).toBe(1);
  });

  test('finds a number in a sentence when asked to', () => {
    expect(reason('numeric', 'It is 42', 42)).toBe('the output is not a number');
    expect(score('numeric {"find":"first"}', 'It is 42 of 100.', 42)).toBe(1);
    expect(score('numeric {"find":"last"}', 'v2: it is 1,000 of 12,345.', 12345)).toBe(1);
    expect(score('numeric {"find":"last"}', '3-4', 4)).toBe(1);
    expect(reason('numeric {"find":"last"}', 'none', 42)).toBe('no number in the output');
    expect(score('numeric', '42', 'many')).toBe('the expected value is not a number');
  });
});

describe('json_schema', () => {
  test('checks against the schema of the options, or the expected one', () => {
    const schema = { type: 'object', required: ['city'] };
    const label = scorerLabel({ name: 'json_schema', options: { schema } });
    expect(score(label, '{"city":"Oslo"}', null)).toBe(1);
    expect(run(label, '{}', null)).toMatchObject({ ok: true, score: 0, reason: 'city is missing' });
    expect(reason(label, 'Oslo', null)).toBe('the output is not JSON');
    expect(score('json_schema', '{"city":"Oslo"}', schema)).toBe(1);
    expect(score('json_schema', '{}', {})).toBe('the schema cannot be used: it has no type');
    expect(score('json_schema', '{}', 'object')).toBe('the expected value is no JSON Schema');
    expect(() => run('json_schema {"schema":{}}', '{}', null)).toThrow(/it has no type/);
  });
});

describe('json_diff', () => {
  test('is the share of equal leaves, with what differs', () => {
    const expected = { city: 'Oslo', tags: ['a', 'b'], at: { lat: 59.9 } };
    expect(run('json_diff', '{"at":{"lat":60},"tags":["a"],"city":"Oslo","x":1}', expected)).toMatchObject({
      ok: true,
      score: 2 / 5,
      reason: 'tags[1] is missing; at.lat is 60, not 59.9; x is not expected',
    });
    expect(score('json_diff {"ignore":["at","x","tags[1]"]}', '{"tags":["a"],"city":"Oslo","x":1}', expected)).toBe(1);
    expect(reason('json_diff', '[1,1,1,1,1,1,1]', [0, 0, 0, 0, 0, 0, 0])).toMatch(/; and 2 more$/);
    expect(reason('json_diff', 'Oslo', expected)).toBe('the output is not JSON');
  });
});

describe('scores of texts', () => {
  const overlap = ['bleu', 'chrf', 'ter', 'rouge_1', 'rouge_2', 'rouge_l', 'rouge_lsum', 'meteor'];

  test('are within 0 and 1 where the metric itself goes to 100, or beyond', () => {
    expect(score('bleu', 'the cat sat on the mat', 'the cat sat on the mat')).toBe(1);
    expect(score('chrf', 'the cat', 'the cat')).toBe(1);
    expect(run('ter', 'a b c d', 'x')).toMatchObject({ ok: true, score: 0, reason: 'TER 400.0 %' });
    expect(run('ter', 'a b', 'a c')).toMatchObject({ ok: true, score: 0.5, reason: 'TER 50.0 %' });
    expect(reason('rouge_1', 'the cat', 'the cat sat')).toBe('precision 1.000, recall 0.667');
  });

  test('take their options', () => {
    expect(score('bleu {"lowercase":true}', 'THE CAT SAT ON', 'the cat sat on')).toBe(1);
    expect(score('bleu', 'THE CAT SAT ON', 'the cat sat on')).toBe(0);
    expect(score('rouge_1 {"stem":true}', 'running', 'runs')).toBe(1);
    expect(score('rouge_1', 'running', 'runs')).toBe(0);
    expect(score('ter', 'The Cat', 'the cat')).toBe(1);
    expect(score('ter {"caseSensitive":true}', 'The Cat', 'the cat')).toBe(0);
    expect(score('chrf {"wordOrder":2}', 'ab cd', 'ab, cd')).not.toBe(score('chrf', 'ab cd', 'ab, cd'));
  });

  test.each(overlap)('%s fails where nothing can be compared, and is no zero', (label) => {
    expect(score(label, 'a', { text: 'a' })).toMatch(/neither a text nor a list of texts/);
    expect(score(label, 'a', [])).toMatch(/neither a text nor a list of texts/);
    expect(score(label, 'a', ['a', 1])).toMatch(/neither a text nor a list of texts/);
    expect(score(label, 'x '.repeat(10_001), 'a')).toMatch(/too long/);
  });

  test('TER of very many words is refused', () => {
    expect(score('ter', 'x '.repeat(1_001), 'a')).toMatch(/1001 words are too many/);
  });

  const texts = fc.array(fc.constantFrom('the', 'The', 'cats', 'cat', 'ran', 'ran,', 'né', '猫', '3.5', '\n'), {
    maxLength: 9,
  });
  const text = texts.map((words) => words.join(' '));

  test.each(overlap)('%s is within 0 and 1, and says the same of references in any order', (label) => {
    fc.assert(
      fc.property(text, fc.array(text, { minLength: 1, maxLength: 3 }), (output, references) => {
        const forth = score(label, output, references);
        expect(forth).toBeGreaterThanOrEqual(0);
        expect(forth).toBeLessThanOrEqual(1);
        expect(score(label, output, references.toReversed())).toBeCloseTo(forth as number, 12);
      }),
    );
  });

  test.each(['bleu', 'chrf', 'rouge_1', 'rouge_2', 'rouge_l', 'rouge_lsum', 'meteor'])(
    '%s gets no worse by one more right answer',
    (label) => {
      fc.assert(
        fc.property(text, text, (output, reference) => {
          const one = score(label, output, [reference]) as number;
          expect(score(label, output, [reference, output])).toBeGreaterThanOrEqual(one - 1e-12);
        }),
      );
    },
  );

  test('identical texts score 1, and METEOR as near as their length lets it', () => {
    fc.assert(
      fc.property(text, (same) => {
        const words = same.match(/[a-z]+|\d+/gi)?.length ?? 0;
        expect(score('ter', same, same)).toBe(1);
        expect(score('chrf', same, same)).toBe(same.trim() === '' ? 0 : 1);
        expect(score('bleu', same, same)).toBe(same.trim() === '' ? 0 : 1);
        for (const label of ['rouge_1', 'rouge_l', 'rouge_lsum'])
          expect(score(label, same, same)).toBe(words > 0 ? 1 : 0);
      }),
    );
    expect(score('meteor', 'one two', 'one two')).toBeCloseTo(1 - 0.5 / 2 ** 3, 12);
  });
});

const json = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)) as Json);

test('levenshtein, json_diff and the F-measures are symmetric', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (a, b) => {
      for (const label of ['levenshtein', 'rouge_1', 'rouge_2', 'rouge_l'])
        expect(score(label, a, b)).toBe(score(label, b, a));
      expect(score('levenshtein', a, a)).toBe(1);
    }),
  );
  fc.assert(
    fc.property(json, json, (a, b) => {
      fc.pre(a !== null && b !== null);
      const forth = score('json_diff', JSON.stringify(a), b);
      expect(forth).toBe(score('json_diff', JSON.stringify(b), a));
      expect(forth).toBeGreaterThanOrEqual(0);
      expect(forth === 1).toBe(canonicalJson(a) === canonicalJson(b));
      expect(score('json_diff', JSON.stringify(a), a)).toBe(1);
    }),
  );
});

describe('every scorer', () => {
  const comparing = scorerNames.slice(0, scorerNames.indexOf('readability'));

  test.each(comparing)('%s says nothing without an expected value, least of all zero', (name) => {
    expect(run(name, 'anything', null)).toMatchObject({ ok: false });
  });

  test.each(scorerNames)('%s refuses options that it does not know', (name) => {
    expect(() => run(`${name} {"unknown":1}`, 'a', 'a')).toThrow(/The options of .* do not work/);
  });

  test('that breaks is told of that output', () => {
    const deep = `${'['.repeat(30_000)}${']'.repeat(30_000)}`;
    expect(score('json_diff', deep, { a: 1 })).toMatch(/^the scorer broke: /);
  });

  test('is known by its name and its options, whatever their order', () => {
    expect(scorerLabel('bleu')).toBe('bleu');
    expect(scorerLabel({ name: 'bleu', options: {} })).toBe('bleu');
    const label = 'bleu {"lowercase":true,"tokenize":"char"}';
    expect(scorerLabel(' bleu {"tokenize": "char", "lowercase": true}')).toBe(label);
    expect(scorerLabel({ name: 'bleu', options: { tokenize: 'char', lowercase: true } })).toBe(label);
    expect(() => scorerLabel('bleu {tokenize}')).toThrow(/is not a scorer/);
    expect(() => run('rouge', 'a', 'a')).toThrow('There is no scorer `rouge`.');
    expect(() => scorerLabel({ name: 'regex', options: { pattern: 'a'.repeat(4_000) } })).toThrow(/more than 4000/);
    expect(() => run('bleu {"tokenize":"zh"}', 'a', 'a')).toThrow(/`tokenize`/);
    expect(() => run('regex {"pattern":"(?=a)"}', 'a', 'a')).toThrow(/looks ahead/);
  });
});
