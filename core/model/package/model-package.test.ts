import { fileURLToPath } from 'node:url';
import { kubernetesFault } from '@wheelhouse/testing/kubernetes';
import { versionOf } from '@wheelhouse/testing/models';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import type { Json, JsonObject, ModelDefinition, Signature } from '../../records/index.ts';
import { type PackagedVersion, packageFiles, readPackage, versionHash } from '../index.ts';

const release = { wheelhouse: '0.1.0' };
const golden = (name: string) => fileURLToPath(new URL(`../../../testing/fixtures/mlflow/${name}`, import.meta.url));

type Given = { name?: string; number?: number; signature?: Partial<Signature>; example?: Json; message?: string };

function packaged(definition: JsonObject, { name = 'bot', number = 1, example = null, ...given }: Given = {}) {
  const { signature: said, message = '' } = given;
  const made = versionOf(definition as unknown as ModelDefinition, { number, ...(said && { signature: said }) });
  const { definition: parsed, signature } = made;
  const version: PackagedVersion = {
    ...{ name, number, hash: versionHash(parsed, signature), definition: parsed, signature, example, message },
    ...{ author: 'local', createdAt: '2026-11-21T15:03:57.582Z' },
  };
  return version;
}

const prompt = packaged(
  {
    flavor: 'prompt',
    baseModel: 'sim/echo',
    messages: [{ role: 'user', content: '{{question}} ×{{count}}, {{mood}}' }],
    parameters: { temperature: 0.2 },
  },
  {
    name: 'support.bot',
    number: 3,
    message: 'Kinder: twice\nand "quoted"',
    example: { question: 'Why?', count: 2 },
    signature: {
      input: {
        type: 'object',
        properties: {
          question: { type: 'string' },
          count: { type: 'integer' },
          share: { type: 'number' },
          urgent: { type: 'boolean' },
          tags: { type: 'array', items: { type: 'string' } },
          who: {
            type: 'object',
            properties: { name: { type: 'string' }, age: { type: 'integer' } },
            required: ['name'],
            additionalProperties: false,
          },
          free: { type: 'object' },
        },
        required: ['question', 'count'],
      },
      parameters: {
        type: 'object',
        properties: {
          temperature: { type: 'number', default: 0.2 },
          stop: { type: 'array', items: { type: 'string' }, default: ['END'] },
          seed: { type: 'integer' },
        },
      },
    },
  },
);
const base = packaged({ flavor: 'base', baseModel: 'sim/echo', parameters: { temperature: 0 } });
const endpoint = packaged(
  { flavor: 'endpoint', url: 'https://api.example.com/rank' },
  { signature: { input: { type: 'string' }, output: { type: 'array', items: { type: 'number' } } }, example: 'text' },
);
const chain = packaged(
  {
    flavor: 'chain',
    steps: [{ id: 'say', do: 'prompt', model: 'support.bot@production', input: { question: { $from: '/input/q' } } }],
    output: { answer: { $from: '/steps/say' } },
  },
  {
    number: 2,
    example: { q: 'Why?' },
    signature: {
      input: { type: 'object', properties: { q: { type: 'string' } }, required: ['q'] },
      output: { type: 'object', properties: { answer: { type: 'string' } }, required: ['answer'] },
    },
  },
);
const alone = (model: PackagedVersion) => ({ model, references: new Map<string, PackagedVersion>() });
const whole = {
  model: chain,
  references: new Map([
    ['support.bot@3', prompt],
    ['support.bot@production', prompt],
  ]),
};
const all = { prompt: alone(prompt), base: alone(base), endpoint: alone(endpoint), chain: whole };
const textOf = (files: { path: string; text: string }[], path: string) =>
  files.find((file) => file.path === path)?.text;

describe.each(Object.entries(all))('a folder of a %s', (name, model) => {
  const files = packageFiles(model, release);

  it('is read back as what was written', () => {
    expect(readPackage(files)).toEqual(model);
  });

  it('has the MLmodel that MLflow reads', async () => {
    await expect(textOf(files, 'MLmodel')).toMatchFileSnapshot(golden(`${name}.MLmodel.yaml`));
  });

  it('has manifests that Kubernetes takes', () => {
    const documents = parseAllDocuments(textOf(files, 'kubernetes.yaml') ?? '').map((one) => one.toJS() as JsonObject);
    expect(documents.map(({ kind }) => kind)).toEqual(['Deployment', 'Service']);
    for (const document of documents) expect(kubernetesFault(document)).toBeNull();
  });
});

test('whatever a version says comes back, and a member that Kubernetes does not know is refused', () => {
  const text = fc.string({ unit: 'grapheme' });
  fc.assert(
    fc.property(text, fc.jsonValue(), text, (message, example, author) => {
      const model = alone({ ...prompt, message, author, example: JSON.parse(JSON.stringify(example)) as Json });
      expect(readPackage(packageFiles(model, release))).toEqual(model);
    }),
    { numRuns: 50 },
  );
  const [deployment] = parseAllDocuments(textOf(packageFiles(all.base, release), 'kubernetes.yaml') ?? '');
  const manifest = deployment?.toJS() as JsonObject & { spec: JsonObject };
  expect(kubernetesFault({ ...manifest, spec: { ...manifest.spec, replica: 2 } })).toContain('replica');
  expect(kubernetesFault({ ...manifest, spec: { ...manifest.spec, replicas: 'two' } })).toContain('replicas');
});

test('a version that was edited is not the one that was exported', () => {
  const files = packageFiles(all.prompt, release).map((file) => ({ ...file, text: file.text.replace('Why?', 'How?') }));
  expect(readPackage(files).model.example).toEqual({ question: 'How?', count: 2 });
  const edited = files.map((file) => ({ ...file, text: file.text.replace('sim/echo', 'sim/rules') }));
  expect(() => readPackage(edited)).toThrow('is not the version that was exported');
  expect(() => readPackage(files.filter(({ path }) => !path.startsWith('model/')))).toThrow('has no file');
  expect(() => readPackage([])).toThrow('has no wheelhouse.json');
});

test('the module in Python hears whether a conversation stands beside the variables', () => {
  const own = { type: 'object', properties: { messages: { type: 'array' } } };
  const manifestOf = (model: PackagedVersion) =>
    JSON.parse(textOf(packageFiles(alone(model), release), 'wheelhouse.json') ?? '');
  expect(manifestOf(prompt)).toMatchObject({ takesMessages: true });
  expect(manifestOf({ ...prompt, signature: { ...prompt.signature, input: own } })).toMatchObject({
    takesMessages: false,
  });
});

test('examples are a body for /invocations', () => {
  const files = packageFiles(all.prompt, release);
  expect(JSON.parse(textOf(files, 'serving_input_example.json') ?? '')).toEqual({
    dataframe_split: { columns: ['question', 'count'], data: [['Why?', 2]] },
  });
  const plain = packageFiles(all.endpoint, release);
  expect(JSON.parse(textOf(plain, 'serving_input_example.json') ?? '')).toEqual({ inputs: ['text'] });
  expect(textOf(packageFiles(all.base, release), 'input_example.json')).toBeUndefined();
  expect(parse(textOf(files, 'python_env.yaml') ?? '')).toMatchObject({ dependencies: ['-r requirements.txt'] });
});
