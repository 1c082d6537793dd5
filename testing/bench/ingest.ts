import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { figure, type Measured, measured, quantile, quietest, ratio, spread } from './measure.ts';
import { cpuMs, machineBusyMs, memoryOf, startHelper } from './processes.ts';
import type { Report } from './report.ts';
import { makeFolder, startHouse } from './wheelhouse.ts';

type SendResult = { acknowledged: number; requests: number; failed: number; endMs: number[]; ms: number };

type Sample = {
  perSecond: number;
  rowsPerInsert: number;
  failed: number;
  /** CPU of the process that gives the engine its rows, a row. */
  senderCpuUs: number;
  engineCpuUs: number;
  /** Share of one core that programs took which have nothing to do with this. */
  strangers: number;
};

const exporters = 8;
const spansPerRequest = 256;
const roundMs = 4_000;
const warmMs = 4_000;
/** Two, so that the client writes one batch of JSON while the engine stores another. */
const insertsInFlight = 2;
const singles = 150;
/** For samples that are taken again because the machine was busy. */
const budgetMs = 90_000;

/** Megabytes of PSS, second by second, while spans come as fast as they are taken. */
type Minute = { server: number[]; engine: number[]; acknowledged: number };

const minuteMs = 60_000;

const over = (samples: Sample[], value: (sample: Sample) => number): Measured => measured(samples.map(value));

