import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createModels } from '@wheelhouse/sdk/model';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cleanEnvironment, makeFolder, startWheelhouse, type Wheelhouse } from '../../e2e/start-wheelhouse.ts';
import { runClient } from './run-client.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const python = join(root, '.cache', 'python-mlflow', 'bin', 'python');

let folder: Awaited<ReturnType<typeof makeFolder>>;
let house: Wheelhouse;

beforeAll(async () => {
  folder = await makeFolder();
  house = await startWheelhouse({ folder: folder.path });
});
afterAll(async () => {
  await house?.stop();
  await folder?.remove();
});

/** Resolves when it is answered. */
async function startServe(model: string) {
  const child = spawn(
    process.execPath,
    [join(root, 'cli', 'bin', 'wheelhouse.mjs'), 'serve', `./${model}`, '--python', python],
    { cwd: folder.path, env: cleanEnvironment({ WHEELHOUSE_URL: house.url }), stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  await expect.poll(() => output, { timeout: 60_000 }).toContain(`${model}@1 is answered here`);
  return {
    stop() {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

it('models that MLflow saved answer as they do in MLflow, by the columns of their signatures', async () => {
  const env = { MODELS_FOLDER: folder.path };
  const inMlflow = await runClient('files/save_mlflow_models.py', env, 'python-mlflow');
  expect(inMlflow).toEqual({ table: ['tea: 3.0!'], texts: ['HELLO'] });
  const serves = [await startServe('table'), await startServe('texts')];
  const models = createModels({ baseUrl: house.url });
  const row = { name: 'tea', count: 2, price: 1.5 };

  const table = await models.model('table@1').predict(row, { parameters: { end: '!' } });
  expect(table.output).toBe('tea: 3.0!');
  const whole = await models.model('table@1').predict({ ...row, price: 2 });
  expect(whole.output).toBe('tea: 4.0.');
  const refused = await models.model('table@1').batch([{ ...row, count: 2.5 }, { name: 'tea' }]);
  expect(refused).toMatchObject([
    { error: { code: 'signature_mismatch', message: expect.stringContaining('`count`') } },
    { error: { code: 'signature_mismatch', message: expect.stringContaining('`price`') } },
  ]);
  expect((await models.model('texts@1').predict('hello')).output).toBe('HELLO');

  const { versions } = await house.client.call('getModel', { params: { name: 'table' } });
  expect(versions[0]?.signature).toMatchObject({
    input: { properties: { name: { type: 'string' }, count: { type: 'integer' }, price: { type: 'number' } } },
    parameters: { properties: { end: { type: 'string', default: '.' } } },
  });
  expect(await Promise.all(serves.map((serve) => serve.stop()))).toEqual([0, 0]);
});
