import { defaultProjectId, type Model, type ModelVersion } from '@wheelhouse/core/records';
import { defaultSettings, type RouteTable } from '@wheelhouse/core/route';
import { expect, it } from 'vitest';
import { createSchemaChecker } from '../tools/schema-checker.ts';
import { labelsOf, type NewEvaluationBody } from './create-evaluation.ts';

const judge = {
  model: { name: 'tone', latest: 3, aliases: [{ alias: 'production', version: 2, movedAt: '' }] } as unknown as Model,
  versions: new Map([2, 3].map((number) => [number, { number, definition: {} } as unknown as ModelVersion])),
};
const routes: RouteTable = {
  providers: new Set(['openai']),
  providerOf: () => null,
  routes: new Map(),
  settings: defaultSettings,
  find: (name) => (name === 'tone' ? judge : null),
};
const labels = (...scorers: unknown[]) =>
  labelsOf({ checker: createSchemaChecker(), routes: () => routes }, defaultProjectId, {
    scorers,
    place: 'server',
  } as unknown as NewEvaluationBody);

it('a judge is the version that its alias points at when the evaluation is made', () => {
  expect(labels('judge_model {"model":"tone@production"}')).toEqual(['judge_model {"model":"tone@2"}']);
  expect(labels({ name: 'judge_rubric', options: { model: 'openai/m', rubric: 'r' } })).toEqual([
    expect.stringMatching(/^judge_rubric \{"model":"openai\/m","prompt":"[0-9a-f]{8}","rubric":"r"\}$/),
  ]);
});

it('a judge that nobody knows is refused before anything is asked', () => {
  expect(() => labels('judge_model {"model":"nobody@1"}')).toThrow(/nobody/);
  expect(() => labels('judge_rubric {"model":"openai/m"}')).toThrow(/`rubric`/);
});
