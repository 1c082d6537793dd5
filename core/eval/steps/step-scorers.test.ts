import { fakeScoringWorld, scoringTarget } from '@wheelhouse/testing/fakes';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SchemaChecker } from '../../ports/index.ts';
import type { Json, Span } from '../../records/index.ts';
import type { ScoringTarget } from '../scorer-kind.ts';
import { createScorer } from '../scorers.ts';
import { type MatchMode, matchSteps } from './match-steps.ts';
import { toolCallsOfSpans, toolCallsOfText } from './read-tool-calls.ts';

/** Knows `required` and `type`. */
const checker: SchemaChecker = {
  check: (schema, value) => {
    const { required = [] } = schema as { required?: string[] };
    return required.every((key) => Object.hasOwn(value as object, key)) ? null : 'something is missing';
  },
  checkSchema: (schema) => ('type' in schema ? null : 'it has no type'),
};
const score = (label: string, target: Partial<ScoringTarget>) =>
  createScorer(label, { checker })(scoringTarget(target), fakeScoringWorld());

const call = (name: string, args: Json = {}) => ({ name, arguments: args });
const calls = (text: string) => [...text].map((name) => call(name));
const span = (given: object) =>
  ({ kind: 'span', name: 'x', toolCall: null, input: null, output: null, ...given }) as unknown as Span;

describe('steps match', () => {
  const modes: MatchMode[] = ['strict', 'unordered', 'subset', 'superset'];
  const same = (a: string, b: string) => a === b;
  const matched = (expected: string, actual: string) =>
    modes.filter((mode) => matchSteps([...expected], [...actual], { mode, fits: same }).isMatch);

  test.each([
    ['ab', 'ab', 'strict unordered subset superset'],
    ['ab', 'ba', 'unordered subset superset'],
    ['ab', 'a', 'subset'],
    ['a', 'ab', 'superset'],
    ['aab', 'ab', 'subset'],
    ['ab', 'aab', 'superset'],
    ['ab', 'ac', ''],
    ['', '', 'strict unordered subset superset'],
    ['', 'a', 'superset'],
    ['a', '', 'subset'],
  ])('%s against %s: %s', (expected, actual, modesThatMatch) => {
    expect(matched(expected, actual).join(' ')).toBe(modesThatMatch);
  });

  const steps = fc.array(fc.constantFrom(...'abc'), { maxLength: 6 });

  test('by a share that is 1 only for a match, and strict only where unordered', () => {
    fc.assert(
      fc.property(steps, steps, (expected, actual) => {
        const by = (mode: MatchMode) => matchSteps(expected, actual, { mode, fits: same });
        for (const mode of modes) {
          const { share, isMatch } = by(mode);
          expect(share).toBeGreaterThanOrEqual(0);
          expect(share === 1).toBe(isMatch);
        }
        expect(by('unordered').isMatch).toBe(by('subset').isMatch && by('superset').isMatch);
        if (by('strict').isMatch) expect(by('unordered').isMatch).toBe(true);
      }),
    );
  });

  test('in the most pairs, where one step may stand for several', () => {
    const fits = (pattern: string, step: string) => pattern.includes(step);
    expect(matchSteps(['ab', 'a'], ['a', 'b'], { mode: 'unordered', fits })).toMatchObject({ isMatch: true });
    expect(matchSteps(['ab', 'a'], ['a', 'b'], { mode: 'strict', fits })).toMatchObject({ isMatch: false, share: 0.5 });
  });
});

