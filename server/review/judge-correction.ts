import type { Handlers } from '@wheelhouse/core/contract';
import {
  type ExampleId,
  type ProjectId,
  pointsOf,
  type ReviewDraw,
  type ReviewField,
  type ReviewLabel,
  type ReviewQueue,
  type RunId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import {
  type CorrectedScore,
  correctedDifference,
  correctedScore,
  type JudgedPair,
  type JudgedRow,
  judgeAgreement,
  labelsNeeded,
} from '@wheelhouse/core/stats';
import { findQueue, type ReviewDeps } from './deps.ts';
import { drawRows, firstValues, readFrame } from './drawn-rows.ts';
import { everyItem } from './queue-handlers.ts';

/** Of the rows from the first drawn to the last that counts, so many are labelled; the others were skipped, it may be hoped by chance. */
const leastLabelled = 0.95;

/** What people say of a row's first answer, from 0 to 1: a decision, else the mean. */
export function pointsOfLabels(field: ReviewField, labels: readonly ReviewLabel[]): number | null {
  const decided = labels.filter(({ decides }) => decides);
  const points = (decided.length > 0 ? decided : labels).flatMap(
    ({ answers }) => pointsOf(field, answers[field.name]) ?? [],
  );
  return points.length === 0 ? null : points.reduce((sum, value) => sum + value, 0) / points.length;
}

export function fieldOf({ form }: ReviewQueue, name: string | undefined): ReviewField {
  const comparable = form.filter(
    (field) =>
      field.kind === 'boolean' ||
      field.kind === 'number' ||
      (field.kind === 'choice' && field.options.every(({ points }) => points !== null)),
  );
  const found = name === undefined ? comparable[0] : comparable.find((field) => field.name === name);
  if (found) return found;
  throw new WheelhouseError('invalid_request', 'No such field can be compared with a judge.', {
    param: 'field',
    hint: 'A boolean, a number, and a choice whose options all have points can be.',
  });
}

type Said = Map<RunId, Map<ExampleId, number>>;

async function readSaid(deps: ReviewDeps, project: ProjectId, queue: ReviewQueue, field: ReviewField): Promise<Said> {
  const said: Said = new Map();
  for await (const { item, labels } of everyItem(deps, project, queue.name)) {
    if (item.target.kind !== 'cell' || item.target.repetition !== 0) continue;
    const points = pointsOfLabels(field, labels);
    if (points === null) continue;
    const of = said.get(item.target.runId) ?? new Map<ExampleId, number>();
    said.set(item.target.runId, of.set(item.target.exampleId, points));
  }
  return said;
}

/** So many of the drawn rows, from the first on, are labelled but for a few. */
function labelledPrefix(drawn: readonly ExampleId[], isLabelled: (id: ExampleId) => boolean): number {
  let [labelled, longest] = [0, 0];
  for (const [i, id] of drawn.entries()) {
    if (!isLabelled(id)) continue;
    labelled += 1;
    if (labelled >= leastLabelled * (i + 1)) longest = i + 1;
  }
  return longest;
}

/**
 * With which probability each labelled row was drawn, of the draw that stops where labels do: rows are labelled in the order
 * they were drawn.
 */
async function readProbabilities(
  deps: ReviewDeps,
  project: ProjectId,
  draw: ReviewDraw,
  said: Said,
): Promise<{ ids: ExampleId[]; probabilities: Map<ExampleId, number> }> {
  const frame = await readFrame(deps, project, draw);
  if (frame.ids.length !== draw.rows)
    throw new WheelhouseError(
      'conflict',
      `The rows were drawn from ${draw.rows}, and now there are ${frame.ids.length}.`,
    );
  const isLabelled = (id: ExampleId) => draw.runs.every((run) => said.get(run)?.has(id));
  const drawn = drawRows(frame, draw).map(({ exampleId }) => exampleId);
  const count = labelledPrefix(drawn, isLabelled);
  const counted = drawRows(frame, { ...draw, count }).filter(({ exampleId }) => isLabelled(exampleId));
  return {
    ids: frame.ids,
    probabilities: new Map(counted.map(({ exampleId, probability }) => [exampleId, probability])),
  };
}

function shown({ spread: _, ...corrected }: CorrectedScore) {
  return corrected;
}

/** A judge's scores of an evaluation, put right by labels of rows that were drawn from it. */
export function createJudgeHandlers(deps: ReviewDeps): Handlers<'correctJudge'> {
  return {
    async correctJudge({ by, params, query }) {
      const { project } = by;
      const queue = await findQueue(deps, project, params.queue);
      const { draw } = queue;
      const evaluation = draw && (await deps.evaluations.get(project, draw.evaluationId));
      if (!draw || !evaluation)
        throw new WheelhouseError('conflict', `No rows of an evaluation were drawn into \`${queue.name}\`.`, {
          hint: 'Labels of rows that were picked correct nothing; add rows with pick `evenly` or `doubt`.',
        });
      const field = fieldOf(queue, query.field);
      const measure = query.measure ?? draw.measure;
      if (!evaluation.scorers.includes(measure))
        throw new WheelhouseError('invalid_request', `\`${measure}\` is no scorer of this evaluation.`, {
          ...{ param: 'measure', hint: `It has ${evaluation.scorers.join(', ')}.` },
        });
      const said = await readSaid(deps, project, queue, field);
      const { ids, probabilities } = await readProbabilities(deps, project, draw, said);
      const judged = new Map<RunId, Map<ExampleId, number>>();
      for (const run of draw.runs) judged.set(run, await firstValues(deps, project, { run, measure }));

      const rowsOf = (run: RunId): JudgedRow[] =>
        ids.flatMap((id) => {
          const judge = judged.get(run)?.get(id);
          if (judge === undefined) return [];
          const [value, probability] = [said.get(run)?.get(id), probabilities.get(id)];
          return [{ judge, label: value === undefined || probability === undefined ? null : { value, probability } }];
        });
      const pairsOf = (a: RunId, b: RunId): JudgedPair[] =>
        ids.flatMap((id) => {
          const [judgeA, judgeB] = [judged.get(a)?.get(id), judged.get(b)?.get(id)];
          if (judgeA === undefined || judgeB === undefined) return [];
          const [ofA, ofB, probability] = [said.get(a)?.get(id), said.get(b)?.get(id), probabilities.get(id)];
          const isLabelled = ofA !== undefined && ofB !== undefined && probability !== undefined;
          return [{ judgeA, judgeB, label: isLabelled ? { value: { a: ofA, b: ofB }, probability } : null }];
        });

      const [first] = draw.runs as [RunId];
      const runs = draw.runs.map((runId) => {
        const rows = rowsOf(runId);
        const score = correctedScore(rows);
        const both = rows.flatMap(({ judge, label }) => (label === null ? [] : [{ judge, person: label.value }]));
        const labelsWanted = labelsNeeded(score, query.within);
        const { decision, ...difference } = correctedDifference(runId === first ? [] : pairsOf(first, runId));
        return {
          runId,
          label: evaluation.runs.find(({ id }) => id === runId)?.label ?? runId,
          score: { ...shown(score), labelsWanted },
          agreement: draw.pick === 'evenly' ? judgeAgreement(both) : null,
          difference: runId === first ? null : { ...shown(difference), decision },
        };
      });
      return { evaluationId: draw.evaluationId, measure, field: field.name, runs };
    },
  };
}
