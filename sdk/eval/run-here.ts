import type { ResponseBody } from '@wheelhouse/core/contract';
import {
  type Answered,
  type Ask,
  calledName,
  cellKey,
  createCellRecorder,
  type Judges,
  runEvaluation,
} from '@wheelhouse/core/eval';
import type { EarlierAnswer } from '@wheelhouse/core/ports';
import type { Cell, ExampleId, ExampleRow, Json, Run, RunId, TraceId } from '@wheelhouse/core/records';
import type { Client } from '../client/index.ts';
import { isAnswered, type RunFunction } from './definition.ts';

type EvaluationBody = ResponseBody<'getEvaluation'>;
type RowBody = ResponseBody<'listEvaluationRows'>['data'][number];

const rowsAtOnce = 100;

const clock = { now: () => BigInt(Math.round((performance.timeOrigin + performance.now()) * 1e6)) };
const timer = {
  after(ms: number, action: () => void) {
    const id = setTimeout(action, ms);
    return () => clearTimeout(id);
  },
};

const textOf = (output: Json): string => (typeof output === 'string' ? output : JSON.stringify(output ?? null));
const sentenceOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

async function askFunction(run: RunFunction, row: ExampleRow, options: Parameters<Ask>[2]): Promise<Answered> {
  const { exampleId, input } = row;
  const { repetition, signal } = options;
  const began = performance.now();
  const latencyNs = () => BigInt(Math.round((performance.now() - began) * 1e6));
  try {
    const result = await run(input, { exampleId, repetition, signal: signal as AbortSignal });
    const said = isAnswered(result) ? result : { output: result, costUsd: null, traceId: null };
    return {
      ...{ ok: true, text: textOf(said.output), latencyNs: latencyNs() },
      costNanoUsd: said.costUsd === null ? null : BigInt(Math.round(said.costUsd * 1e9)),
      traceId: said.traceId as TraceId | null,
    };
  } catch (error) {
    return { ok: false, error: sentenceOf(error), latencyNs: latencyNs(), costNanoUsd: null, traceId: null };
  }
}

/** The server asks models, so that their calls are governed, traced and priced as any. */
async function askServer(
  client: Client,
  evaluationId: string,
  place: RowPlace,
  signal: AbortSignal,
): Promise<Answered> {
  const given = await client.call('askForCell', { params: { evaluationId }, body: place, signal });
  const { output, error, cached, limited } = given;
  const seen = {
    latencyNs: BigInt(given.latencyNs),
    costNanoUsd: given.costNanoUsd === null ? null : BigInt(given.costNanoUsd),
    traceId: given.traceId as TraceId | null,
    cached,
  };
  if (output !== null) return { ok: true, text: output, ...seen };
  return { ok: false, error: error ?? '', ...seen, ...(limited === null ? {} : { limited }) };
}
type RowPlace = { runId: string; exampleId: string; repetition: number };

const rowOf = ({ exampleId, input, expected, metadata }: RowBody): ExampleRow => ({
  exampleId: exampleId as ExampleId,
  ...{ input: input as Json, expected: expected as Json, metadata: metadata as ExampleRow['metadata'] },
});

const cellBody = ({ latencyNs, costNanoUsd, judgeNanoUsd, ...cell }: Cell) => ({
  ...cell,
  latencyNs: String(latencyNs),
  costNanoUsd: costNanoUsd === null ? null : String(costNanoUsd),
  judgeNanoUsd: String(judgeNanoUsd),
});

export type RunHere = {
  client: Client;
  /** By label, of runs that are functions. */
  functions: ReadonlyMap<string, RunFunction>;
  judges: Judges;
  signal: AbortSignal;
  /** Whether nothing more is to be begun. */
  isOver(): boolean;
  /** Told after each write, with how far it is. */
  onProgress(now: EvaluationBody): void;
  onCell(cell: Cell): void;
  /** Answers of functions that did not change since; kept by whoever evaluates the same again and again. */
  memory: { identityOf(label: string): string | null; answers: Map<string, EarlierAnswer> } | null;
};

function memoryOf({ memory }: Pick<RunHere, 'memory'>, rollout: string | null) {
  return {
    identityOf(run: Run): string | null {
      if (run.ref === null) return memory?.identityOf(run.label) ?? null;
      return rollout === null ? null : calledName(run);
    },
    earlier: (key: string) => memory?.answers.get(key) ?? null,
    remember({ answerKey: key, output, latencyNs, costNanoUsd, traceId }: Cell) {
      if (key !== '' && output !== null) memory?.answers.set(key, { output, latencyNs, costNanoUsd, traceId });
    },
  };
}

/** What of these rows was recorded before goes into `finished`, so that an evaluation that was cut off goes on. */
async function* rowsOf(client: Client, evaluationId: string, finished: Set<string>): AsyncGenerator<ExampleRow> {
  let cursor: string | null = null;
  do {
    const query: { limit: number; cursor?: string } = { limit: rowsAtOnce, ...(cursor === null ? {} : { cursor }) };
    const page: ResponseBody<'listEvaluationRows'> = await client.call('listEvaluationRows', {
      ...{ params: { evaluationId }, query },
    });
    for (const row of page.data) {
      if (row.erasedAt !== null) continue;
      for (const [runId, cells] of Object.entries(row.cells))
        for (const { repetition } of cells)
          finished.add(cellKey({ runId: runId as RunId, exampleId: row.exampleId as ExampleId, repetition }));
      yield rowOf(row);
    }
    cursor = page.next;
  } while (cursor !== null);
}

/**
 * Makes what is missing of the cells, functions here and models through the server, and hands them in as they come.
 * @returns whether it came to the end of the rows
 */
export async function runHere(evaluation: EvaluationBody, options: RunHere): Promise<boolean> {
  const { client, functions, judges, signal, onProgress, onCell } = options;
  const evaluationId = evaluation.id;
  const params = { evaluationId };
  const finished = new Set<string>();
  const { remember, ...memory } = memoryOf(options, evaluation.rollout);
  let now = evaluation;
  const spent = () => BigInt(now.costNanoUsd ?? 0);
  let isCut = false;
  const capped = () => now.capNanoUsd !== null && spent() >= BigInt(now.capNanoUsd);
  const record = createCellRecorder(async (cells) => {
    now = await client.call('addCells', { params, body: { cells: cells.map(cellBody) } });
    onProgress(now);
  });
  await runEvaluation(
    {
      clock,
      timer,
      ask(run, row, asked) {
        const own = functions.get(run.label);
        if (run.ref === null && own) return askFunction(own, row, asked);
        const place = { runId: run.id, exampleId: row.exampleId, repetition: asked.repetition };
        return askServer(client, evaluationId, place, signal);
      },
    },
    {
      runs: evaluation.runs as Run[],
      rows: rowsOf(client, evaluationId, finished),
      judges,
      repetitions: evaluation.repetitions,
      concurrency: evaluation.concurrency,
      isFinished: (place) => finished.has(cellKey(place)),
      ...memory,
      rollout: evaluation.rollout ?? '',
      isOver() {
        isCut ||= options.isOver() || capped();
        return isCut;
      },
    },
    {
      signal,
      async onCell(cell) {
        await record(cell);
        remember(cell);
        onCell(cell);
      },
    },
  );
  return !isCut || now.done >= now.total;
}
