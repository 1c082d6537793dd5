import {
  type Cell,
  type ExampleId,
  type ProjectId,
  type ReviewDraw,
  type RunId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { type ChosenRow, chooseLabels, judgeDoubt } from '@wheelhouse/core/stats';
import type { ReviewDeps } from './deps.ts';

const cellsAtOnce = 10_000;
const mostRows = 200_000;

const rowsAtOnce = 200;

type Deps = Pick<ReviewDeps, 'cells'>;

/** Cells of these examples, by what tells them apart. */
export async function cellsOf(
  { cells }: Deps,
  project: ProjectId,
  { runs, examples }: { runs: RunId[]; examples: ExampleId[] },
): Promise<Cell[]> {
  const found: Cell[] = [];
  for (let at = 0; at < examples.length; at += rowsAtOnce)
    found.push(...(await cells.ofRows(project, { runs, examples: examples.slice(at, at + rowsAtOnce) })));
  return found;
}

/** Values of a measure by example, in the order of their ids, of the first answers to each. */
export async function firstValues(
  { cells }: Deps,
  project: ProjectId,
  { run, measure }: { run: RunId; measure: string },
): Promise<Map<ExampleId, number>> {
  const values = new Map<ExampleId, number>();
  let after: { exampleId: ExampleId; repetition: number } | undefined;
  for (;;) {
    const page = await cells.measured(project, { run, measure, limit: cellsAtOnce, after });
    for (const { exampleId, repetition, value } of page)
      if (repetition === 0 && value !== null) values.set(exampleId, value);
    if (values.size > mostRows)
      throw new WheelhouseError('invalid_request', `More than ${mostRows} rows are too many to draw from.`, {
        hint: 'Evaluate a split of the dataset, and draw from that.',
      });
    after = page.at(-1);
    if (page.length < cellsAtOnce || !after) return values;
  }
}

/** Rows that each of the runs has a value for, in the order of their ids. */
export type Frame = { ids: ExampleId[]; values: Map<RunId, Map<ExampleId, number>> };

/** @throws WheelhouseError `invalid_request` when the measure is no score from 0 to 1 */
export async function readFrame(
  deps: Deps,
  project: ProjectId,
  { runs, measure }: { runs: RunId[]; measure: string },
): Promise<Frame> {
  const values = new Map<RunId, Map<ExampleId, number>>();
  for (const run of runs) values.set(run, await firstValues(deps, project, { run, measure }));
  const all = [...values.values()];
  const ids = [...(all[0]?.keys() ?? [])].filter((id) => all.every((of) => of.has(id)));
  if (all.some((of) => [...of.values()].some((value) => value < 0 || value > 1)))
    throw new WheelhouseError('invalid_request', `\`${measure}\` is no score from 0 to 1.`, { param: 'measure' });
  return { ids, values };
}

/** Rows in the order they are drawn, with the probability of each among so many. */
export function drawRows(
  { ids, values }: Frame,
  { pick, count, seed }: Pick<ReviewDraw, 'pick' | 'count' | 'seed'>,
): ({ exampleId: ExampleId } & ChosenRow)[] {
  const runs = [...values.values()];
  const doubtOf = (id: ExampleId) => Math.max(...runs.map((of) => judgeDoubt(of.get(id) ?? 0)));
  const doubts = ids.map((id) => (pick === 'evenly' ? 1 : doubtOf(id)));
  return chooseLabels(doubts, { count, seed }).map((chosen) => ({
    ...{ exampleId: ids[chosen.index] as ExampleId, ...chosen },
  }));
}

type Apart = { exampleId: ExampleId; runId: RunId; one: number; other: number };

/** First answers of which two scorers say the most different things, the furthest apart first. */
export async function furthestApart(
  deps: Deps,
  project: ProjectId,
  ask: { runs: RunId[]; measure: string; other: string; count: number },
): Promise<Apart[]> {
  const found: Apart[] = [];
  for (const runId of ask.runs) {
    const [ones, others] = [
      await firstValues(deps, project, { run: runId, measure: ask.measure }),
      await firstValues(deps, project, { run: runId, measure: ask.other }),
    ];
    for (const [exampleId, one] of ones) {
      const other = others.get(exampleId);
      if (other !== undefined && other !== one) found.push({ exampleId, runId, one, other });
    }
  }
  const distance = ({ one, other }: Apart) => Math.abs(one - other);
  return found.sort((a, b) => distance(b) - distance(a)).slice(0, ask.count);
}
