import { figure, measured, spread } from './measure.ts';
import { startHelper } from './processes.ts';
import type { Report } from './report.ts';
import { type House, makeFolder, startHouse } from './wheelhouse.ts';

type Start = { wallMs: number; readySeconds: number; stopMs: number };

const runs = 5;
const storedSpans = 2_048;

async function stopped(house: House): Promise<Start> {
  const startedAt = performance.now();
  await house.stop();
  return { wallMs: house.wallMs, readySeconds: house.readySeconds, stopMs: performance.now() - startedAt };
}

/** From typing the command to the banner: in an empty folder, and in one that holds traces. */
export async function measureStart(): Promise<Report> {
  const first: Start[] = [];
  const warm: Start[] = [];
  const folder = await makeFolder();
  try {
    for (let run = 0; run < runs; run++) {
      const empty = await makeFolder();
      first.push(await stopped(await startHouse({ folder: empty.path })));
      await empty.remove();
    }
    const house = await startHouse({ folder: folder.path });
    const exporter = await startHelper('exporter.mjs', { place: 'anywhere' });
    await exporter.run({ port: house.port, exporters: 1, spans: 256, ms: 30_000, requests: storedSpans / 256 });
    await exporter.stop();
    await house.stop();
    for (let run = 0; run < runs; run++) warm.push(await stopped(await startHouse({ folder: folder.path })));
  } finally {
    await folder.remove();
  }
  const wall = (starts: Start[]) => measured(starts.map(({ wallMs }) => wallMs / 1000));
  const ready = (starts: Start[]) => measured(starts.map(({ readySeconds }) => readySeconds));
  const stop = (starts: Start[]) => measured(starts.map(({ stopMs }) => stopMs / 1000));
  const row = (name: string, starts: Start[]) => [
    name,
    spread(wall(starts)),
    spread(ready(starts)),
    spread(stop(starts)),
  ];
  const goal = (name: string, starts: Start[], seconds: number) => {
    const { median } = wall(starts);
    return { goal: `${name} start at most ${seconds} s`, measured: `${figure(median)} s`, met: median <= seconds };
  };
  return {
    name: 'start',
    title: 'Start',
    method: [
      `Medians of ${runs} starts, with the least and the most in brackets; wall time is from starting the process to its banner, which adds what Node needs to load the program to what the banner says.`,
      `A first start restores the Postgres template and makes both schemas; a warm one opens a folder with ${storedSpans.toLocaleString('en-US')} spans.`,
    ],
    tables: [
      {
        title: 'Seconds',
        columns: ['', 'wall', 'as the banner says', 'stop'],
        rows: [row('first start', first), row('warm start', warm)],
      },
    ],
    goals: [goal('first', first, 5), goal('warm', warm, 2)],
    figures: { first, warm },
  };
}
