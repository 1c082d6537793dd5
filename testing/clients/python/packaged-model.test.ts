import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeFolder, runCli, startWheelhouse, type Wheelhouse } from '../../e2e/start-wheelhouse.ts';
import { runClient } from './run-client.ts';

const bin = join(import.meta.dirname, '..', '..', '..', 'cli', 'bin', 'wheelhouse.mjs');
const definition = {
  flavor: 'prompt',
  baseModel: 'sim/echo',
  messages: [{ role: 'user', content: '{{question}} ×{{count}} {{share}} {{#tags}}<{{.}}>{{/tags}} {{who}} {{mood}}' }],
};
const signature = {
  input: {
    type: 'object',
    properties: {
      question: { type: 'string' },
      count: { type: 'integer' },
      share: { type: 'number' },
      tags: { type: 'array', items: { type: 'string' } },
      who: {
        type: 'object',
        properties: { name: { type: 'string' } },
        required: ['name'],
        additionalProperties: false,
      },
      mood: { type: 'string', default: 'calm' },
    },
    required: ['question', 'count', 'share', 'tags', 'who'],
    additionalProperties: false,
  },
  parameters: {
    type: 'object',
    properties: {
      temperature: { type: 'number', default: 0.5 },
      stop: { type: 'array', items: { type: 'string' }, default: ['END'] },
    },
  },
};
const rows = [
  { question: 'Why?', count: 2, share: 1, tags: ['a', 'b'], who: { name: 'Ada' } },
  { question: 'Größe?', count: 3, share: 0.5, tags: [], who: { name: 'Bo' } },
];

let folder: Awaited<ReturnType<typeof makeFolder>>;
let wheelhouse: Wheelhouse;
beforeAll(async () => {
  folder = await makeFolder();
  wheelhouse = await startWheelhouse({ folder: folder.path });
  const version = { definition, signature, example: rows[0] };
  await wheelhouse.client.call('createModel', { body: { name: 'support.bot', version } } as never);
  const env = { WHEELHOUSE_URL: wheelhouse.url };
  expect(await runCli(['model', 'export', 'support.bot@1', 'out'], { cwd: folder.path, env })).toMatchObject({
    code: 0,
  });
});
afterAll(async () => {
  await wheelhouse?.stop();
  await folder?.remove();
});

it.each(['of its own', 'that runs'])(
  'MLflow loads an exported folder, which predicts by a server %s',
  async (which) => {
    const response = await fetch(`${wheelhouse.url}/api/v1/models/support.bot/predict`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ version: 1, inputs: rows }),
    });
    const { data } = (await response.json()) as { data: { output: string }[] };
    const outputs = data.map(({ output }) => output);
    expect(outputs).toEqual(['Why? ×2 1 <a><b> {"name":"Ada"} calm', 'Größe? ×3 0.5  {"name":"Bo"} calm']);
    const asked = {
      MODEL_FOLDER: join(folder.path, 'out'),
      ROWS: JSON.stringify(rows),
      PARAMS: '{"temperature": 1.5}',
    };
    const place: Record<string, string> =
      which === 'that runs'
        ? { WHEELHOUSE_URL: wheelhouse.url }
        : { WHEELHOUSE_COMMAND: `'${process.execPath}' '${bin}'` };
    expect(await runClient('models/load_packaged_model.py', { ...asked, ...place }, 'python-mlflow')).toEqual({
      ...{ records: outputs, frame: outputs, example: outputs.slice(0, 1) },
      inputs: [
        ['question', 'DataType.string', true],
        ['count', 'DataType.long', true],
        ['share', 'DataType.double', true],
        ['tags', 'Array(string)', true],
        ['who', expect.stringContaining('name: string (required)'), true],
        ['mood', 'DataType.string', false],
        ['messages', 'Any', false],
      ],
      params: [
        ['temperature', 0.5],
        ['stop', ['END']],
      ],
      uuid: expect.stringMatching(/^[0-9a-f]{32}$/),
      refusal: expect.stringContaining('question'),
    });
  },
);
