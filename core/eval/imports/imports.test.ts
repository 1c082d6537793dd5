import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../records/index.ts';
import { createScorer, scorerLabel } from '../scorers.ts';
import { readMessages, shapeOfItems, twinOfGrader } from './openai-graders.ts';
import { twinsOfClass } from './registry-classes.ts';
import { writePrompt } from './write-prompt.ts';

const shape = { expected: 'label', output: null };
const answer = '{{ sample.output_text }}';
const checker = { check: () => null, checkSchema: () => null };

describe('graders of OpenAI’s hosted evals', () => {
  const check = (operation: string, reference = '{{item.label}}', input = answer) =>
    twinOfGrader({ type: 'string_check', name: 'n', operation, input, reference }, shape);
  const similarity = (metric: string, more: JsonObject = {}) =>
    twinOfGrader(
      {
        type: 'text_similarity',
        name: 'n',
        evaluation_metric: metric,
        input: answer,
        reference: '{{item.label}}',
        ...more,
      },
      shape,
    );

  it('become scorers of ours where the answer is compared with what is expected', () => {
    expect(check('eq').scorer).toEqual({ name: 'exact', options: {} });
    expect(check('like').scorer).toEqual({ name: 'contains', options: {} });
    expect(check('ilike').scorer).toEqual({ name: 'contains', options: { ignoreCase: true } });
    const named = ['bleu', 'meteor', 'rouge_1', 'rouge_2', 'rouge_l', 'fuzzy_match', 'cosine'].map((metric) => {
      const { scorer } = similarity(metric);
      return scorer && 'name' in scorer ? createScorer(scorerLabel(scorer), { checker }) && scorer.name : scorer;
    });
    expect(named).toEqual(['bleu', 'meteor', 'rouge_1', 'rouge_2', 'rouge_l', 'levenshtein', 'embedding_similarity']);
  });

  it('become functions where other texts are compared', () => {
    const code = (twin: ReturnType<typeof check>) => (twin.scorer && 'code' in twin.scorer ? twin.scorer.code : null);
    expect(code(check('ne'))).toContain('input !== reference');
    expect(code(check('eq', "it's {{ item.city.name }}"))).toContain(
      "const reference = 'it\\'s ' + text('input.city.name');",
    );
  });

  it.each(['rouge_3', 'rouge_4', 'rouge_5', 'gleu'])('have no twin for %s, and that is said', (metric) => {
    expect(similarity(metric)).toEqual({ name: 'n', scorer: null, remarks: [`\`${metric}\` is not measured here`] });
  });

  it('say what is not the same: thresholds, Python, types and templates that are not known', () => {
    expect(similarity('rouge_1', { pass_threshold: 0.7 }).remarks).toEqual([expect.stringContaining('0.7')]);
    expect(
      twinOfGrader({ type: 'python', name: 'p', source: 'def grade(sample, item): return 1' }, shape),
    ).toMatchObject({
      ...{ name: 'p', scorer: null, remarks: [expect.stringContaining('Python')] },
    });
    expect(twinOfGrader({ type: 'multi', name: 'm' }, shape).remarks).toEqual([expect.stringContaining('`multi`')]);
    expect(check('eq', '{{ item.label | upper }}').remarks).toEqual(['`{{ item.label | upper }}` means nothing here']);
    expect(check('eq', '{{ sample.output_tools }}').scorer).toBeNull();
    expect(check('around').remarks).toEqual(['there is no operation "around"']);
  });

  it('that ask models become judges with the same words', () => {
    const input = [
      { role: 'developer', content: 'Judge.' },
      { role: 'user', content: { type: 'input_text', text: `{{item.ticket}} / {{ item.label }} / ${answer}` } },
    ];
    const label = {
      type: 'label_model',
      name: 'polite',
      model: 'gpt-4o',
      labels: ['a', 'b'],
      passing_labels: ['a'],
      input,
    };
    expect(twinOfGrader(label, shape).scorer).toMatchObject({
      judge: {
        baseModel: 'openai/gpt-4o',
        messages: [
          { role: 'developer', content: 'Judge.' },
          { role: 'user', content: '{{input.ticket}} / {{expected}} / {{output}}' },
        ],
        options: { choices: { a: 1, b: 0 } },
      },
    });
    const score = {
      type: 'score_model',
      name: 'grade',
      model: 'gpt-4o',
      range: [1, 5],
      input,
      sampling_params: { temperature: 0 },
    };
    const twin = twinOfGrader(score, shape);
    expect(twin.scorer).toMatchObject({ judge: { options: { best: 5 }, parameters: { temperature: 0 } } });
    expect(twin.remarks).toEqual(['its scores are from 1 to 5; here they are divided by 5']);
    const picture = [{ role: 'user', content: [{ type: 'input_image', image_url: 'x' }] }];
    expect(twinOfGrader({ ...score, input: picture }, shape).remarks).toEqual(['a message has more than text']);
    expect(twinOfGrader({ ...score, range: [-1, 1] }, shape).scorer).toBeNull();
  });

  it('tell which member of an item is expected, and which is the answer where no model was asked', () => {
    const grader = (input: string, reference: string, operation = 'eq') => ({
      type: 'string_check',
      input,
      reference,
      operation,
    });
    expect(shapeOfItems([grader(answer, '{{item.a}}'), grader(answer, '{{item.b}}', 'ne')])).toEqual({
      expected: 'a',
      output: null,
    });
    expect(shapeOfItems([grader('{{item.said}}', '{{item.right}}')])).toEqual({ expected: 'right', output: 'said' });
    expect(shapeOfItems([])).toEqual({ expected: null, output: null });
  });

  it('keeps braces of texts as texts', () => {
    expect(writePrompt([{ text: 'a {{ b }} ' }, { at: 'input.x' }])).toBe('{{=<% %>=}}a {{ b }} <%input.x%>');
    expect(readMessages([{ role: 'user', content: 'no {{ item.x' }], shape)).toEqual([
      { role: 'user', content: '{{=<% %>=}}no {{ item.x' },
    ]);
  });
});

