import type { Target } from './gateway-targets.ts';
import { cpuMs, type Helper, machineBusyMs } from './processes.ts';

export type Phase = { name: string; stream: boolean; paced: boolean; ms: number } & (
  | { mode: 'closed'; connections: number }
  | { mode: 'open'; rate: number; connections: number }
);

type LoadResult = { done: number; failed: number; endMs: number[]; firstMs: number[]; ms: number };

export type Sample = {
  requests: number;
  failed: number;
  perSecond: number;
  cpuUs: number;
  childCpuUs: number;
  recordingCpuUs: number;
  /** Share of one core that the gateway took while it was loaded. */
  busy: number;
  /** Share of one core that programs took which have nothing to do with this. */
  strangers: number;
  endMs: number[];
  firstMs: number[];
};

export const phases = {
  whole: { name: 'whole', stream: false, paced: false, mode: 'closed', connections: 32, ms: 2000 },
  burst: { name: 'burst', stream: true, paced: false, mode: 'closed', connections: 32, ms: 2000 },
  rate: { name: 'rate', stream: false, paced: false, mode: 'open', connections: 32, rate: 200, ms: 2000 },
  fast: { name: 'fast', stream: false, paced: false, mode: 'open', connections: 64, rate: 1000, ms: 2000 },
  paced: { name: 'paced', stream: true, paced: true, mode: 'open', connections: 64, rate: 50, ms: 2500 },
} satisfies Record<string, Phase>;
export type PhaseName = keyof typeof phases;
export const phaseNames = Object.keys(phases) as PhaseName[];

const system =
  'You answer for a small shop that sells furniture. Be short and kind, never promise a date that the carrier has not confirmed, and name the order when you know it. ';

/** About 1 KB, as the official SDK writes it; the loader counts in the ten digits, so that no two calls are the same. */
const bodyOf = (phase: Phase) =>
  JSON.stringify({
    model: 'gpt-4o-mini',
    messages: [
      { role: 'system', content: system.repeat(4) },
      {
        role: 'user',
        content: 'Where is my order A-0000000000? I was told it would be here yesterday, and nobody answers the phone.',
      },
    ],
    temperature: 0.2,
    ...(phase.stream ? { stream: true, stream_options: { include_usage: true } } : {}),
    ...(phase.paced ? { seed: 5 } : {}),
  });

export async function load(loader: Helper, target: Target, phase: Phase): Promise<LoadResult> {
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

export async function sampleOf(
  helpers: { loader: Helper; upstream: Helper },
  target: Target,
  phase: Phase,
): Promise<Sample> {
  const { loader, upstream } = helpers;
  const cpuOf = (pid: number | null) => (pid === null ? 0 : cpuMs(pid));
  const own = () => cpuMs(loader.pid) + cpuMs(process.pid) + (target.pid === upstream.pid ? 0 : cpuMs(upstream.pid));
  const read = () => ({
    at: performance.now(),
    gateway: cpuMs(target.pid),
    child: cpuOf(target.childPid),
    recording: cpuOf(target.recordingPid),
    own: own(),
    machine: machineBusyMs(),
  });
  const before = read();
  const result = await load(loader, target, phase);
  const loaded = cpuMs(target.pid);
  await target.settle();
  const after = read();
  const took = (key: 'gateway' | 'child' | 'recording' | 'own' | 'machine') => after[key] - before[key];
  return {
    requests: result.done,
    failed: result.failed,
    perSecond: (result.done / result.ms) * 1000,
    cpuUs: (took('gateway') * 1000) / result.done,
    childCpuUs: (took('child') * 1000) / result.done,
    recordingCpuUs: (took('recording') * 1000) / result.done,
    busy: (loaded - before.gateway) / result.ms,
    strangers:
      Math.max(0, took('machine') - took('gateway') - took('child') - took('recording') - took('own')) /
      (after.at - before.at),
    endMs: result.endMs,
    firstMs: result.firstMs,
  };
}
