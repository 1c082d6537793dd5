import { figure } from '../bench/measure.ts';
import type { Goal, Report, Table } from '../bench/report.ts';
import { type Gain, type MeanGain, meanGain } from './gains.ts';
import { type RowResult, search } from './plan.ts';
import type { Promises } from './promises.ts';
import { heldOutSize, makeTasks } from './tasks.ts';
import type { Side, Unit } from './units.ts';

const sides: Record<Side, string> = { wheelhouse: 'Wheelhouse', dspy: 'DSPy 3.4.1' };

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const percent = (share: number) => `${figure(share * 100)} %`;
const points = (share: number) => `${share >= 0 ? '+' : '−'}${figure(Math.abs(share) * 100)}`;
const interval = (gain: MeanGain | null) =>
  gain === null ? '–' : `${points(gain.mean)} [${points(gain.low)}, ${points(gain.high)}]`;

const rowOf = ({ seed, before }: Unit, i: number) => `${(seed * before.length + i) % heldOutSize}`;

/** What a side's compiled programs did better than something else on the same row under the same seed. */
const gainsOver = (units: readonly Unit[], other: (unit: Unit) => readonly RowResult[] | undefined): Gain[] =>
  units.flatMap((unit) =>
    unit.after.flatMap(({ score }, i) => {
      const was = other(unit)?.[i]?.score;
      return was === undefined ? [] : [{ seed: unit.seed, row: rowOf(unit, i), gain: score - was }];
    }),
  );

function lineOf(task: string, side: Side, units: readonly Unit[]) {
  const of = units.filter((unit) => unit.task === task && unit.side === side);
  const [before, after] = [of.flatMap((unit) => unit.before), of.flatMap((unit) => unit.after)];
  const gain = meanGain(gainsOver(of, (unit) => unit.before));
  const right = (rows: readonly RowResult[]) => mean(rows.map(({ score }) => score));
  const read = (rows: readonly RowResult[]) => mean(rows.map((row) => (row.read ? 1 : 0)));
  return { task, side, of, gain, seeds: of.length, before, after, right, read };
}

function costOf(side: Side, task: string, units: readonly Unit[]): string[] {
  const of = units.filter((unit) => unit.task === task && unit.side === side);
  const sum = (read: (unit: Unit) => number) => of.reduce((total, unit) => total + read(unit), 0);
  return [
    `${task}, ${sides[side]}`,
    figure(sum((unit) => unit.model.asked) / of.length),
    figure(sum((unit) => unit.model.answered) / of.length),
    figure(sum((unit) => unit.model.cpuSeconds) / of.length),
    figure(mean(of.map(({ demos }) => demos))),
  ];
}

function goalOf({ task, gain }: ReturnType<typeof lineOf>): Goal {
  const enough = gain !== null && gain.seeds >= 10 && gain.rows >= heldOutSize;
  const on = gain === null ? 'fewer than two seeds' : `${gain.seeds} seeds, ${gain.rows} rows`;
  return {
    goal: `${task}: compiled is better than uncompiled beyond doubt, over 10 seeds and ${heldOutSize} rows`,
    measured: `${interval(gain)} pp on ${on}`,
    met: enough && gain.low > 0,
  };
}

function promisesOf({ unreadable, streamed, reflection }: Promises): { goals: Goal[]; method: string } {
  const { length } = reflection.instructions;
  return {
    goals: [
      {
        goal: 'an answer that cannot be read is asked for once more as JSON, and is an error that says so',
        measured: `${unreadable.askedAgain} and ${unreadable.said} of ${unreadable.runs} runs of the uncompiled extraction by Chat`,
        met: unreadable.askedAgain === unreadable.runs && unreadable.said === unreadable.runs,
      },
      {
        goal: 'the streamed pieces of a field are its value',
        measured: `${streamed.equal} of the ${streamed.ended} runs by Chat that could be read, of ${streamed.runs} with demonstrations, in ${streamed.pieces} pieces`,
        met: streamed.ended > 0 && streamed.equal === streamed.ended,
      },
    ],
    method: `GEPA on the extraction, with this model as its own proposer and ${reflection.calls} calls: ${length} ${length === 1 ? 'candidate' : 'candidates'} with other instructions. ${reflection.sentence}`,
  };
}

