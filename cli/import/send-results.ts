import { scorerNames } from '@wheelhouse/core/eval';
import { isJsonObject, type Json, type ScorerResult } from '@wheelhouse/core/records';
import type { Client, EvaluationBody, ResponseBody } from '@wheelhouse/sdk';
import type { Progress } from '../output/progress.ts';
import { type CarryDeps, number, type Outcome } from './carried.ts';
import { type DraftCell, type DraftEvaluation, type DraftRun, textOf } from './draft.ts';
import type { Plan } from './make-plan.ts';

const cellsAtOnce = 500;
/** An evaluation has at most so many. */
const mostRuns = 10;
const mostRepetitions = 50;
const rowsAtOnce = 500;

const taken: ReadonlySet<string> = new Set([...scorerNames, 'latency', 'cost', 'errors']);
/** What was judged there is another measure than ours of the same name. */
const ownName = (name: string): string => (taken.has(name) ? `${name} (imported)` : name).slice(0, 200);

async function pagesOf<T>(
  read: (cursor: string | undefined) => Promise<{ data: T[]; next: string | null }>,
): Promise<T[]> {
  const all: T[] = [];
  let cursor: string | undefined;
  for (;;) {
    const { data, next } = await read(cursor);
    all.push(...data);
    if (next === null) return all;
    cursor = next;
  }
}

/** Runs that evaluations hold already, by their ids there. */
function importedRuns({ metadata }: EvaluationBody, tool: string): string[] {
  const said: Json = (metadata.import ?? null) as Json;
  if (!isJsonObject(said) || said.from !== tool || !Array.isArray(said.runs)) return [];
  return said.runs.map((id) => (typeof id === 'string' ? id : ''));
}

async function exampleIds(client: Client, dataset: string, wanted: ReadonlySet<string>): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  let cursor: string | null = null;
  do {
    const query: { limit: number; cursor?: string } = { limit: rowsAtOnce, ...(cursor === null ? {} : { cursor }) };
    const page: ResponseBody<'listExamples'> = await client.call('listExamples', { params: { name: dataset }, query });
    for (const { id, hash } of page.data) if (wanted.has(hash) && !found.has(hash)) found.set(hash, id);
    cursor = page.next;
  } while (cursor !== null);
  return found;
}

const hashOf = ({ row }: DraftCell, { hashOfKey }: Plan): string =>
  'hash' in row ? row.hash : (hashOfKey.get(row.key) ?? '');

type PlacedCell = { exampleId: string; repetition: number; cell: DraftCell };

/** Answers to one row, and to rows that say the same, are repetitions of it. */
function placeCells({ cells }: DraftRun, plan: Plan, examples: ReadonlyMap<string, string>): PlacedCell[] {
  const counts = new Map<string, number>();
  return cells.flatMap((cell) => {
    const exampleId = examples.get(hashOf(cell, plan));
    if (exampleId === undefined) return [];
    const repetition = counts.get(exampleId) ?? 0;
    counts.set(exampleId, repetition + 1);
    return [{ exampleId, repetition, cell }];
  });
}

const named = (scores: Record<string, ScorerResult>) =>
  Object.fromEntries(Object.entries(scores).map(([name, result]) => [ownName(name), result]));

/** Labels tell runs apart. */
function labelsOf(runs: readonly DraftRun[]): string[] {
  return runs.map(({ label, id }, i) => {
    const isTwice = label === '' || runs.some((other, j) => j !== i && other.label === label);
    return (isTwice ? `${label} (${id})`.trim() : label).slice(0, 200);
  });
}

type Deps = CarryDeps & { progress: Progress };
type Sending = { name: string; dataset: string; runs: DraftRun[] };

async function open({ client }: Deps, sending: Sending, { plan, placed }: { plan: Plan; placed: PlacedCell[][] }) {
  const { name, dataset, runs } = sending;
  const scorers = [...new Set(placed.flat().flatMap(({ cell }) => Object.keys(cell.scores).map(ownName)))].slice(0, 50);
  const repetitions = Math.max(1, ...placed.flat().map(({ repetition }) => repetition + 1));
  const labels = labelsOf(runs);
  const made = { from: plan.tool, runs: runs.map(({ id }) => id), madeAt: runs.map(({ madeAt }) => madeAt) };
  return client.call('createEvaluation', {
    body: {
      ...{ name: name.slice(0, 200), dataset, place: 'client', metadata: { import: made } },
      runs: labels.map((label) => ({ ref: null, label })),
      // Without any score the answers are compared with what is expected.
      ...(scorers.length > 0 && { scorers: scorers.map((own) => ({ own })) }),
      repetitions: Math.min(repetitions, mostRepetitions),
    },
  });
}

