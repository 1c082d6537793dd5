import { mkdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { figure, type Measured, measured, quantile, quiet, quietest, ratio, spread } from './measure.ts';
import { portkeyVersion, startPortkey } from './portkey.ts';
import { canPin, cpuMs, type Helper, machineBusyMs, pin, startHelper } from './processes.ts';
import type { Goal, Report, Table } from './report.ts';
import { makeFolder, type Recorded, startHouse } from './wheelhouse.ts';

type Target = {
  name: string;
  port: number;
  pid: number;
  /** Of the databases, where the gateway has some. */
  childPid: number | null;
  headers: Record<string, string>;
  /** Waits until what the gateway does after its answers is done. */
  settle(): Promise<void>;
};

type Phase = { name: string; stream: boolean; paced: boolean; ms: number } & (
  | { mode: 'closed'; connections: number }
  | { mode: 'open'; rate: number; connections: number }
);

type LoadResult = { done: number; failed: number; endMs: number[]; firstMs: number[]; ms: number };

type Sample = {
  requests: number;
  failed: number;
  perSecond: number;
  cpuUs: number;
  childCpuUs: number;
  /** Share of one core that the gateway took while it was loaded. */
  busy: number;
  /** Share of one core that programs took which have nothing to do with this. */
  strangers: number;
  endMs: number[];
  firstMs: number[];
};

const phases = {
  whole: { name: 'whole', stream: false, paced: false, mode: 'closed', connections: 32, ms: 2000 },
  burst: { name: 'burst', stream: true, paced: false, mode: 'closed', connections: 32, ms: 2000 },
  rate: { name: 'rate', stream: false, paced: false, mode: 'open', connections: 32, rate: 200, ms: 2000 },
  paced: { name: 'paced', stream: true, paced: true, mode: 'open', connections: 64, rate: 50, ms: 2500 },
} satisfies Record<string, Phase>;
type PhaseName = keyof typeof phases;
const phaseNames = Object.keys(phases) as PhaseName[];

const system =
  'You answer for a small shop that sells furniture. Be short and kind, never promise a date that the carrier has not confirmed, and name the order when you know it. ';

/** About 1 KB, as the official SDK writes it. */
const bodyOf = (phase: Phase) =>
  JSON.stringify({
    model: 'gpt-4o-mini',
    messages: [
      { role: 'system', content: system.repeat(4) },
      {
        role: 'user',
        content: 'Where is my order A-1042? I was told it would be here yesterday, and nobody answers the phone.',
      },
    ],
    temperature: 0.2,
    ...(phase.stream ? { stream: true, stream_options: { include_usage: true } } : {}),
    ...(phase.paced ? { seed: 5 } : {}),
  });

async function load(loader: Helper, target: Target, phase: Phase): Promise<LoadResult> {
  const headers = { 'content-type': 'application/json', authorization: 'Bearer bench', ...target.headers };
  const { name: _, ...job } = phase;
  return loader.run<LoadResult>({
    ...job,
    port: target.port,
    path: '/v1/chat/completions',
    headers,
    body: bodyOf(phase),
  });
}

async function sampleOf(helpers: { loader: Helper; upstream: Helper }, target: Target, phase: Phase): Promise<Sample> {
  const { loader, upstream } = helpers;
  const child = () => (target.childPid === null ? 0 : cpuMs(target.childPid));
  const own = () => cpuMs(loader.pid) + cpuMs(process.pid) + (target.pid === upstream.pid ? 0 : cpuMs(upstream.pid));
  const read = () => ({
    at: performance.now(),
    gateway: cpuMs(target.pid),
    child: child(),
    own: own(),
    machine: machineBusyMs(),
  });
  const before = read();
  const result = await load(loader, target, phase);
  const loaded = cpuMs(target.pid);
  await target.settle();
  const after = read();
  const took = (key: 'gateway' | 'child' | 'own' | 'machine') => after[key] - before[key];
  return {
    requests: result.done,
    failed: result.failed,
    perSecond: (result.done / result.ms) * 1000,
    cpuUs: (took('gateway') * 1000) / result.done,
    childCpuUs: (took('child') * 1000) / result.done,
    busy: (loaded - before.gateway) / result.ms,
    strangers: Math.max(0, took('machine') - took('gateway') - took('child') - took('own')) / (after.at - before.at),
    endMs: result.endMs,
    firstMs: result.firstMs,
  };
}

/** For samples that are taken again because the machine was busy. */
const budgetMs = 140_000;
/** The first ten thousand calls cost double, until their code is compiled. */
const warmMs = { whole: 3_000, burst: 1_500 };

type Samples = Record<PhaseName, Sample[]>;
type Row = { target: string; samples: Samples };

const over = (samples: Sample[], value: (sample: Sample) => number): Measured => measured(samples.map(value));

/** What a target adds to the times of going to the vendor directly, round by round. */
function added(
  row: Row,
  direct: Row,
  options: { phase: PhaseName; times: 'endMs' | 'firstMs'; share: number },
): Measured {
  const at = (from: Row, i: number) => quantile(from.samples[options.phase][i]?.[options.times] ?? [], options.share);
  return measured(row.samples[options.phase].map((_, i) => at(row, i) - at(direct, i)));
}

function tablesOf(rows: Row[], direct: Row, bare: Row): Table[] {
  const cpu = (row: Row, phase: PhaseName) => over(row.samples[phase], (s) => s.cpuUs);
  const times = (row: Row, phase: PhaseName) =>
    row === direct ? '' : figure(ratio(cpu(row, phase), cpu(bare, phase)).median);
  const extra = (row: Row, phase: PhaseName, of: 'endMs' | 'firstMs', share: number) =>
    row === direct
      ? figure(
          quantile(
            row.samples[phase].flatMap((s) => s[of]),
            share,
          ),
        )
      : `+${spread(added(row, direct, { phase, times: of, share }))}`;
  return [
    {
      title: 'Whole answers: 1 KB in, 1 KB out',
      columns: ['', 'CPU µs/request', '× bare', 'requests/s', 'p50 ms at 200/s', 'p99 ms at 200/s'],
      rows: rows.map((row) => [
        row.target,
        spread(cpu(row, 'whole')),
        times(row, 'whole'),
        spread(over(row.samples.whole, (s) => s.perSecond)),
        extra(row, 'rate', 'endMs', 0.5),
        extra(row, 'rate', 'endMs', 0.99),
      ]),
    },
    {
      title: 'Streams of 22 events: at once, and 5 ms apart (50 streams/s)',
      columns: [
        '',
        'CPU µs/stream',
        '× bare',
        'streams/s',
        '5 ms apart: CPU µs/stream',
        '× bare',
        'first token p50 ms',
        'p99 ms',
      ],
      rows: rows.map((row) => [
        row.target,
        spread(cpu(row, 'burst')),
        times(row, 'burst'),
        spread(over(row.samples.burst, (s) => s.perSecond)),
        spread(cpu(row, 'paced')),
        times(row, 'paced'),
        extra(row, 'paced', 'firstMs', 0.5),
        extra(row, 'paced', 'firstMs', 0.99),
      ]),
    },
  ];
}

function goalsOf(house: Row, direct: Row, bare: Row, portkey: Row | null): Goal[] {
  const cpu = (row: Row, phase: PhaseName) => over(row.samples[phase], (s) => s.cpuUs);
  const words: [PhaseName, string][] = [
    ['whole', 'whole answers'],
    ['burst', 'streams at once'],
    ['paced', 'streams 5 ms apart'],
  ];
  const goals = words.map(([phase, what]): Goal => {
    const value = ratio(cpu(house, phase), cpu(bare, phase));
    return {
      goal: `CPU at most 1.5 × the bare proxy's, ${what}`,
      measured: `${spread(value)} ×`,
      met: value.median <= 1.5,
    };
  });
  if (portkey)
    for (const [phase, what] of words) {
      const value = ratio(cpu(portkey, phase), cpu(house, phase));
      goals.push({
        goal: `CPU at least 8 × less than Portkey's, ${what}`,
        measured: `${spread(value)} ×`,
        met: value.median >= 8,
      });
    }
  const first = added(house, direct, { phase: 'paced', times: 'firstMs', share: 0.5 });
  goals.push({
    goal: 'added time to first token at most 1 ms (p50)',
    measured: `${spread(first)} ms`,
    met: first.median <= 1,
  });
  return goals;
}

function figuresOf(rows: Row[]): object {
  const summary = (samples: Sample[]) => ({
    requests: samples.map((s) => s.requests),
    failed: samples.map((s) => s.failed),
    perSecond: over(samples, (s) => s.perSecond),
    cpuUs: over(samples, (s) => s.cpuUs),
    childCpuUs: over(samples, (s) => s.childCpuUs),
    busyShareOfACore: over(samples, (s) => s.busy),
    strangersShareOfACore: over(samples, (s) => s.strangers),
    ...(samples.some((s) => s.endMs.length > 0)
      ? {
          endMs: Object.fromEntries(
            [0.5, 0.9, 0.99].map((share) => [`p${share * 100}`, over(samples, (s) => quantile(s.endMs, share))]),
          ),
          firstMs: Object.fromEntries(
            [0.5, 0.9, 0.99].map((share) => [`p${share * 100}`, over(samples, (s) => quantile(s.firstMs, share))]),
          ),
        }
      : {}),
  });
  return Object.fromEntries(
    rows.map(({ target, samples }) => [
      target,
      Object.fromEntries(phaseNames.map((phase) => [phase, summary(samples[phase])])),
    ]),
  );
}

/** Our gateway with tracing on, beside the least a proxy can cost and beside Portkey's, all before the same vendor. */
export async function measureGateway({ rounds, profile }: { rounds: number; profile: string | null }): Promise<Report> {
  const closers: (() => Promise<void>)[] = [];
  try {
    const upstream = await startHelper('upstream.mjs', { place: 'rest' });
    closers.push(upstream.stop);
    const loader = await startHelper('loader.mjs', { place: 'rest' });
    closers.push(loader.stop);
    const origin = `http://127.0.0.1:${upstream.ready.port}`;
    const bare = await startHelper('bare-proxy.mjs', { place: 'tested', args: [origin] });
    closers.push(bare.stop);
    const folder = await makeFolder();
    closers.push(folder.remove);
    if (profile) mkdirSync(profile, { recursive: true });
    const house = await startHouse({ folder: folder.path, env: { OPENAI_BASE_URL: `${origin}/v1` }, profile });
    closers.push(house.stop);
    pin(house.pid, 'tested');
    pin(house.childPid, 'rest');
    const portkey = await startPortkey(upstream.ready.port);
    if (portkey) closers.push(portkey.stop);

    const brief = () => sleep(200);
    const stored = async () => {
      do await sleep(200);
      while ((await house.recorded()).waiting > 0);
    };
    const plain = { childPid: null, headers: {}, settle: brief };
    const targets: Target[] = [
      { ...plain, name: 'no gateway', port: upstream.ready.port, pid: upstream.pid },
      { ...plain, name: 'bare proxy', port: bare.ready.port, pid: bare.pid },
      { ...plain, name: 'Wheelhouse', port: house.port, pid: house.pid, childPid: house.childPid, settle: stored },
      ...(portkey ? [{ ...plain, name: `Portkey ${portkeyVersion}`, ...portkey }] : []),
    ];
    const rows: Row[] = targets.map(({ name }) => ({
      target: name,
      samples: { whole: [], burst: [], rate: [], paced: [] },
    }));
    for (const target of targets) {
      await load(loader, target, { ...phases.whole, ms: warmMs.whole });
      await load(loader, target, { ...phases.burst, ms: warmMs.burst });
      await target.settle();
    }
    const until = performance.now() + budgetMs;
    for (let round = 0; round < rounds; round++)
      for (const name of phaseNames)
        for (const [i, target] of targets.entries())
          rows[i]?.samples[name].push(
            await quietest(() => sampleOf({ loader, upstream }, target, phases[name]), until),
          );
    return report(rows, await house.recorded());
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

function report(rows: Row[], spans: Recorded): Report {
  const [direct, bare, house, portkey = null] = rows;
  if (!direct || !bare || !house) throw new Error('A target is missing.');
  const strangers = quantile(
    rows.flatMap((row) => phaseNames.flatMap((phase) => row.samples[phase].map((s) => s.strangers))),
    0.5,
  );
  const failed = rows.flatMap((row) =>
    phaseNames.map((phase) => row.samples[phase].reduce((sum, s) => sum + s.failed, 0)),
  );
  const child = over(house.samples.whole, (s) => s.childCpuUs);
  return {
    name: 'gateway',
    title: 'Gateway',
    method: [
      'Medians of rounds in which the targets take turns, with the least and the most in brackets; ratios are taken round by round.',
      `CPU is user and system time of the gateway's process from /proc, until its spans are stored; Wheelhouse's databases, a process of their own, take ${spread(child)} µs more per whole answer.`,
      'Wheelhouse runs as `wheelhouse start`, with every call priced, traced with full texts and stored durably; nothing else is stored by any target.',
      'The bare proxy is `node:http` and undici `Pool.dispatch`, passing bytes; Portkey runs as its package starts it, without configuration.',
      'The vendor is a socket server with canned answers; requests/s come from 32 connections that each wait for their answer; times at a fixed rate count from when a request was meant to be sent, less the same time without a gateway.',
      `${canPin ? 'Gateways run on one core, everything else on the others.' : 'Processes were not kept to cores of their own.'} Samples were taken again, as long as time allowed, when other programs took more than ${quiet * 100} % of a core; of those kept they took ${figure(strangers * 100)} % (median); ${failed.reduce((a, b) => a + b, 0)} requests failed; ${figure(spans.stored)} spans were stored, ${spans.rejected} rejected.`,
    ],
    tables: tablesOf(rows, direct, bare),
    goals: goalsOf(house, direct, bare, portkey),
    figures: { targets: figuresOf(rows), spans },
  };
}
