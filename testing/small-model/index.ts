import { join } from 'node:path';
import { loadNow, printReport, writeReport } from '../bench/report.ts';
import { makeFolder, root, startHouse } from '../bench/wheelhouse.ts';
import { compileHere } from './compile-here.ts';
import { fetchModel } from './fetch-model.ts';
import { reportOf } from './model-report.ts';
import { lookAtPromises } from './promises.ts';
import { startDspy, startModel } from './start-parts.ts';
import { heldOutSize, makeTasks, type Task } from './tasks.ts';
import {
  hasPromises,
  hasUnit,
  readPromises,
  readUnits,
  type Unit,
  type UnitName,
  unitsFolder,
  writePromises,
  writeUnit,
} from './units.ts';

const usage = 'Usage: npm run test:model [-- [--seeds=10] [--rows=50] [--minutes=60]]\n';

type Options = { seeds: number; rows: number; minutes: number };

function parse(args: string[]): Options | null {
  const options: Options = { seeds: 10, rows: 50, minutes: 60 };
  for (const arg of args) {
    const [, name = '', value = ''] = /^--(\w+)=(\d+)$/.exec(arg) ?? [];
    if (!Object.hasOwn(options, name)) return null;
    options[name as keyof Options] = Number(value);
  }
  return options.seeds >= 1 && options.rows >= 1 && options.rows <= heldOutSize ? options : null;
}

const namesOf = ({ seeds }: Options): UnitName[] =>
  Array.from({ length: seeds }, (_, seed) => seed).flatMap((seed) =>
    makeTasks().flatMap(({ name: task }) => (['wheelhouse', 'dspy'] as const).map((side) => ({ side, task, seed }))),
  );

const place = join(root, '.cache', 'small-model');

const shareOf = (rows: readonly { score: number }[]) =>
  `${Math.round((100 * rows.reduce((sum, { score }) => sum + score, 0)) / rows.length)} %`;

function tell({ side, task, seed, before, after, seconds, model }: Unit): void {
  const what = `seed ${seed}  ${task.padEnd(14)}  ${side.padEnd(10)}  ${shareOf(before)} → ${shareOf(after)}`;
  process.stdout.write(`  ${what}  ${seconds.toFixed(0)} s, ${model.answered} of ${model.asked} calls anew\n`);
}

/** Runs what has no result yet, one after the other, as long as there is time. */
async function runUnits(names: readonly UnitName[], { rows: count, minutes }: Options, folder: string): Promise<void> {
  const fetched = await fetchModel(place);
  const model = await startModel(fetched, join(place, 'answers.jsonl'));
  const home = await makeFolder();
  const house = await startHouse({ folder: home.path, env: { LLAMA_CPP_BASE_URL: model.baseUrl } });
  const dspy = startDspy(fetched);
  const until = performance.now() + minutes * 60_000;
  const tasks = new Map<string, Task>(makeTasks().map((task) => [task.name, task]));
  try {
    for (const name of names) {
      const task = tasks.get(name.task);
      if (task === undefined || performance.now() > until) return;
      const [startedAt, cpu, totals] = [performance.now(), model.cpuSeconds(), await model.totals()];
      const outcome =
        name.side === 'wheelhouse'
          ? await compileHere(task, name.seed, { count, baseUrl: house.url })
          : await dspy.compile(task, name.seed, { count, url: model.baseUrl });
      const { asked, answered } = await model.totals();
      const took = { asked: asked - totals.asked, answered: answered - totals.answered };
      const unit: Unit = {
        ...{ ...name, ...outcome, seconds: (performance.now() - startedAt) / 1000 },
        model: { ...took, cpuSeconds: model.cpuSeconds() - cpu },
      };
      writeUnit(folder, unit);
      tell(unit);
    }
    const extraction = tasks.get('extraction');
    if (extraction && !hasPromises(folder)) writePromises(folder, await lookAtPromises(extraction, house.url));
  } finally {
    await dspy.stop();
    await house.stop();
    await model.stop();
    await home.remove();
  }
}

/**
 * Compiles three tasks for a real small model, here and with DSPy, and writes what came of it. What is done is kept: a run
 * that was ended goes on where it was.
 */
export async function main(args: string[]): Promise<number> {
  const options = parse(args);
  if (options === null || process.platform !== 'linux') {
    process.stderr.write(options === null ? usage : 'The measurement reads /proc, so it needs Linux.\n');
    return 2;
  }
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
  const command = ['npm run test:model', ...(args.length > 0 ? ['--', ...args] : [])].join(' ');
  const circumstances = { command, startedAt: new Date().toISOString(), loadBefore: loadNow() };
  const startedAt = performance.now();
  const folder = unitsFolder(place, options.rows);
  const names = namesOf(options);
  const missing = names.filter((name) => !hasUnit(folder, name));
  if ((missing.length > 0 || !hasPromises(folder)) && options.minutes > 0) await runUnits(missing, options, folder);
  const wanted = readUnits(folder).filter(({ seed }) => seed < options.seeds);
  if (wanted.length === 0) {
    process.stdout.write('  Nothing is done yet; give it more --minutes.\n');
    return 1;
  }
  const report = reportOf(wanted, { ...options, promises: readPromises(folder) });
  printReport(report);
  writeReport(report, { ...circumstances, seconds: (performance.now() - startedAt) / 1000 });
  return 0;
}