describe('tool calls', () => {
  test('are read as vendors and the gateway write them', () => {
    const weather = [call('weather', { city: 'Oslo' })];
    const openai = [{ id: 'c1', type: 'function', function: { name: 'weather', arguments: '{"city":"Oslo"}' } }];
    for (const text of [
      JSON.stringify(weather),
      JSON.stringify(weather[0]),
      JSON.stringify({ role: 'assistant', tool_calls: openai }),
      JSON.stringify([{ type: 'tool_use', name: 'weather', input: { city: 'Oslo' } }]),
      'I will look.\nweather({"city":"Oslo"})',
    ])
      expect(toolCallsOfText(text), text).toEqual(weather);
    expect(toolCallsOfText('print(x) and so on')).toEqual([]);
    expect(toolCallsOfText('now()')).toEqual([call('now')]);
  });

  test('are those that ran in a trace, or else those that were asked for', () => {
    const output = {
      type: 'messages',
      messages: [{ role: 'assistant', parts: [{ type: 'tool_call', id: null, name: 'a', arguments: { n: 1 } }] }],
    };
    const asked = span({ kind: 'generation', output });
    const ran = span({ kind: 'tool', toolCall: { id: null, name: 'b', arguments: '{"n":2}', result: null } });
    expect(toolCallsOfSpans([asked])).toEqual([call('a', { n: 1 })]);
    expect(toolCallsOfSpans([asked, ran])).toEqual([call('b', { n: 2 })]);
  });

  test('match by name and arguments', async () => {
    const expected = [call('weather', { city: 'Oslo', at: [59.91, 10.75] })];
    const output = JSON.stringify([call('weather', { at: [59.914, 10.75], city: 'Oslo' })]);
    expect(await score('tool_calls', { output, expected })).toMatchObject({
      score: 0,
      reason: 'missing: weather; not expected: weather',
    });
    expect(await score('tool_calls {"absolute":0.01}', { output, expected })).toMatchObject({ score: 1 });
    expect(await score('tool_calls {"arguments":"any"}', { output, expected })).toMatchObject({ score: 1 });
  });

  test('match by a schema of their arguments', async () => {
    const expected = [call('weather', { type: 'object', required: ['city'] })];
    const label = 'tool_calls {"arguments":"schema"}';
    expect(await score(label, { output: 'weather({"city":"Rome"})', expected })).toMatchObject({ score: 1 });
    expect(await score(label, { output: 'weather({"town":"Rome"})', expected })).toMatchObject({ score: 0 });
    expect(await score(label, { output: '', expected: [call('weather', { required: [] })] })).toMatchObject({
      error: 'the schema of weather cannot be used: it has no type',
    });
  });

  test('give a share where one is wanted', async () => {
    const output = JSON.stringify(calls('acb'));
    const partial = (mode: string) => `tool_calls {"mode":"${mode}","partial":true}`;
    expect(await score(partial('strict'), { output, expected: calls('abcd') })).toMatchObject({ score: 0.5 });
    expect(await score(partial('unordered'), { output, expected: calls('abcd') })).toMatchObject({ score: 6 / 7 });
    expect(await score(partial('superset'), { output, expected: calls('abcd') })).toMatchObject({ score: 3 / 4 });
    expect(await score(partial('subset'), { output, expected: calls('abcd') })).toMatchObject({ score: 1 });
  });

  test('that were not to be made are no failure, and without a list nothing can be said', async () => {
    expect(await score('tool_calls', { output: 'No tool is needed.', expected: [] })).toMatchObject({ score: 1 });
    expect(await score('tool_calls', { output: 'a()', expected: [] })).toMatchObject({ score: 0 });
    expect(await score('tool_calls', { output: 'a()', expected: null })).toMatchObject({ ok: false });
    expect(await score('tool_calls {"from":"trace"}', { expected: [] })).toMatchObject({
      error: 'there is no trace to look at',
    });
    expect(await score('tool_calls', { output: '', expected: calls('a'.repeat(501)) })).toMatchObject({
      error: '501 steps are too many to compare; the limit is 500',
    });
  });
});

describe('a trajectory', () => {
  const spans = async () => [
    span({ kind: 'agent', name: 'planner' }),
    span({ kind: 'generation', name: 'chat' }),
    span({ kind: 'retriever', name: 'search' }),
    span({ kind: 'tool', name: 'execute_tool mail', toolCall: { name: 'mail' } }),
  ];

  test('is the steps of a trace in their order, by name', async () => {
    const expected = ['planner', 'search', 'mail'];
    expect(await score('trajectory', { spans, expected })).toMatchObject({ score: 1, reason: null });
    expect(await score('trajectory', { spans, expected: ['search', { name: 'planner' }] })).toMatchObject({ score: 0 });
    const label = 'trajectory {"kinds":["generation"],"mode":"superset"}';
    expect(await score(label, { spans, expected: ['chat'] })).toMatchObject({ score: 1 });
    expect(await score('trajectory', { expected })).toMatchObject({ error: 'there is no trace to look at' });
    expect(await score('trajectory', { spans, expected: 'search' })).toMatchObject({ ok: false });
  });
});
