import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '@wheelhouse/sdk';
import { Pool } from 'undici';
import { startUpstream } from '../upstream/index.ts';
import { figure, quantile } from './measure.ts';
import type { Report, Table } from './report.ts';
import { makeFolder, root, startHouse } from './wheelhouse.ts';

const perSecond = 500;
/** So long before something changes, and after it. */
const phaseMs = 6_000;
const model = 'bench-bot';
const users = 20_000;

type Client = ReturnType<typeof createClient>;
type Phase = { name: string; calls: number; failed: number; candidate: number; ms: number[] };

const version = (vendorModel: string) => ({
  definition: {
    ...{ flavor: 'prompt' as const, baseModel: `openai/${vendorModel}` },
    messages: [{ role: 'user' as const, content: '{{question}}' }],
  },
});

/** Calls that begin when they are meant to, however slow the ones before are; times count from when that was. */
function createLoad(url: string) {
  const pool = new Pool(url, { connections: 256 });
  const running = new Set<Promise<void>>();
  let sent = 0;

  async function call(phase: Phase, meantMs: number): Promise<void> {
    const user = `user ${(sent++ * 7_919) % users}`;
    const body = JSON.stringify({ model, user, messages: [], variables: { question: `Question ${sent}` } });
    phase.calls++;
    try {
      const answer = await pool.request({
        ...{ method: 'POST', path: '/v1/chat/completions', headers: { 'content-type': 'application/json' }, body },
      });
      const text = await answer.body.text();
      if (answer.statusCode !== 200) phase.failed++;
      else if (text.includes('"model":"new')) phase.candidate++;
    } catch {
      phase.failed++;
    }
    phase.ms.push(performance.now() - meantMs);
  }

  return {
    /** All calls of a phase, and what is done in the middle of it. */
    async run(name: string, change: () => Promise<unknown> = async () => {}): Promise<Phase> {
      const phase: Phase = { name, calls: 0, failed: 0, candidate: 0, ms: [] };
      const startedMs = performance.now();
      const changed = sleep(phaseMs / 2).then(change);
      const all = (phaseMs * perSecond) / 1_000;
      for (let next = 0; next < all; ) {
        const due = Math.min(all, Math.floor(((performance.now() - startedMs) * perSecond) / 1_000));
        for (; next < due; next++) {
          const one = call(phase, startedMs + (next * 1_000) / perSecond).finally(() => running.delete(one));
          running.add(one);
        }
        await sleep(1);
      }
      await changed;
      await Promise.all(running);
      return phase;
    },
    close: () => pool.close(),
  };
}

async function twoVersions(client: Client): Promise<void> {
  await client.call('createModel', { body: { name: model, version: version('old~words=5') } });
  await client.call('createVersion', { params: { name: model }, body: version('new~words=5') });
  await client.call('moveAlias', { params: { name: model, alias: 'production' }, body: { version: 1 } });
}

/** The life of a release under a set rate, each change in the middle of its phase. */
async function live(client: Client, load: ReturnType<typeof createLoad>): Promise<Phase[]> {
  const rails = [{ kind: 'errors' as const, name: 'errors', effect: 0.03 }];
  const start = (more: object) =>
    client.call('startRelease', { body: { model, candidate: 2, rails, minimum: 100_000, ...more } });
  let id = '';
  const end = (call: 'promoteRelease' | 'rollBackRelease') => () =>
    client.call(call, { params: { releaseId: id }, body: {} });
  await load.run('warm');
  return [
    await load.run('no release'),
    await load.run('a canary starts, half of the calls', async () => {
      ({ id } = await start({ share: 0.5 }));
    }),
    await load.run('it is promoted', end('promoteRelease')),
    await load.run('the promotion is taken back', end('rollBackRelease')),
    await load.run('a version begins to listen to half of them', async () => {
      ({ id } = await start({ share: 0.5, shadow: {} }));
    }),
    await load.run('it listens', async () => {}),
    await load.run('it goes on as a canary, half of the calls', async () => {
      ({ id } = await client.call('startCanary', { params: { releaseId: id }, body: { share: 0.5 } }));
    }),
    await load.run('it is rolled back', end('rollBackRelease')),
  ];
}

type Estimate = { value: number };
type Simulated = { cells: { cell: { id: string; share: number }; found: Record<string, Estimate> }[] };

