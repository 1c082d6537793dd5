import { shareOf } from '@wheelhouse/core/dataset';
import type { NewReviewItem } from '@wheelhouse/core/ports';
import {
  type Cell,
  type Evaluation,
  type ExampleId,
  type ProjectId,
  type ReviewQueue,
  type RunId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { mostItems, type ReviewDeps } from './deps.ts';
import { cellsOf, firstValues } from './drawn-rows.ts';

type Ask = { project: ProjectId; queue: ReviewQueue; evaluation: Evaluation; runs: RunId[]; count: number };

/** Every answer that did not fail has one. */
const everyAnswer = 'latency';

/** Rows that two runs or more answered, in an order of chance that stays the same for the queue. */
async function rowsInOrder(deps: ReviewDeps, { project, queue, runs }: Ask): Promise<ExampleId[]> {
  const answered = new Map<ExampleId, number>();
  for (const run of runs)
    for (const id of (await firstValues(deps, project, { run, measure: everyAnswer })).keys())
      answered.set(id, (answered.get(id) ?? 0) + 1);
  const placed = [...answered].flatMap(([id, times]) =>
    times < 2 ? [] : [{ id, at: shareOf(`${queue.id} row ${id}`) }],
  );
  return placed.sort((a, b) => a.at - b.at).map(({ id }) => id);
}

/** Chance says which of two stands left; the item keeps it, so that everybody sees the same and a habit can be told. */
function sideBySide({ queue, evaluation }: Ask, one: Cell, other: Cell): NewReviewItem {
  const { exampleId, repetition } = one;
  const isTurned = shareOf(`${queue.id} ${exampleId} ${one.runId} ${other.runId}`) < 0.5;
  const [left, right] = isTurned ? [other, one] : [one, other];
  return {
    target: {
      ...{ kind: 'pair', evaluationId: evaluation.id, left: left.runId, right: right.runId },
      ...{ exampleId, repetition },
    },
    ...{ traceId: left.traceId, otherTraceId: right.traceId, reason: null, probability: null },
  };
}

/** First answers of each two runs to rows drawn by chance; two that are equal are no question. */
export async function drawPairs(deps: ReviewDeps, ask: Ask): Promise<NewReviewItem[]> {
  const { project, evaluation, runs, count } = ask;
  const pairs = runs.flatMap((one, i) => runs.slice(i + 1).map((other) => [one, other] as const));
  if (pairs.length === 0)
    throw new WheelhouseError('invalid_request', 'One run alone makes no pairs.', { param: 'runs' });
  if (pairs.length * count > mostItems)
    throw new WheelhouseError('invalid_request', `${count} rows of ${pairs.length} pairs of runs are too many.`, {
      ...{ param: 'count', hint: `At most ${mostItems} pairs are added at once.` },
    });
  if (evaluation.status !== 'completed')
    throw new WheelhouseError(
      'conflict',
      `The evaluation is ${evaluation.status}; rows are drawn when it is completed.`,
    );
  const examples = (await rowsInOrder(deps, ask)).slice(0, count);
  const cells = await cellsOf(deps, project, { runs, examples });
  const first = new Map(
    cells
      .filter(({ repetition, output }) => repetition === 0 && output !== null)
      .map((cell) => [`${cell.runId} ${cell.exampleId}`, cell]),
  );
  return examples.flatMap((id) =>
    pairs.flatMap(([a, b]) => {
      const [one, other] = [first.get(`${a} ${id}`), first.get(`${b} ${id}`)];
      return one && other && one.output !== other.output ? [sideBySide(ask, one, other)] : [];
    }),
  );
}
