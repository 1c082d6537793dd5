import type { MonitorLook } from '@wheelhouse/core/records';
import {
  type Baseline,
  expectedOf,
  judgeUnusual,
  learnBaseline,
  nextLook,
  unusualReachOf,
} from '@wheelhouse/core/watch';
import { type Application, drawHours, type Fault, type Measure, measures, windowsOf } from './alert-traffic.ts';
import { defineSimulation, type Uniform } from './simulation.ts';

const apps: Record<string, Application> = {
  'busy and steady': { hourly: 400, failing: 0.02, unrest: 0.15, memory: 0.7, growth: 0.03, bursts: 2 },
  small: { hourly: 30, failing: 0.03, unrest: 0.2, memory: 0.7, growth: 0.03, bursts: 2 },
  restless: { hourly: 200, failing: 0.01, unrest: 0.35, memory: 0.9, growth: 0.05, bursts: 4 },
};
/** What goes wrong on the tenth day of the month, at 10 in the morning. */
const faults: Record<string, { measure: Measure; fault: Omit<Fault, 'fromMs'> }> = {
  'no traces come': { measure: 'traces', fault: { traces: 0 } },
  'half of the traces come': { measure: 'traces', fault: { traces: 0.5 } },
  'five times as many fail': { measure: 'failing share', fault: { failing: 5 } },
  'twice as slow': { measure: 'latency', fault: { latency: 2 } },
  'scores fall by 0.1': { measure: 'score', fault: { score: -0.1 } },
};

type Cell = { id: string; runs?: number; app: string; fault: string | null };
const hourMs = 3_600_000;
export const learnHours = 28 * 24;
const faultHour = learnHours + 9 * 24 + 10;
const firstMs = Date.UTC(2026, 0, 5);
const rule = { kind: 'unusual', direction: 'both' } as const;
const waiting: MonitorLook = {
  ...{ status: 'waiting', since: '', until: null, value: null, expected: null },
  ...{ rows: 0, sentence: '', bad: 0, good: 0, problem: null },
};

/** Hours at which a monitor at its defaults pages, of one of so many groups; it learns anew each day, as the server does. */
export function pagesOf(hours: ReturnType<typeof drawHours>, measure: Measure, groups = 1): number[] {
  const { kind } = measures[measure];
  const leastRows = kind === 'total' ? 0 : 20;
  const windows = windowsOf(hours, measure);
  const pages: number[] = [];
  let baseline: Baseline | null = null;
  let look = waiting;
  let isOpen = false;
  for (let i = learnHours; i < windows.length; i++) {
    if (i % 24 === 0) baseline = learnBaseline(windows.slice(i - learnHours, i), { kind, windowMs: hourMs });
    const now = windows[i];
    if (!baseline || !now) continue;
    const expected = expectedOf(baseline, now, { recent: windows.slice(i - 24, i), reach: unusualReachOf(groups) });
    const tells = now.value !== null && now.rows >= leastRows && expected !== null;
    const judged = tells
      ? judgeUnusual(rule, { value: now.value ?? 0, expected, name: measure, show: () => '', groups })
      : { found: 'nothing' as const, sentence: '', expected: null };
    const seen = { ...judged, at: '', until: '', value: now.value, rows: now.rows };
    const next = nextLook({ rule, alertOnNoData: false }, look, { seen, isOpen });
    look = next.look;
    if (next.step?.kind === 'open') pages.push(i);
    if (next.step) isOpen = next.step.kind === 'open';
  }
  return pages;
}

function falsePages(u: Uniform, app: Application) {
  const hours = drawHours(u, app, { hours: learnHours + 720 });
  const pages = (Object.keys(measures) as Measure[]).map((measure) => pagesOf(hours, measure).length);
  return { 'pages a month': pages.reduce((sum, count) => sum + count, 0) };
}

function found(u: Uniform, app: Application, name: string) {
  const { measure, fault } = faults[name] as (typeof faults)[string];
  const fromMs = firstMs + faultHour * hourMs;
  const hours = drawHours(u, app, { hours: faultHour + 24, fault: { ...fault, fromMs } });
  const after = pagesOf(hours, measure).find((hour) => hour >= faultHour);
  return {
    'paged within a day': after === undefined ? 0 : 1,
    'hours until paged': after === undefined ? null : after - faultHour + 1,
  };
}

export const alerts = defineSimulation<Cell>({
  name: 'alerts',
  about:
    'Pages a month of one application with five monitors at their defaults (traces, failing share, latency, cost, a score; unusual, by the hour) on seasonal traffic with nothing wrong, and hours until a monitor pages of what does go wrong.',
  runs: 6670,
  repeated: 1,
  cells: Object.keys(apps).flatMap((app) =>
    [null, ...Object.keys(faults)].map((fault): Cell => {
      const id = `${app}: ${fault ?? 'nothing wrong'}`;
      return fault === null ? { id, app, fault } : { id, runs: 1000, app, fault };
    }),
  ),
  once: ({ app, fault }, uniform) => {
    const of = apps[app] as Application;
    return fault === null ? falsePages(uniform, of) : found(uniform, of, fault);
  },
  claims: [
    {
      says: 'at most one false page an application and month',
      holds: ({ fault }, { 'pages a month': pages }) =>
        fault !== null || (pages?.value ?? 9) + 2 * (pages?.error ?? 9) <= 1,
    },
    {
      says: 'no traffic at all is told within four hours, always',
      holds: ({ fault }, { 'paged within a day': paged, 'hours until paged': hours }) =>
        fault !== 'no traces come' || ((paged?.value ?? 0) >= 0.99 && (hours?.value ?? 99) <= 4),
    },
  ],
});
