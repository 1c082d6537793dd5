import type { RequestBody, ResponseBody } from '@wheelhouse/core/contract';
import type { Cell } from '@wheelhouse/core/records';
import { type Client, WheelhouseApiError } from '../client/index.ts';
import {
  type Data,
  type EvaluationDefinition,
  isOwnScorer,
  type RunDefinition,
  type RunFunction,
  runFunctionOf,
  runsHere,
} from './definition.ts';
import { keepRows } from './keep-rows.ts';
import { ownJudge } from './own-judge.ts';
import { type RunHere, runHere } from './run-here.ts';

export type Evaluation = ResponseBody<'getEvaluation'>;
type NewEvaluation = RequestBody<'createEvaluation'>;

export type EvaluateOptions = {
  client: Client;
  /** Ends calls under way; what was recorded stays. */
  signal?: AbortSignal;
  /** Whether to begin nothing more; then it resolves with the evaluation stopped. */
  isOver?: () => boolean;
  onProgress?: (now: Evaluation) => void;
  /** Hears of each cell that is made here. */
  onCell?: (cell: Cell) => void;
  /** The id of an evaluation of the same definition, to go on with. */
  resume?: string;
  memory?: RunHere['memory'];
};

const pollMs = 400;

const sourceOf = (data: Data) =>
  typeof data === 'string'
    ? { dataset: data }
    : 'rows' in data
      ? { dataset: data.dataset ?? null, rows: data.rows }
      : data;

/** A name that a dataset may have. */
const datasetName = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
    .slice(0, 100) || 'evaluation';

async function dataOf(client: Client, { name, data, first }: EvaluationDefinition) {
  const source = sourceOf(data);
  if ('rows' in source) {
    const dataset = source.dataset ?? datasetName(name);
    const rows = typeof source.rows === 'function' ? await source.rows() : source.rows;
    const version = await keepRows(client, dataset, rows);
    return { dataset, version, rows: { first: first ?? null } };
  }
  const {
    dataset,
    version,
    split = null,
    tag = null,
  } = { version: undefined, ...source } as Exclude<Data, string | { rows: unknown }>;
  return { dataset, ...(version === undefined ? {} : { version }), rows: { split, tag, first: first ?? null } };
}

function runBody(run: RunDefinition) {
  if (typeof run === 'string') return { ref: run };
  return 'run' in run ? { ref: null, label: run.label } : run;
}

/** What the server is told of the definition. */
export async function bodyOf(client: Client, definition: EvaluationDefinition): Promise<NewEvaluation> {
  const { name, runs, scorers, gates = [], repetitions, concurrency, rollout, cap, metadata } = definition;
  return {
    name,
    ...(await dataOf(client, definition)),
    runs: runs.map(runBody),
    scorers: scorers.map((scorer) => (isOwnScorer(scorer) ? { own: scorer.name } : scorer)),
    gates: [...gates],
    place: runsHere(definition) ? 'client' : 'server',
    ...(repetitions === undefined ? {} : { repetitions }),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(rollout === undefined ? {} : { rollout }),
    ...(cap === undefined ? {} : { cap: String(cap) }),
    ...(metadata === undefined ? {} : { metadata }),
  };
}

async function resumed(client: Client, evaluationId: string): Promise<Evaluation> {
  const params = { evaluationId };
  const found = await client.call('getEvaluation', { params });
  const isOpen = found.status === 'stopped' || found.status === 'failed';
  return isOpen ? client.call('resumeEvaluation', { params, body: {} }) : found;
}

const pause = (ms: number, signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    const end = () => {
      clearTimeout(timer);
      resolve();
    };
    signal.addEventListener('abort', end, { once: true });
  });

const isEnded = ({ status }: Evaluation) => status !== 'queued' && status !== 'running';

type Following = { client: Client; signal: AbortSignal; isOver(): boolean; onProgress(now: Evaluation): void };

/** The server does the work; this looks on, and stops it when it is to be over. */
async function follow(created: Evaluation, { client, signal, isOver, onProgress }: Following): Promise<Evaluation> {
  const params = { evaluationId: created.id };
  let now = created;
  for (;;) {
    onProgress(now);
    if (isEnded(now)) return now;
    if (isOver() || signal.aborted) return client.call('stopEvaluation', { params });
    await pause(pollMs, signal);
    now = await client.call('getEvaluation', { params });
  }
}

function functionsOf({ runs }: EvaluationDefinition): Map<string, RunFunction> {
  const functions = new Map<string, RunFunction>();
  for (const run of runs) {
    const own = runFunctionOf(run);
    if (own && typeof run === 'object' && run.label) functions.set(run.label, own);
  }
  return functions;
}

/** A definition that has changed since cannot go on with what the other began. */
function checkSame(evaluation: Evaluation, { scorers }: EvaluationDefinition, functions: ReadonlyMap<string, unknown>) {
  const stranger = evaluation.runs.find(({ ref, label }) => ref === null && !functions.has(label));
  const unknown = scorers.find((scorer) => isOwnScorer(scorer) && !evaluation.scorers.includes(scorer.name));
  if (!stranger && !unknown) return;
  const said = stranger ? `has a run \`${stranger.label}\` that is not defined here` : 'was begun with other scorers';
  throw new WheelhouseApiError(400, 'invalid_request', `Evaluation ${evaluation.id} ${said}.`, 'Begin a new one.');
}

/**
 * Runs an evaluation to its end: functions where they are, models through the server, which keeps every answer as it
 * comes, judges it by the named scorers and computes the results. What is cut off goes on by `resume`.
 * @throws WheelhouseApiError
 */
export async function evaluate(definition: EvaluationDefinition, options: EvaluateOptions): Promise<Evaluation> {
  const { client, isOver = () => false, onProgress = () => {}, onCell = () => {}, memory = null, resume } = options;
  const signal = options.signal ?? new AbortController().signal;
  const started =
    resume === undefined
      ? await client.call('createEvaluation', { body: await bodyOf(client, definition) })
      : await resumed(client, resume);
  const following = { client, signal, isOver, onProgress };
  if (started.place === 'server' || isEnded(started)) return follow(started, following);
  const functions = functionsOf(definition);
  checkSame(started, definition, functions);
  const judges = new Map(definition.scorers.filter(isOwnScorer).map((scorer) => [scorer.name, ownJudge(scorer)]));
  onProgress(started);
  let isWhole = false;
  const params = { evaluationId: started.id };
  try {
    isWhole = await runHere(started, { client, functions, judges, signal, isOver, onProgress, onCell, memory });
  } catch (error) {
    await client.call('stopEvaluation', { params }).catch(() => {});
    if (!signal.aborted) throw error;
  }
  const last = isWhole ? 'finishEvaluation' : 'stopEvaluation';
  const ended = await client.call(last, { params });
  onProgress(ended);
  return ended;
}