describe('classes of openai/evals', () => {
  const only = (evalClass: string, args: JsonObject = {}) =>
    twinsOfClass(`evals.elsuite.basic.x:${evalClass}`, args)[0];

  it('become scorers and functions', () => {
    expect(only('Includes', { ignore_case: true })?.scorer).toEqual({
      ...{ name: 'contains', options: { need: 'any', ignoreCase: true } },
    });
    expect(only('JsonValidator')?.scorer).toEqual({ name: 'json_schema', options: { schema: {} } });
    for (const name of ['Match', 'FuzzyMatch', 'JsonMatch']) expect(only(name)?.scorer).toHaveProperty('code');
    expect(only('Match', { num_few_shot: 4 })?.remarks).toEqual([expect.stringContaining('4 examples')]);
    expect(only('BallotsEval')?.scorer).toBeNull();
  });

  const spec = {
    prompt: 'Of {input}: {completion}. {criteria} {ideal} {topic} {{set}}',
    choice_strings: 'YN',
    choice_scores: { Y: 1, N: 0 },
    input_outputs: { input: 'completion' },
    args: { criteria: { short: 'Short?', right: 'Right?' } },
  };
  const judged = (more: JsonObject = {}, args: JsonObject = {}) =>
    twinsOfClass(
      'evals.elsuite.modelgraded.classify:ModelBasedClassify',
      { modelgraded_spec: 's', ...args },
      { ...spec, ...more },
    );

  it('that ask models become a judge for each of their criteria', () => {
    const [first, second] = judged();
    expect([first?.name, second?.name]).toEqual(['s short', 's right']);
    const conversation =
      '{{#input.messages}}{{role}}: {{content}}\n{{/input.messages}}{{^input.messages}}{{input}}{{/input.messages}}';
    expect(first?.scorer).toMatchObject({
      judge: {
        baseModel: null,
        messages: [
          { role: 'user', content: `Of ${conversation}: {{output}}. Short? {{expected}} {{metadata.topic}} {set}` },
        ],
        options: { choices: { Y: 1, N: 0 } },
      },
    });
  });

  it('lay choices on 0 to 1, and say where there is nothing like them', () => {
    const scores = (more: JsonObject) => judged({ args: {}, ...more })[0];
    expect(scores({ choice_strings: ['1', '2', '3'], choice_scores: 'from_strings' })?.scorer).toMatchObject({
      judge: { options: { choices: { '1': 0, '2': 0.5, '3': 1 } } },
    });
    expect(scores({ choice_scores: null })).toMatchObject({
      scorer: { judge: { options: {} } },
      remarks: [expect.stringContaining('labels')],
    });
    expect(scores({ choice_strings: 'from_n' })?.remarks).toEqual([expect.stringContaining('several answers')]);
    expect(scores({ input_outputs: { input1: 'a', input2: 'b' } })?.scorer).toBeNull();
    expect(judged({}, { metaeval: true })[0]?.scorer).toBeNull();
    expect(judged({}, { multicomp_n: 4 })[0]?.scorer).toBeNull();
    expect(twinsOfClass('x:ModelBasedClassify', { modelgraded_spec: 'gone' })[0]?.remarks).toEqual([
      expect.stringContaining('not in the export'),
    ]);
  });
});
