import { type Application, drawHours, type Measure } from './alert-traffic.ts';
import { learnHours, pagesOf } from './alerts.ts';
import { defineSimulation } from './simulation.ts';

/** Of one group. */
const apps: Record<string, Application> = {
  steady: { hourly: 40, failing: 0.02, unrest: 0.15, memory: 0.7, growth: 0.03, bursts: 2 },
  restless: { hourly: 40, failing: 0.02, unrest: 0.35, memory: 0.9, growth: 0.05, bursts: 4 },
};
/** So many groups, and so many months of each number of them. */
const months = { 1: 1_000, 10: 100, 50: 20 } as const;

type Cell = { id: string; runs: number; app: string; measure: Measure; groups: number };

export const alertGroups = defineSimulation<Cell>({
  name: 'alert-groups',
  about:
    'Pages a month of one monitor of what is unusual by the hour, at its defaults, that looks at so many groups by themselves, on seasonal traffic with nothing wrong: groups are independent of each other, which is the worst for how often any pages.',
  runs: 1_000,
  repeated: 0,
  cells: Object.keys(apps).flatMap((app) =>
    (['traces', 'failing share'] as const).flatMap((measure) =>
      ([1, 10, 50] as const).map((groups) => ({
        ...{ id: `${app}, ${measure}, ${groups} groups`, runs: months[groups], app, measure, groups },
      })),
    ),
  ),
  once: ({ app, measure, groups }, u) => {
    let pages = 0;
    for (let group = 0; group < groups; group++) {
      const hours = drawHours(u, apps[app] as Application, { hours: learnHours + 720 });
      pages += pagesOf(hours, measure, groups).length;
    }
    return { 'pages a month': pages };
  },
  claims: [
    {
      says: 'at most one false page a monitor and month, whatever the number of groups (two standard errors allowed)',
      holds: (_, { 'pages a month': pages }) => (pages?.value ?? 9) - 2 * (pages?.error ?? 0) <= 1,
    },
  ],
});
