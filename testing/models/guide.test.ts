import { readFile } from 'node:fs/promises';
import { checkVersion, modelDefinition, parseVersion, printVersion } from '@wheelhouse/core/model';
import type { ModelDefinition, ModelVersion } from '@wheelhouse/core/records';
import { expect, it } from 'vitest';
import { fakePredictWorld, versionOf } from './predict-world.ts';

const guide = await readFile(new URL('../../docs/guides/models.md', import.meta.url), 'utf8');
const blocks = (language: string) =>
  [...guide.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, text]) => text as string);

const text = (template: string, number: number): ModelVersion =>
  versionOf({ flavor: 'prompt', baseModel: 'sim/echo', template, parameters: {} } as never, { number });
/** What the guide's examples name. */
const models = {
  'tone@production': text('Be kind.', 1),
  'house-rules@3': text('No rules.', 3),
  'triage@production': text('{{text}}', 1),
  'explain-bill@2': text('{{#bill}}{{total}}{{/bill}}', 2),
  'support-bot@production': text('{{question}}', 1),
};

const definitions = blocks('json')
  .map((json) => JSON.parse(json) as ModelDefinition)
  .filter(({ flavor }) => flavor !== undefined);

it.each(definitions)('the $flavor of the guide can be published', (definition) => {
  const { context } = fakePredictWorld({ models });
  const version = versionOf(modelDefinition.parse(definition), { find: context.find });
  expect(() => checkVersion(version, context)).not.toThrow();
});

it('has three definitions', () =>
  expect(definitions.map(({ flavor }) => flavor)).toEqual(['prompt', 'chain', 'endpoint']));

it('the file of the guide is one', () => {
  const [file = ''] = blocks('text');
  const read = parseVersion(file);
  expect(read).toMatchObject({
    message: 'Kinder',
    definition: { flavor: 'prompt', partials: { end: 'Keep it short.' } },
  });
  const printed = printVersion({ ...read, signature: {} as never });
  expect(printed.replace('signature: {}\n', '')).toBe(file);
});