/** What came of every task on both sides, as far as it was run. */
export function reportOf(
  units: readonly Unit[],
  { seeds, rows, promises }: { seeds: number; rows: number; promises: Promises | null },
): Report {
  const tasks = makeTasks();
  const lines = tasks.flatMap(({ name }) => (['wheelhouse', 'dspy'] as const).map((side) => lineOf(name, side, units)));
  const run = lines.filter((line) => line.seeds > 0);
  const scores: Table = {
    title: 'Rows held out that are right',
    columns: ['', 'seeds', 'uncompiled', 'can be read', 'compiled', 'can be read', 'by seed', 'gain, pp [95 %]'],
    rows: run.map(({ task, side, of, before, after, right, read, gain }) => {
      const bySeed = of.map((unit) => right(unit.after));
      return [
        `${task}, ${sides[side]}`,
        String(of.length),
        ...[percent(right(before)), percent(read(before)), percent(right(after)), percent(read(after))],
        `${percent(Math.min(...bySeed))} to ${percent(Math.max(...bySeed))}`,
        interval(gain),
      ];
    }),
  };
  const beside: Table = {
    title: 'Compiled here over compiled by DSPy, same rows and seeds',
    columns: ['', 'seeds', 'difference, pp [95 %]'],
    rows: tasks.flatMap(({ name }) => {
      const theirs = new Map(units.filter((u) => u.side === 'dspy' && u.task === name).map((u) => [u.seed, u.after]));
      const ours = units.filter((u) => u.side === 'wheelhouse' && u.task === name && theirs.has(u.seed));
      return ours.length === 0
        ? []
        : [[name, String(ours.length), interval(meanGain(gainsOver(ours, ({ seed }) => theirs.get(seed))))]];
    }),
  };
  const cost: Table = {
    title: 'A seed takes, comparison included',
    columns: ['', 'calls', 'not answered before', 'CPU s of the model', 'demonstrations'],
    rows: run.map(({ side, task }) => costOf(side, task, units)),
  };
  const looked = promises && promisesOf(promises);
  const minutes = Math.round(units.reduce((sum, { seconds }) => sum + seconds, 0) / 60);
  const finished = `${Math.min(...lines.map((line) => line.seeds))} of ${seeds} seeds are done on every task and side`;
  return {
    name: 'small-model',
    title: 'Compiling for a real small model',
    method: [
      `The model is Gemma 3 270M, pretrained and not taught to follow instructions, in 4 to 8 bits (Q4_K_M), on one thread of this machine's CPU; it answers greedily, and an answer that is known is not made again. Both sides ask it the same way.`,
      `${finished}, in ${minutes} minutes over all runs of the command, which goes on where it ended.`,
      ...tasks.map(({ name, about }) => `${name[0]?.toUpperCase()}${name.slice(1)}: ${about}.`),
      `The rows come of a generator with a seed, ${heldOutSize} of them held out. Each seed draws 20 rows to train and 20 to choose by of 120 others, and is compared on ${rows} of those held out, the next seed on those after them.`,
      `Both sides: bootstrapping with random search (${search.maxBootstrapped} bootstrapped demonstrations, ${search.maxLabeled} in all, ${search.candidates} drawn sets beside none, labels alone, and one in order), the best on the rows to choose by. Both write prompts as lines \`name: value\`, by an adapter of their own, since this model goes on with a text.`,
      'Intervals are for other seeds and other rows (two-way clustering, Student’s t). Where the uncompiled program gives nothing that can be read, much of a gain is the form alone.',
      ...(looked ? [looked.method] : []),
    ],
    tables: [scores, beside, cost].filter((table) => table.rows.length > 0),
    goals: [...lines.filter(({ side }) => side === 'wheelhouse').map(goalOf), ...(looked?.goals ?? [])],
    figures: {
      promises,
      units: units.map(({ before, after, ...unit }) => {
        const digits = (of: readonly RowResult[]) => of.map(({ score, read }) => (read ? score : '-')).join('');
        return { ...unit, before: digits(before), after: digits(after) };
      }),
    },
  };
}