/** The number of calls within which half of all rollbacks came, between the points that were counted. */
function medianOf(found: Record<string, Estimate>): number {
  const all = found.rolledBack?.value ?? 0;
  const points = Object.entries(found)
    .flatMap(([name, { value }]) => {
      const within = /^rolledBackWithin(\d+)$/.exec(name)?.[1];
      return within === undefined ? [] : [{ calls: Number(within), share: value / all }];
    })
    .sort((a, b) => a.calls - b.calls);
  const after = points.findIndex(({ share }) => share >= 0.5);
  const [low, high] = [points[after - 1] ?? { calls: 0, share: 0 }, points[after]];
  return high === undefined
    ? Number.NaN
    : low.calls + ((0.5 - low.share) / (high.share - low.share)) * (high.calls - low.calls);
}

const atOnce = 10;

/** How soon a worse version is taken out, by the committed simulation. */
function rollbacks(): Table {
  const file = join(root, 'testing', 'simulations', 'results', 'releases.json');
  const { cells } = JSON.parse(readFileSync(file, 'utf8')) as Simulated;
  const rows = cells
    .filter(({ cell: { id } }) => /^worse|more/.test(id))
    .map(({ cell: { id, share }, found }) => {
      const median = medianOf(found);
      return [id, `${share * 100} %`, figure(Math.round(median)), figure(median / share / atOnce)];
    });
  const columns = ['the new version', 'its share', 'its calls', `seconds at ${atOnce} calls/s`];
  return { title: 'Half of the rollbacks come within (medians, simulated)', columns, rows };
}

function report(phases: readonly Phase[], spans: { received: number; rejected: number }): Report {
  const failed = phases.reduce((sum, phase) => sum + phase.failed, 0);
  const calls = phases.reduce((sum, phase) => sum + phase.calls, 0);
  const rows = phases.map(({ name, ...phase }) => [
    ...[name, figure(phase.calls), String(phase.failed), `${figure((100 * phase.candidate) / phase.calls)} %`],
    ...[0.5, 0.99, 0.999].map((share) => figure(quantile(phase.ms, share))),
    figure(Math.max(...phase.ms)),
  ]);
  return {
    ...{ name: 'releases', title: 'Releases at a set rate' },
    method: [
      `${perSecond} calls a second begin when they are meant to, however slow those before are; each phase is ${phaseMs / 1_000} s, and what its name says is done in the middle of it. Times are milliseconds from when a call was meant to begin.`,
      `Callers are ${figure(users)} users; the vendor is a server in the process that calls, which takes its share of the same cores. A candidate that listens is asked by the same server.`,
      `Spans received ${figure(spans.received)}, rejected ${figure(spans.rejected)}; those of copies are among them.`,
      'Medians are of 20,000 simulated releases each, looked at after every call (`testing/simulations/results/releases.json`): four rails, 86 % good answers, both risks 5 %; all calls are of different users, and a look adds 4 s at most.',
    ],
    tables: [
      {
        title: 'Each change while calls go on',
        columns: ['phase', 'calls', 'failed', 'by the candidate', 'p50', 'p99', 'p99.9', 'most'],
        rows,
      },
      rollbacks(),
    ],
    goals: [{ goal: 'no call fails', measured: `${failed} of ${figure(calls)}`, met: failed === 0 }],
    figures: {
      perSecond,
      spans,
      phases: phases.map(({ ms, ...phase }) => ({
        ...phase,
        ...{ p50: quantile(ms, 0.5), p99: quantile(ms, 0.99), p999: quantile(ms, 0.999), most: Math.max(...ms) },
      })),
    },
  };
}

/** Calls at a set rate while versions begin to answer, are promoted, listen and are taken out. */
export async function measureReleases(): Promise<Report> {
  const closers: (() => Promise<void>)[] = [];
  try {
    const upstream = await startUpstream();
    closers.push(upstream.close);
    const folder = await makeFolder();
    closers.push(folder.remove);
    const house = await startHouse({ folder: folder.path, env: { OPENAI_BASE_URL: `${upstream.url}/v1` } });
    closers.push(house.stop);
    const client = createClient({ baseUrl: house.url });
    await twoVersions(client);
    const load = createLoad(house.url);
    closers.push(load.close);
    const forget = setInterval(() => {
      upstream.calls.splice(0, upstream.calls.length, ...upstream.calls.filter(({ state }) => state === 'open'));
    }, 1_000);
    const phases = await live(client, load);
    clearInterval(forget);
    for (let seconds = 0; seconds < 60 && (await house.recorded()).waiting > 0; seconds++) await sleep(1_000);
    return report(phases, await house.recorded());
  } finally {
    for (const close of closers.reverse()) await close();
  }
}
