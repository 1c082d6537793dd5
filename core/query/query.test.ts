import { everyTrace, type Filter } from '@wheelhouse/core/records';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleFilter, sampleNowNs, searchedTrace } from '../../testing/conformance/sample-filters.ts';
import { allOf, anyOf, fields, matches, mentions, notOf, parseFilter, printFilter, withoutField } from './index.ts';

function read(text: string): Filter {
  const parsed = parseFilter(text);
  if (!parsed.ok) throw new Error(`${text}: ${parsed.problem.message}`);
  return parsed.filter;
}
const canonical = (text: string) => printFilter(read(text));
function problem(text: string) {
  const parsed = parseFilter(text);
  if (parsed.ok) throw new Error(`${text} is right`);
  const { message, hint, from, to } = parsed.problem;
  return { message, hint, at: text.slice(from, to) };
}
const fits = (trace: Parameters<typeof matches>[0], filter: Filter) => matches(trace, filter, sampleNowNs);

describe('the filter language', () => {
  it.each([
    ['', ''],
    ['status:error model:gpt* cost>0.01', 'status:error model:gpt* cost>0.01'],
    ['score.grounded<0.5 user:42 last:24h', 'score.grounded<0.5 user:42 last:1d'],
    ['text:"my refund" refund', '"my refund" refund'],
    ['STATUS:Error env:prod ttft>=1500ms', 'status:error environment:prod first_token>=1500ms'],
    ['-model:a,b -(x y)', '-model:a,b -(x y)'],
    ['a b or c', 'a b or c'],
    ['a (b or c)', 'a (b or c)'],
    ['a AND b OR "or"', 'a b or "or"'],
    ['cost:0.5,$1 tokens>1.5k latency<=90s', 'cost:0.5,1 tokens>1500 latency<=90s'],
    ['name:"chat "*', 'name:"chat "*'],
    ['name:"a*b" tag:a**b', 'name:"a*b" tag:a*b'],
    ['has:score has:score.tone,user', 'has:score (has:score.tone or has:user)'],
    ['score."my metric":angry score:true', 'score."my metric":angry score:true'],
    ['tokens:>=10 score.x:>0.5', 'tokens>=10 score.x>0.5'],
    ['since:2026-11-21 until:2026-11-21T10:00+02:00', 'since:2026-11-21T00:00:00Z until:2026-11-21T08:00:00Z'],
    ['10:30 f(x) refund* "-x"', '"10:30" "f(x)" refund "-x"'],
    ['--status:ok', 'status:ok'],
    ['user:""', 'user:""'],
  ])('reads %s', (text, printed) => {
    expect(canonical(text)).toBe(printed);
    expect(read(printed)).toEqual(read(text));
  });

  it.each([
    ['stauts:error', 'stauts', 'There is no field `stauts`.', 'Did you mean `status`?'],
    ['a http://x b', 'http', 'There is no field `http`.', '"http://x"'],
    ['status:eror', 'eror', '`status` is never `eror`.', 'Did you mean `error`?'],
    ['x status:', 'status:', '`status:` needs a value.', 'One of ok, error, unset.'],
    ['tag:a,', 'tag:a,', '`tag:` needs a value.', 'tag:vip'],
    ['latency>2', '2', '`2` is no value of `latency`.', 'A time has a unit'],
    ['cost>abc', 'abc', '`abc` is no value of `cost`.', 'in dollars'],
    ['tokens>1.5', '1.5', '`1.5` is no value of `tokens`.', 'whole number'],
    ['model>3', 'model>', '`model` takes `:`, not `>`.', 'model:'],
    ['cost>1,2', '1,2', '`cost>` takes one value.', ''],
    ['score.x>high', 'high', '`high` is no number.', 'score.tone:angry'],
    ['model.x:1', '.x', '`model` has no parts.', 'score.grounded'],
    ['has:scroe', 'scroe', '`has` takes the name of a field, not `scroe`.', 'Did you mean `score`?'],
    ['since:yesterday', 'yesterday', '`yesterday` is no time.', 'ISO 8601'],
    ['since:2026-02-30', '2026-02-30', '`2026-02-30` is no time.', 'ISO 8601'],
    ['last:1x', '1x', '`1x` is no value of `last`.', 'A time has a unit'],
    ['a "b', '"b', 'This quote is never closed.', ''],
    ['a (b', '(', 'This `(` is never closed.', ''],
    ['a )', ')', 'This `)` closes nothing.', ''],
    ['a ( )', '( )', 'There is nothing in this group.', ''],
    ['a or', 'or', '`or` needs something on both sides.', 'quote it'],
    ['('.repeat(51), '(', 'There are too many groups within groups.', ''],
  ])('refuses %s and points at the place', (text, at, message, hint) => {
    const found = problem(text);
    expect(found).toMatchObject({ message, at });
    expect(found.hint).toContain(hint);
  });

  it('never throws, whatever it is given, and reads back what it prints', () => {
    const pieces = [
      'status',
      'score',
      ':',
      '>',
      '<=',
      '"',
      '\\',
      '(',
      ')',
      '-',
      '*',
      ',',
      ' or ',
      ' ',
      '5',
      's',
      'é',
      '\n',
    ];
    const junk = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc
        .array(fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 3 })), { maxLength: 30 })
        .map((p) => p.join('')),
    );
    fc.assert(
      fc.property(junk, (text) => {
        const parsed = parseFilter(text);
        if (parsed.ok) expect(read(printFilter(parsed.filter))).toEqual(parsed.filter);
        else {
          const { from, to, message } = parsed.problem;
          expect(message).not.toBe('');
          expect(0 <= from && from <= to && to <= text.length).toBe(true);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('prints every filter as text that reads back as the same filter', () => {
    fc.assert(
      fc.property(sampleFilter, (filter) => {
        expect(read(printFilter(filter))).toEqual(filter);
      }),
      { numRuns: 2000 },
    );
  });

  it('has an example for each field that it understands, by the name of the field', () => {
    for (const { name, example, values } of fields) {
      expect(canonical(example)).not.toBe('');
      expect(example.startsWith(name)).toBe(true);
      for (const value of values ?? []) expect(canonical(`${name}:${value}`)).toBe(`${name}:${value}`);
    }
  });
});

describe('matches', () => {
  it('obeys the laws of negation', () => {
    fc.assert(
      fc.property(searchedTrace, sampleFilter, sampleFilter, (trace, a, b) => {
        expect(fits(trace, notOf(a))).toBe(!fits(trace, a));
        expect(fits(trace, notOf(allOf([a, b])))).toBe(fits(trace, anyOf([notOf(a), notOf(b)])));
        expect(fits(trace, notOf(anyOf([a, b])))).toBe(fits(trace, allOf([notOf(a), notOf(b)])));
        expect(fits(trace, notOf(notOf(a)))).toBe(fits(trace, a));
        expect(fits(trace, allOf([a, everyTrace]))).toBe(fits(trace, a));
      }),
    );
  });

  const [sample] = fc.sample(searchedTrace, { numRuns: 1, seed: 1 });
  if (!sample) throw new Error('no sample');
  const trace = {
    ...sample,
    models: ['support-bot@2', 'openrouter/openai/gpt-4o'],
    costNanoUsd: null,
    endNs: null,
    userId: null,
    tags: ['vip', 'eu'],
    inputTokens: 9_000,
    outputTokens: 1_000,
    text: 'i want my refund, please',
    scores: [
      { name: 'good', value: true },
      { name: 'grounded', value: 0.5 },
      { name: 'tone', value: 'angry' },
    ],
  };
  it.each([
    ['model:support-bot', true],
    ['model:support-bot@2', true],
    ['model:support-bot@1', false],
    ['model:gpt*', true],
    ['model:gpt-4o', true],
    ['model:openai/gpt-4o', true],
    ['model:router/openai/gpt-4o', false],
    ['model:*4*', true],
    ['-model:claude*', true],
    ['cost<1', false],
    ['-cost<1', true],
    ['latency>0s', false],
    ['has:latency', false],
    ['user:""', true],
    ['user:42', false],
    ['-user:42', true],
    ['tag:us,eu', true],
    ['tokens>=10k', true],
    ['text:"MY refund"', true],
    ['refund please', true],
    ['refund missing', false],
    ['score.good:true score.good>=1', true],
    ['score.grounded<0.5', false],
    ['score.grounded<=0.5 score.grounded:0.5', true],
    ['score.tone>0', false],
    ['score.tone:ang*', true],
    ['score<0.7', true],
    ['has:score.tone -has:score.other', true],
  ])('%s is %s', (text, expected) => {
    expect(fits(trace, read(text))).toBe(expected);
  });
});

describe('a filter without a field', () => {
  it('keeps the other conditions, and conditions that are about other fields too', () => {
    const filter = read('status:error -status:ok (status:ok or status:unset) model:a (status:ok or model:b)');
    expect(printFilter(withoutField(filter, 'status'))).toBe('model:a (status:ok or model:b)');
    expect(mentions(withoutField(filter, 'model'), 'model')).toBe(true);
    expect(mentions(filter, 'user')).toBe(false);
    expect(withoutField(read('status:ok'), 'status')).toEqual(everyTrace);
  });
});
