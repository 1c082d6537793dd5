import { printFilter } from '@wheelhouse/core/query';
import type { MonitorGrouping, MonitorMeasure } from '@wheelhouse/core/records';
import { type Baseline, baselineMs, learnBaseline } from '@wheelhouse/core/watch';
import { kindOf, learningScale, type MeasureDeps, readMeasure, type Selected } from './measures.ts';

const minuteMs = 60_000;
const relearnMs = 24 * 60 * minuteMs;
/** Of a group one each. */
const mostRemembered = 2_000;

type Ask = { measure: MonitorMeasure; by: MonitorGrouping | null; stepMinutes: number; untilMs: number };
/** By the value of a group; null: those that have none, or all. A group of less than two weeks has no baseline. */
type ByGroup = ReadonlyMap<string | null, Baseline>;

export type Baselines = { of(deps: MeasureDeps, selected: Selected, ask: Ask): Promise<ByGroup> };

/** What four weeks say is usual; learned once a day and remembered. */
export function createBaselines(): Baselines {
  const learned = new Map<string, { baselines: ByGroup; atMs: number }>();

  async function learn(deps: MeasureDeps, selected: Selected, ask: Ask): Promise<ByGroup> {
    const { measure, stepMinutes, untilMs } = ask;
    const past = await readMeasure(deps, selected, { ...ask, fromMs: untilMs - baselineMs });
    const scale = learningScale(measure);
    const kind = kindOf(measure);
    return new Map(
      past.flatMap(({ name, windows }): [string | null, Baseline][] => {
        const scaled = windows.map((one) => ({ ...one, value: one.value === null ? null : one.value * scale }));
        const baseline = learnBaseline(scaled, { kind, windowMs: stepMinutes * minuteMs });
        return baseline === null ? [] : [[name, baseline]];
      }),
    );
  }

  return {
    async of(deps, selected, ask) {
      const { measure, by, stepMinutes, untilMs } = ask;
      const key = JSON.stringify([selected.project, printFilter(selected.filter), measure, by, stepMinutes]);
      const known = learned.get(key);
      if (known && known.baselines.size > 0 && untilMs - known.atMs < relearnMs && untilMs >= known.atMs)
        return known.baselines;
      const baselines = await learn(deps, selected, ask);
      const size = [...learned.values()].reduce((sum, one) => sum + one.baselines.size, 0);
      if (size + baselines.size > mostRemembered) learned.clear();
      learned.set(key, { baselines, atMs: untilMs });
      return baselines;
    },
  };
}