/** Spans acknowledged by ingest, beside the same rows inserted into the same engine by its own client. */
export async function measureIngest({ rounds, profile }: { rounds: number; profile: string | null }): Promise<Report> {
  const closers: (() => Promise<void>)[] = [];
  try {
    const folder = await makeFolder();
    closers.push(folder.remove);
    const engine = await startHelper('engine.mjs', { place: 'anywhere', args: [join(folder.path, 'engine')] });
    closers.push(engine.stop);
    const url = String(engine.ready.url);
    const enginePid = Number(engine.ready.engine);
    if (profile) mkdirSync(profile, { recursive: true });
    const house = await startHouse({ folder: folder.path, env: { CLICKHOUSE_URL: url }, profile });
    closers.push(house.stop);
    const exporter = await startHelper('exporter.mjs', { place: 'anywhere' });
    closers.push(exporter.stop);
    const raw = await startHelper('raw-inserts.mjs', { place: 'anywhere', args: [url] });
    closers.push(raw.stop);

    const send = (options: { exporters: number; spans: number; ms: number; requests?: number }) =>
      exporter.run<SendResult>({ ...options, port: house.port });
    const insert = (options: { inFlight: number; rows: number; ms: number; requests?: number }) =>
      raw.run<SendResult>(options);

    async function sampleOf(senderPid: number, work: () => Promise<SendResult>): Promise<Sample> {
      const own = [house.pid, enginePid, exporter.pid, raw.pid, process.pid];
      const read = async () => ({
        at: performance.now(),
        machine: machineBusyMs(),
        own: own.reduce((sum, pid) => sum + cpuMs(pid), 0),
        sender: cpuMs(senderPid),
        engine: cpuMs(enginePid),
        inserts: await raw.run<number>({ count: true }),
      });
      const before = await read();
      const result = await work();
      const after = await read();
      // Parts are merged after the last insert; the next round should not pay for it.
      await sleep(1_000);
      return {
        perSecond: (result.acknowledged / result.ms) * 1000,
        rowsPerInsert: result.acknowledged / (after.inserts - before.inserts),
        failed: result.failed,
        senderCpuUs: ((after.sender - before.sender) * 1000) / result.acknowledged,
        engineCpuUs: ((after.engine - before.engine) * 1000) / result.acknowledged,
        strangers: Math.max(0, after.machine - before.machine - (after.own - before.own)) / (after.at - before.at),
      };
    }

    const otlp = { exporters, spans: spansPerRequest };
    await send({ ...otlp, ms: warmMs });
    await insert({ inFlight: insertsInFlight, rows: 1_000, ms: warmMs });
    const durable: Sample[] = [];
    const rawRows: Sample[] = [];
    const until = performance.now() + budgetMs;
    for (let round = 0; round < rounds; round++) {
      const sample = await quietest(() => sampleOf(house.pid, () => send({ ...otlp, ms: roundMs })), until);
      durable.push(sample);
      const rows = Number.isFinite(sample.rowsPerInsert)
        ? Math.round(sample.rowsPerInsert)
        : exporters * spansPerRequest;
      const inserts = () => insert({ inFlight: insertsInFlight, rows, ms: roundMs });
      rawRows.push(await quietest(() => sampleOf(raw.pid, inserts), until));
    }
    const minute = await watchMinute(() => send({ ...otlp, ms: minuteMs }), { server: house.pid, engine: enginePid });
    const one = await send({ exporters: 1, spans: 1, ms: 20_000, requests: singles });
    const oneRaw = await insert({ inFlight: 1, rows: 1, ms: 20_000, requests: singles });
    return report({ durable, rawRows, minute, one: one.endMs, oneRaw: oneRaw.endMs });
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

async function watchMinute(work: () => Promise<SendResult>, pids: { server: number; engine: number }): Promise<Minute> {
  const read = (pid: number) => memoryOf(pid).pssMb;
  const minute: Minute = { server: [read(pids.server)], engine: [read(pids.engine)], acknowledged: 0 };
  let done = false;
  const sent = work().finally(() => {
    done = true;
  });
  while (!done) {
    await Promise.race([sleep(1_000), sent]);
    minute.server.push(read(pids.server));
    minute.engine.push(read(pids.engine));
  }
  return { ...minute, acknowledged: (await sent).acknowledged };
}

/** Of two halves of what was read, after the first seconds, in which caches fill. */
function growth(megabytes: number[]): number {
  const settled = megabytes.slice(Math.floor(megabytes.length / 6));
  const middle = Math.floor(settled.length / 2);
  return quantile(settled.slice(middle), 0.5) / quantile(settled.slice(0, middle), 0.5);
}

function memoryTable({ server, engine, acknowledged }: Minute): Report['tables'][number] {
  const at = [0, 15, 30, 45, 60];
  const row = (name: string, megabytes: number[]) => [
    name,
    ...at.map((second) => figure(Math.round(megabytes[Math.min(second, megabytes.length - 1)] ?? Number.NaN))),
    figure(Math.round(Math.max(...megabytes))),
  ];
  return {
    title: `MB of memory (PSS) in a minute at full speed, ${acknowledged.toLocaleString('en-US')} spans`,
    columns: ['', ...at.map((second) => (second === 0 ? 'before' : `${second} s`)), 'most'],
    rows: [row('server', server), row('databases', engine)],
  };
}

function report(found: {
  durable: Sample[];
  rawRows: Sample[];
  minute: Minute;
  one: number[];
  oneRaw: number[];
}): Report {
  const { durable, rawRows, minute, one, oneRaw } = found;
  const share = ratio(
    over(durable, (s) => s.perSecond),
    over(rawRows, (s) => s.perSecond),
  );
  const row = (name: string, samples: Sample[], times: number[]) => [
    name,
    spread(over(samples, (s) => s.perSecond)),
    figure(over(samples, (s) => s.rowsPerInsert).median),
    spread(over(samples, (s) => s.senderCpuUs)),
    spread(over(samples, (s) => s.engineCpuUs)),
    figure(quantile(times, 0.5)),
    figure(quantile(times, 0.99)),
  ];
  const summary = (samples: Sample[], times: number[]) => ({
    perSecond: over(samples, (s) => s.perSecond),
    rowsPerInsert: over(samples, (s) => s.rowsPerInsert),
    failed: samples.map((s) => s.failed),
    strangersShareOfACore: over(samples, (s) => s.strangers),
    senderCpuUs: over(samples, (s) => s.senderCpuUs),
    engineCpuUs: over(samples, (s) => s.engineCpuUs),
    singleMs: { p50: quantile(times, 0.5), p99: quantile(times, 0.99) },
  });
  return {
    name: 'ingest',
    title: 'Ingest',
    method: [
      `Durable means acknowledged, and acknowledged means synced to disk: ${exporters} exporters send OTLP protobuf, ${spansPerRequest} spans of about 1.3 KB a request, each its next when the last was answered 200.`,
      `Raw is the same rows into a table of the same schema, view and fsync settings in the same engine process, by the official client, in batches as large as ingest made, ${insertsInFlight} at a time; the rows were prepared beforehand.`,
      'Both take turns for some seconds each; one span is sent alone, one after the other, for the times on the right.',
      'Sender is the Wheelhouse server, or the process with the client; the engine is the embedded child.',
      'Memory is read every second while the exporters send for a minute; it is not forced to be given back before.',
      'Published by others, on other machines and other spans: what only forwards traces to ClickHouse takes 137,000 (OpenTelemetry Collector) and 462,000 (Rotel) spans/s a core (clickhouse.com/blog/otel-to-rotel-petabyte-scaling-tracing-4x-greater-throughput); there too: 2,500 log lines/s a core of collectors and 12,500 events/s a core of ClickHouse in a large installation. Of the platforms for LLM applications we found none that publishes spans/s stored and synced; Langfuse publishes what it needs at least, 9 CPUs and 21.5 GiB besides the blob storage (langfuse.com/self-hosting/configuration/scaling).',
    ],
    tables: [
      {
        title: 'Spans with 1 KB of text',
        columns: [
          '',
          'spans/s',
          'rows an insert',
          'sender CPU µs/span',
          'engine CPU µs/span',
          'one span p50 ms',
          'p99 ms',
        ],
        rows: [row('durable, OTLP', durable, one), row('raw inserts', rawRows, oneRaw)],
      },
      memoryTable(minute),
    ],
    goals: [
      {
        goal: 'durable spans/s at least 60 % of raw inserts',
        measured: `${spread(measured(share.rounds.map((x) => x * 100)))} %`,
        met: share.median >= 0.6,
      },
      ...(['server', 'engine'] as const).map((side) => ({
        goal: `memory of the ${side === 'server' ? 'server' : 'databases'} grows at most 10 % from the first half of a minute at full speed to the second`,
        measured: `${figure((growth(minute[side]) - 1) * 100)} %`,
        met: growth(minute[side]) <= 1.1,
      })),
    ],
    figures: { durable: summary(durable, one), raw: summary(rawRows, oneRaw), ratio: share, minute },
  };
}
