import type { MeasuredWindow } from '@wheelhouse/core/watch';
import { normal } from './draws.ts';
import type { Uniform } from './simulation.ts';

/** What one hour of an application had. */
export type Hour = { startMs: number; traces: number; errors: number; latencyNs: number; score: number | null };

/** How an application's hours go; all seasonal, none of them with anything wrong. */
export type Application = {
  /** Traces in a usual hour. */
  hourly: number;
  /** Share that fails. */
  failing: number;
  /** How much hours differ beyond what chance and the season explain, as a factor's logarithm. */
  unrest: number;
  /** How much of that an hour hands to the next. */
  memory: number;
  /** Growth a week, as a factor's logarithm. */
  growth: number;
  /** Hours a month that are far out for reasons of their own, such as a campaign. */
  bursts: number;
};

/** What goes wrong from an hour on. */
export type Fault = { fromMs: number; traces?: number; failing?: number; latency?: number; score?: number };

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

function poisson(u: Uniform, mean: number): number {
  if (mean > 60) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(u)));
  let [product, count] = [u(), 0];
  for (const limit = Math.exp(-mean); product > limit; count++) product *= u();
  return count;
}

/** Quiet nights, a peak in the afternoon, half of it at weekends. */
function season(startMs: number): number {
  const hour = (startMs % dayMs) / hourMs;
  const day = new Date(startMs).getUTCDay();
  return (0.15 + Math.exp(-(((hour - 14) / 5) ** 2))) * (day === 0 || day === 6 ? 0.5 : 1);
}

/** Hours of an application, one after another. */
export function drawHours(
  u: Uniform,
  app: Application,
  { hours, fault }: { hours: number; fault?: Fault | undefined },
): Hour[] {
  const firstMs = Date.UTC(2026, 0, 5);
  let [busy, slow] = [0, 0];
  return Array.from({ length: hours }, (_, i): Hour => {
    const startMs = firstMs + i * hourMs;
    const wrong = fault !== undefined && startMs >= fault.fromMs ? fault : null;
    const fresh = Math.sqrt(1 - app.memory ** 2);
    busy = app.memory * busy + fresh * app.unrest * normal(u);
    slow = app.memory * slow + fresh * 0.5 * app.unrest * normal(u);
    const burst = u() < app.bursts / 720 ? 1 + 2 * u() : 1;
    const growing = Math.exp((app.growth * i) / 168);
    const mean = app.hourly * season(startMs) * growing * Math.exp(busy) * burst * (wrong?.traces ?? 1);
    const traces = poisson(u, mean);
    const errors = Math.min(traces, poisson(u, traces * app.failing * Math.exp(0.3 * slow) * (wrong?.failing ?? 1)));
    const noise = traces === 0 ? 0 : (0.6 * normal(u)) / Math.sqrt(traces);
    const latencyNs = 2e9 * Math.exp(slow + 0.1 * season(startMs) + noise) * (wrong?.latency ?? 1);
    const score = traces === 0 ? null : 0.8 + (wrong?.score ?? 0) + (0.3 * normal(u)) / Math.sqrt(traces);
    return { startMs, traces, errors, latencyNs, score };
  });
}

/** The five that the guide sets up for an application. */
export const measures = {
  traces: { kind: 'total', of: (hour: Hour) => hour.traces },
  'failing share': { kind: 'share', of: (hour: Hour) => (hour.traces === 0 ? null : hour.errors / hour.traces) },
  latency: { kind: 'amount', of: (hour: Hour) => (hour.traces === 0 ? null : hour.latencyNs) },
  cost: { kind: 'total', of: (hour: Hour) => hour.traces * 2_000_000 },
  score: { kind: 'mean', of: (hour: Hour) => hour.score },
} as const;
export type Measure = keyof typeof measures;

export const windowsOf = (hours: readonly Hour[], measure: Measure): MeasuredWindow[] =>
  hours.map((hour) => ({ startMs: hour.startMs, value: measures[measure].of(hour), rows: hour.traces }));