async function send(deps: Deps, evaluation: EvaluationBody, placed: readonly PlacedCell[][]): Promise<number> {
  const { client, progress } = deps;
  const params = { evaluationId: evaluation.id };
  const known = new Set(evaluation.scorers);
  const cells = placed.flatMap((ofRun, i) =>
    ofRun
      .filter(({ repetition }) => repetition < evaluation.repetitions)
      .map(({ exampleId, repetition, cell }) => ({
        ...{ runId: evaluation.runs[i]?.id ?? '', exampleId, repetition, output: cell.output, error: cell.error },
        scores: Object.fromEntries(Object.entries(named(cell.scores)).filter(([name]) => known.has(name))),
        latencyNs: String(cell.latencyNs),
        costNanoUsd: cell.costNanoUsd === null ? null : String(cell.costNanoUsd),
        traceId: cell.traceId,
      })),
  );
  for (let at = 0; at < cells.length; at += cellsAtOnce) {
    progress.update(at, cells.length, `answers of ${textOf(evaluation.name)}`);
    await client.call('addCells', { params, body: { cells: cells.slice(at, at + cellsAtOnce) } });
  }
  await client.call('finishEvaluation', { params });
  return cells.length;
}

/** Those that were begun and cut off go on; the first answer of each place counts, so that sending again does no harm. */
async function findBegun({ client }: Deps, dataset: string, tool: string) {
  const all = await pagesOf((cursor) =>
    client.call('listEvaluations', { query: { dataset, limit: 500, ...(cursor === undefined ? {} : { cursor }) } }),
  );
  return all
    .map((evaluation) => ({ evaluation, ids: importedRuns(evaluation, tool) }))
    .filter(({ ids }) => ids.length > 0);
}

/** Runs of the export as finished evaluations of the client, so that their numbers are seen; those that are here stay. */
export async function sendResults(draft: DraftEvaluation, plan: Plan, deps: Deps): Promise<Outcome[]> {
  const { client } = deps;
  const { name, dataset, runs } = draft;
  const begun = await findBegun(deps, dataset, plan.tool);
  const there = new Set(begun.flatMap(({ ids }) => ids));
  const fresh = runs.filter(({ id }) => !there.has(id));
  const cut = begun.filter(({ evaluation }) => evaluation.status !== 'completed');
  const outcomes: Outcome[] = [];
  const tell = (evaluation: string, said: string, isNew: boolean) =>
    outcomes.push({ what: 'evaluation', name, said: `${evaluation} ${said}`, isNew });
  for (const { evaluation, ids } of begun)
    if (evaluation.status === 'completed') tell(evaluation.id, `is here already: ${ids.length} runs`, false);
  if (fresh.length === 0 && cut.length === 0) return outcomes;
  const wanted = new Set(runs.flatMap(({ cells }) => cells.map((cell) => hashOf(cell, plan))));
  const examples = await exampleIds(client, dataset, wanted);
  const place = (some: readonly (DraftRun | undefined)[]) =>
    some.map((run) => (run ? placeCells(run, plan, examples) : []));
  for (const { evaluation, ids } of cut) {
    const placed = place(ids.map((id) => runs.find((run) => run.id === id)));
    const params = { evaluationId: evaluation.id };
    const isStopped = evaluation.status === 'stopped' || evaluation.status === 'failed';
    const now = isStopped ? await client.call('resumeEvaluation', { params, body: {} }) : evaluation;
    tell(evaluation.id, `${number(await send(deps, now, placed))} answers, gone on with`, true);
  }
  for (let at = 0; at < fresh.length; at += mostRuns) {
    const some = fresh.slice(at, at + mostRuns);
    const placed = place(some);
    const evaluation = await open(deps, { name, dataset, runs: some }, { plan, placed });
    tell(evaluation.id, `${some.length} runs, ${number(await send(deps, evaluation, placed))} answers`, true);
  }
  return outcomes;
}
