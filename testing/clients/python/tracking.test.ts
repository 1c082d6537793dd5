import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeFolder, startWheelhouse, type Wheelhouse } from '../../e2e/start-wheelhouse.ts';
import { runClient } from './run-client.ts';

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

const env = () => ({
  MLFLOW_TRACKING_URI: house.url,
  MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR: 'false',
  MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT: 'true',
});

it("MLflow's client records a run here, finds it, and reads it back", async () => {
  const said = await runClient('tracking/train.py', env(), 'python-mlflow');
  expect(said).toMatchObject({
    ...{ user: true, found: [true], status: 'FINISHED', isNan: true, params: 130, text: 'hello', tracked: true },
    history: [
      [0, 1],
      [1, 0.5],
    ],
  });
  const { runId } = said as { runId: string };
  const run = await house.client.call('getTrackedRun', { params: { runId } });
  expect(run).toMatchObject({ name: 'tuned', status: 'FINISHED' });
  expect(run.metrics.find(({ key }) => key === 'broken')?.value).toBeNull();
});

it('the session that its own server was recorded with ends well here', async () => {
  const said = await runClient('../../fixtures/mlflow/capture_tracking.py', env(), 'python-mlflow');
  expect(said).toMatchObject({ exchanges: expect.any(Number) });
});
