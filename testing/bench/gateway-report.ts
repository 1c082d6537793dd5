import { type PhaseName, phaseNames, type Sample } from './gateway-load.ts';
import type { Scaling } from './gateway-scaling.ts';
import type { Target, Targets } from './gateway-targets.ts';
import { figure, type Measured, measured, quantile, quiet, ratio, spread } from './measure.ts';
import { canPin } from './processes.ts';
import type { Goal, Report, Table } from './report.ts';
import type { Recorded } from './wheelhouse.ts';

export type Row = { target: Target; samples: Record<PhaseName, Sample[]> };

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

const signed = (value: Measured) => `${value.median < 0 ? '' : '+'}${spread(value)}`;

function tablesOf(rows: Row[], direct: Row, bare: Row): Table[] {
  const cpu = (row: Row, phase: PhaseName) => over(row.samples[phase], (s) => s.cpuUs);
  const times = (row: Row, phase: PhaseName) =>
    row === direct ? '' : figure(ratio(cpu(row, phase), cpu(bare, phase)).median);
  const extra = (row: Row, phase: PhaseName, of: 'endMs' | 'firstMs', share: number) =>
    row.samples[phase].length === 0
      ? ''
      : row === direct
        ? figure(
            quantile(
              row.samples[phase].flatMap((s) => s[of]),
              share,
            ),
          )
        : signed(added(row, direct, { phase, times: of, share }));
  return [
    {
      title: 'Whole answers: 1 KB in, 1 KB out',
      columns: [
        '',
        'CPU µs/request',
        '× bare',
        'requests/s',
        'p50 ms at 200/s',
        'p99 ms at 200/s',
        'p50 ms at 1,000/s',
        'p99 ms at 1,000/s',
      ],
      rows: rows.map((row) => [
        row.target.name,
        spread(cpu(row, 'whole')),
        times(row, 'whole'),
        spread(over(row.samples.whole, (s) => s.perSecond)),
        extra(row, 'rate', 'endMs', 0.5),
        extra(row, 'rate', 'endMs', 0.99),
        extra(row, 'fast', 'endMs', 0.5),
        extra(row, 'fast', 'endMs', 0.99),
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
        row.target.name,
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

const kinds: { phase: PhaseName; what: string; overBare: number }[] = [
  { phase: 'whole', what: 'whole answers', overBare: 1.6 },
  { phase: 'burst', what: 'streams at once', overBare: 1.9 },
  { phase: 'paced', what: 'streams 5 ms apart', overBare: 1.9 },
];

type Rows = { loaded: Row; direct: Row; bare: Row; portkey: Row | null; liteLlm: Row | null; scaling: Scaling | null };

/** All of the loaded gateway: key, budget, limits, cache look-up and tracing on. */
function goalsOf({ loaded, direct, bare, portkey, liteLlm, scaling }: Rows): Goal[] {
  const cpu = (row: Row, phase: PhaseName) => over(row.samples[phase], (s) => s.cpuUs);
  const perSecond = (row: Row, phase: PhaseName) => over(row.samples[phase], (s) => s.perSecond);
  const atMost = (goal: string, value: Measured, limit: number, unit: string): Goal => ({
    goal: `${goal} at most ${limit} ${unit}`,
    measured: `${spread(value)} ${unit}`,
    met: value.median <= limit,
  });
  const atLeast = (goal: string, value: Measured, limit: number): Goal => ({
    goal: `${goal} at least ${limit} ×`,
    measured: `${spread(value)} ×`,
    met: value.median >= limit,
  });
  const late = added(loaded, direct, { phase: 'fast', times: 'endMs', share: 0.99 });
  const first = added(loaded, direct, { phase: 'paced', times: 'firstMs', share: 0.5 });
  return [
    ...kinds.map(({ phase, what, overBare }) =>
      atMost(`CPU over the bare proxy’s, ${what},`, ratio(cpu(loaded, phase), cpu(bare, phase)), overBare, '×'),
    ),
    ...(portkey
      ? kinds.map(({ phase, what }) =>
          atLeast(`Portkey’s CPU over ours, ${what},`, ratio(cpu(portkey, phase), cpu(loaded, phase)), 8),
        )
      : []),
    ...(liteLlm
      ? kinds
          .filter(({ phase }) => phase !== 'paced')
          .map(({ phase, what }) =>
            atLeast(
              `requests/s over LiteLLM’s, ${what},`,
              ratio(perSecond(loaded, phase), perSecond(liteLlm, phase)),
              15,
            ),
          )
      : []),
    atMost('added p99 at 1,000 requests/s', late, 2, 'ms'),
    atMost('added time to first token (p50)', first, 1, 'ms'),
    ...(scaling ? [atLeast('two processes, one a core, over one, by CPU,', scaling.cpu, 1.7)] : []),
  ];
}

function figuresOf(rows: Row[]): object {
  const summary = (samples: Sample[]) => ({
    requests: samples.map((s) => s.requests),
    failed: samples.map((s) => s.failed),
    perSecond: over(samples, (s) => s.perSecond),
    cpuUs: over(samples, (s) => s.cpuUs),
    childCpuUs: over(samples, (s) => s.childCpuUs),
    recordingCpuUs: over(samples, (s) => s.recordingCpuUs),
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
      target.name,
      Object.fromEntries(
        phaseNames.filter((phase) => samples[phase].length > 0).map((phase) => [phase, summary(samples[phase])]),
      ),
    ]),
  );
}

/** The report of a run, with the goals that the loaded gateway has. */
export function reportGateway(run: {
  targets: Targets;
  rows: Row[];
  scaling: Scaling | null;
  spans: Recorded;
}): Report {
  const { targets, rows, scaling, spans } = run;
  const rowOf = (target: Target | null) => rows.find((row) => row.target === target) ?? null;
  const [direct, bare, loaded] = [rowOf(targets.direct), rowOf(targets.bare), rowOf(targets.loaded)];
  if (!direct || !bare || !loaded) throw new Error('A target is missing.');
  const all = rows.flatMap((row) => phaseNames.flatMap((phase) => row.samples[phase]));
  const strangers = quantile(
    all.map((s) => s.strangers),
    0.5,
  );
  const failures = rows.flatMap(({ target, samples }) => {
    const count = phaseNames.flatMap((phase) => samples[phase]).reduce((sum, s) => sum + s.failed, 0);
    return count > 0 ? [`${figure(count)} of ${target.name}`] : [];
  });
  const child = over(loaded.samples.whole, (s) => s.childCpuUs);
  const recording = over(loaded.samples.whole, (s) => s.recordingCpuUs);
  const others = { portkey: rowOf(targets.portkey), liteLlm: rowOf(targets.liteLlm) };
  return {
    name: 'gateway',
    title: 'Gateway',
    method: [
      'Medians of rounds in which the targets take turns, with the least and the most in brackets; ratios are taken round by round.',
      `CPU is user and system time of the gateway's process from /proc, until its spans are stored; beside it the process that reads and keeps the calls takes ${spread(recording)} µs more per whole answer, and the databases take ${spread(child)} µs.`,
      'Wheelhouse runs as `wheelhouse start`. Traced: every call is priced, recorded with full texts and stored durably. Loaded: besides, each call shows a key, holds to a budget and to limits of calls and tokens, and is looked up in the cache, where it is not.',
      'The bare proxy is `node:http` and undici `Pool.dispatch`, passing bytes; the one in Go is `httputil.ReverseProxy` on one core; Portkey and LiteLLM run as their packages start them, with one process, and store nothing; no two calls are the same.',
      'The vendor is a socket server with canned answers; requests/s come from 32 connections that each wait for their answer; times at a fixed rate count from when a request was meant to be sent, less the same time without a gateway.',
      ...(scaling
        ? [
            `Two processes, each with its own data, on a core each: ${spread(scaling.calls)} × the requests/s of one, while the vendor, the loaders and the databases take their share of the same cores; the goal is about CPU, which that does not touch.`,
          ]
        : []),
      `${canPin ? 'Gateways run on one core, everything else on the others; there the vendor and the loader, which would be other machines, go before the databases.' : 'Processes were not kept to cores of their own.'} Samples were taken again, as long as time allowed, when other programs took more than ${quiet * 100} % of a core; of those kept they took ${figure(strangers * 100)} % (median). Failed requests: ${failures.join(', ') || 'none'}. The loaded gateway stored ${figure(spans.stored)} spans and rejected ${spans.rejected}.`,
    ],
    tables: tablesOf(rows, direct, bare),
    goals: goalsOf({ loaded, direct, bare, ...others, scaling }),
    figures: { targets: figuresOf(rows), scaling, spans },
  };
}
