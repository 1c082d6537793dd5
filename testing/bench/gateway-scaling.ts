import { cpus } from 'node:os';
import { load, phases } from './gateway-load.ts';
import { type Closers, startPinned, type Target } from './gateway-targets.ts';
import { type Measured, measured } from './measure.ts';
import { canPin, cpuMs, type Helper, pin, startHelper } from './processes.ts';

export type Scaling = {
  /** What two processes, each on a core of its own, do with a second of CPU, over what one does with half of it. */
  cpu: Measured;
  /** Calls a second of two over those of one; vendor, loader and databases want the same cores. */
  calls: Measured;
};

type Run = { perSecond: number; cpuUs: number };

/**
 * One process a core: two servers beside each other, each with its own data, against one of them alone.
 * null: there are no two cores here.
 */
export async function measureScaling(
  parts: { upstream: Helper; loader: Helper; rounds: number; first: Target },
  closers: Closers,
): Promise<Scaling | null> {
  if (!canPin || cpus().length < 2) return null;
  const { upstream, loader, rounds, first } = parts;
  const house = await startPinned({ env: { OPENAI_BASE_URL: `http://127.0.0.1:${upstream.ready.port}/v1` } }, closers);
  const loader2 = await startHelper('loader.mjs', { place: 'anywhere', goesFirst: true });
  closers.push(loader2.stop);
  pin(house.pid, 'second');
  const { recordingPid, childPid } = house;
  const beside = [recordingPid, childPid, first.recordingPid ?? upstream.pid, first.childPid ?? upstream.pid];
  for (const pid of [upstream.pid, loader.pid, ...beside]) pin(pid, 'all');
  const second: Target = { ...first, port: house.port, pid: house.pid, childPid, recordingPid };
  await load(loader2, second, { ...phases.whole, ms: 3_000 });

  async function run(targets: [Helper, Target][]): Promise<Run> {
    const before = targets.map(([, { pid }]) => cpuMs(pid));
    const results = await Promise.all(targets.map(([helper, target]) => load(helper, target, phases.whole)));
    const took = targets.map(([, { pid }], i) => cpuMs(pid) - (before[i] ?? 0));
    const done = results.reduce((sum, { done: calls }) => sum + calls, 0);
    return {
      perSecond: results.reduce((sum, result) => sum + (result.done / result.ms) * 1000, 0),
      cpuUs: (took.reduce((sum, ms) => sum + ms, 0) * 1000) / done,
    };
  }
  const [cpu, calls]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    const one = await run([[loader, first]]);
    const two = await run([
      [loader, first],
      [loader2, second],
    ]);
    cpu.push((2 * one.cpuUs) / two.cpuUs);
    calls.push(two.perSecond / one.perSecond);
    await first.settle();
  }
  return { cpu: measured(cpu), calls: measured(calls) };
}
