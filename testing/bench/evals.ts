import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, createClient } from '@wheelhouse/sdk';
import { figure, measured, spread } from './measure.ts';
import { cpuMs } from './processes.ts';
import type { Report } from './report.ts';
import { makeFolder, startHouse } from './wheelhouse.ts';

const rows = 1_000;
const repetitions = 3;
const concurrency = 50;
const latencyMs = 100;
const calls = rows * 2 * repetitions;
const idealSeconds = (calls / concurrency) * (latencyMs / 1000);
const mostTimesIdeal = 1.15;
const rowsAtOnce = 500;
const watchMs = 100;

async function prepare(client: Client): Promise<void> {
  const messages = (content: string) => [{ role: 'system' as const, content }];
  const definition = {
    flavor: 'prompt' as const,
    baseModel: 'sim/echo',
    parameters: { sim: { latency_ms: latencyMs } },
  };
  await client.call('createModel', {
    body: { name: 'desk', version: { definition: { ...definition, messages: messages('You help.') } } },
  });
  await client.call('createVersion', {
    params: { name: 'desk' },
    body: { definition: { ...definition, messages: messages('You help, in one sentence.') } },
  });
  await client.call('createDataset', { body: { name: 'questions' } });
  for (let from = 0; from < rows; from += rowsAtOnce) {
    const examples = Array.from({ length: rowsAtOnce }, (_, i) => ({
      input: `Where is my order A-${from + i}? I have been waiting for it for a week.`,
      expected: `Order A-${from + i} arrives tomorrow.`,
    }));
    await client.call('addExamples', { params: { name: 'questions' }, body: { examples } });
  }
  await client.call('freezeDataset', { params: { name: 'questions' } });
}

type Round = { seconds: number; resultSeconds: number };

/** From being asked for to its last answer, and from there to its results. */
async function round(client: Client): Promise<Round> {
  const startedAt = performance.now();
  const { id } = await client.call('createEvaluation', {
    body: { dataset: 'questions', runs: [{ ref: 'desk@1' }, { ref: 'desk@2' }], repetitions, concurrency },
  });
  let answeredAt = 0;
  for (;;) {
    const { status, error, done } = await client.call('getEvaluation', { params: { evaluationId: id } });
    if (done === calls && answeredAt === 0) answeredAt = performance.now();
    if (status === 'failed' || status === 'stopped') throw new Error(`The evaluation ${status}: ${error}`);
    if (status === 'completed') break;
    await sleep(watchMs);
  }
  const end = performance.now();
  const answered = answeredAt === 0 ? end : answeredAt;
  return { seconds: (end - startedAt) / 1000, resultSeconds: (end - answered) / 1000 };
}

/** How close an evaluation comes to the time that its calls alone would take. */
export async function measureEvals({ rounds, profile }: { rounds: number; profile: string | null }): Promise<Report> {
  const folder = await makeFolder();
  const house = await startHouse({ folder: folder.path, profile });
  try {
    const client = createClient({ baseUrl: house.url });
    await prepare(client);
    const cpuBefore = cpuMs(house.pid);
    const all: Round[] = [];
    for (let i = 0; i < rounds; i++) all.push(await round(client));
    const cpuPerCall = (cpuMs(house.pid) - cpuBefore) / (rounds * calls);
    const seconds = measured(all.map((one) => one.seconds));
    const times = measured(all.map((one) => one.seconds / idealSeconds));
    const results = measured(all.map(({ resultSeconds }) => resultSeconds));
    return {
      name: 'evals',
      title: 'Evaluations',
      method: [
        `${rows.toLocaleString('en-US')} rows × 2 versions × ${repetitions} repetitions against \`sim\`, which answers after ${latencyMs} ms, ${concurrency} calls at one time: ${idealSeconds} s would be ideal.`,
        'Two scorers; every answer is recorded before it counts. The time is from the request to the stored results.',
      ],
      tables: [
        {
          title: 'An evaluation of 6,000 calls',
          columns: ['', 'value'],
          rows: [
            ['seconds, results included', spread(seconds)],
            ['times the ideal', spread(times)],
            ['seconds from the last answer to the results', spread(results)],
            ['ms of CPU of the server a call', figure(cpuPerCall)],
          ],
        },
      ],
      goals: [
        {
          goal: `at most ${mostTimesIdeal} × the ideal time`,
          measured: `${figure(times.median)} ×`,
          met: times.median <= mostTimesIdeal,
        },
      ],
      figures: { rows, repetitions, concurrency, latencyMs, idealSeconds, rounds: all, cpuPerCall },
    };
  } finally {
    await house.stop();
    await folder.remove();
  }
}
