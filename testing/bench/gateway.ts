import { load, type PhaseName, phaseNames, phases, type Sample, sampleOf } from './gateway-load.ts';
import { type Row, reportGateway } from './gateway-report.ts';
import { measureScaling } from './gateway-scaling.ts';
import { startTargets } from './gateway-targets.ts';
import { quietest } from './measure.ts';
import { startHelper } from './processes.ts';
import type { Report } from './report.ts';

/** For samples that are taken again because the machine was busy. */
const budgetMs = 140_000;
/** The first ten thousand calls cost double, until their code is compiled. */
const warmMs = { whole: 3_000, burst: 1_500 };

const emptySamples = () =>
  Object.fromEntries(phaseNames.map((name): [PhaseName, Sample[]] => [name, []])) as Record<PhaseName, Sample[]>;

/** Our gateway, traced and loaded, beside the least that a proxy can cost and beside others', all before the same vendor. */
export async function measureGateway({ rounds, profile }: { rounds: number; profile: string | null }): Promise<Report> {
  const closers: (() => Promise<void>)[] = [];
  try {
    const upstream = await startHelper('upstream.mjs', { place: 'rest', goesFirst: true });
    closers.push(upstream.stop);
    const loader = await startHelper('loader.mjs', { place: 'rest', goesFirst: true });
    closers.push(loader.stop);
    const targets = await startTargets({ upstream, profile }, closers);
    const rows = targets.all.map((target): Row => ({ target, samples: emptySamples() }));
    for (const { target } of rows) {
      await load(loader, target, { ...phases.whole, ms: warmMs.whole });
      await load(loader, target, { ...phases.burst, ms: warmMs.burst });
      await target.settle();
    }
    const until = performance.now() + budgetMs;
    for (let round = 0; round < rounds; round++)
      for (const name of phaseNames)
        for (const { target, samples } of rows) {
          if (!target.phases.has(name)) continue;
          samples[name].push(await quietest(() => sampleOf({ loader, upstream }, target, phases[name]), until));
        }
    const scaling = await measureScaling({ upstream, loader, rounds, first: targets.traced }, closers);
    const spans = await targets.houses.loaded.recorded();
    return reportGateway({ targets, rows, scaling, spans });
  } finally {
    for (const close of closers.reverse()) await close();
  }
}
