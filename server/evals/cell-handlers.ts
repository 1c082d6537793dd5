import type { Handlers, ParsedBody } from '@wheelhouse/core/contract';
import { type Answered, answerKey, askModels, calledName } from '@wheelhouse/core/eval';
import {
  type Cell,
  type Evaluation,
  type ExampleId,
  type ProjectId,
  parseTraceId,
  type Run,
  type RunId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { evaluationBody } from './bodies.ts';
import { completeEvaluation } from './eval-worker.ts';
import { type ReadRow, withContents } from './evaluation-rows.ts';
import { type EvalDeps, findEvaluation } from './find-evaluation.ts';
import { judgeCells } from './judge-cells.ts';
import { tell } from './live-event.ts';

type NewCell = ParsedBody<'addCells'>['cells'][number];
type Refuse = (what: string, field: string) => WheelhouseError;

/** The run that a place names. */
function runAt(
  { runs, repetitions }: Evaluation,
  { runId, repetition }: { runId: string; repetition: number },
  refuse: Refuse,
): Run {
  const run = runs.find(({ id }) => id === runId);
  if (run === undefined) throw refuse(`\`${runId}\` is no run of this evaluation.`, 'runId');
  if (repetition >= repetitions) throw refuse(`There are ${repetitions} repetitions, counted from 0.`, 'repetition');
  return run;
}

function cellOf(given: NewCell, evaluation: Evaluation, refuse: Refuse): Cell {
  const { exampleId, repetition, output, error, scores } = given;
  runAt(evaluation, given, refuse);
  if ((output === null) === (error === null))
    throw refuse('A cell has an output, or an error that says why there is none.', 'output');
  return {
    ...{ runId: given.runId as RunId, exampleId: exampleId as ExampleId, repetition, output, error },
    scores: scores as Cell['scores'],
    latencyNs: BigInt(given.latencyNs),
    costNanoUsd: given.costNanoUsd === null ? null : BigInt(given.costNanoUsd),
    judgeNanoUsd: BigInt(given.judgeNanoUsd),
    traceId: given.traceId === null ? null : parseTraceId(given.traceId),
    ...{ cached: given.cached, answerKey: given.answerKey },
  };
}

/** For whoever makes the calls where the code is. */
export function createCellHandlers(deps: EvalDeps): Handlers<'askForCell' | 'addCells' | 'finishEvaluation'> {
  const { evaluations, cells, datasets, feed } = deps;

  async function ofClient(project: ProjectId, id: string): Promise<Evaluation> {
    const evaluation = await findEvaluation(deps, project, id);
    if (evaluation.place === 'client') return evaluation;
    throw new WheelhouseError('conflict', 'The server makes the calls of this evaluation.', {
      hint: 'Create it with `place: "client"` to hand in cells.',
    });
  }

  /** One that calls are still made for. */
  async function open(project: ProjectId, id: string): Promise<Evaluation> {
    const evaluation = await ofClient(project, id);
    if (evaluation.status !== 'completed') return evaluation;
    throw new WheelhouseError('conflict', 'The evaluation is completed; nothing is added to it any more.');
  }

  async function rowsOf(project: ProjectId, evaluation: Evaluation, ids: string[]): Promise<Map<string, ReadRow>> {
    const { dataset, datasetVersion } = evaluation;
    const page = { limit: ids.length, where: { ids: ids as ExampleId[] } };
    const read = () => datasets.members(project, dataset, datasetVersion, page);
    const rows = await withContents({ ...deps, project }, dataset, read);
    return new Map(rows.map((row) => [row.exampleId, row]));
  }

  /** The model's, or one that it gave before in the same rollout. */
  async function answerOf(
    project: ProjectId,
    { rollout }: Evaluation,
    { run, row, repetition }: { run: Run; row: ReadRow; repetition: number },
  ): Promise<Answered> {
    if (rollout !== null) {
      const key = answerKey({ identity: calledName(run) ?? '', input: row.input, repetition, rollout });
      const earlier = (await cells.answers(project, [key])).get(key);
      if (earlier) return { ok: true, text: earlier.output, cached: true, ...earlier };
    }
    const ask = askModels(deps.scoringOf(project).runner);
    return ask(run, row, { repetition, signal: new AbortController().signal });
  }

  return {
    async askForCell({ by, params, body }) {
      const { project } = by;
      const evaluation = await open(project, params.evaluationId);
      const refuse: Refuse = (what, param) => new WheelhouseError('invalid_request', what, { param });
      const run = runAt(evaluation, body, refuse);
      if (run.model === null) throw refuse(`\`${run.label}\` is code of the client: nobody here can ask it.`, 'runId');
      const row = (await rowsOf(project, evaluation, [body.exampleId])).get(body.exampleId);
      if (!row || row.erasedAt !== null) throw refuse(`The dataset has no example \`${body.exampleId}\`.`, 'exampleId');
      const outcome = await answerOf(project, evaluation, { run, row, repetition: body.repetition });
      return {
        output: outcome.ok ? outcome.text : null,
        error: outcome.ok ? null : outcome.error,
        latencyNs: String(outcome.latencyNs),
        costNanoUsd: outcome.costNanoUsd === null ? null : String(outcome.costNanoUsd),
        traceId: outcome.traceId,
        cached: outcome.cached === true,
        limited: outcome.ok ? null : (outcome.limited ?? null),
      };
    },

    async addCells({ by, params, body }) {
      const { project } = by;
      const evaluation = await open(project, params.evaluationId);
      const refuseAt =
        (at: number): Refuse =>
        (what, field) =>
          new WheelhouseError('invalid_request', what, { param: `cells.${at}.${field}` });
      const given = body.cells.map((cell, at) => cellOf(cell, evaluation, refuseAt(at)));
      const rows = await rowsOf(project, evaluation, [...new Set(given.map(({ exampleId }) => exampleId))]);
      const stranger = given.findIndex(({ exampleId }) => !rows.has(exampleId));
      if (stranger !== -1)
        throw refuseAt(stranger)(`The dataset has no example \`${given[stranger]?.exampleId}\`.`, 'exampleId');
      await cells.put(project, await judgeCells(deps, { project, evaluation, rows }, given));
      const tally = await cells.tally(
        project,
        evaluation.runs.map(({ id }) => id),
      );
      await evaluations.setCounts(evaluation.id, { ...tally, erased: evaluation.erased });
      const now = await findEvaluation(deps, project, params.evaluationId);
      tell(feed, project, now);
      return evaluationBody(now);
    },

    async finishEvaluation({ by, params }) {
      const evaluation = await ofClient(by.project, params.evaluationId);
      if (evaluation.status !== 'completed') await completeEvaluation({ ...deps, project: by.project }, evaluation);
      return evaluationBody(await findEvaluation(deps, by.project, params.evaluationId));
    },
  };
}
