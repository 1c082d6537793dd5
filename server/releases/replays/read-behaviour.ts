import type { EvaluationBody, EvaluationRowBody } from '@wheelhouse/core/contract';
import { type Behaviour, compareBehaviour, toolCallsOfSpans, toolCallsOfText } from '@wheelhouse/core/eval';
import type { WholeSpans } from '@wheelhouse/core/ports';
import type { Caller, Span, TraceId } from '@wheelhouse/core/records';
import type { ReplayCall } from './replay-of.ts';

type Cell = EvaluationRowBody['cells'][string][number];
type Calls = ReturnType<typeof toolCallsOfSpans>;
type AnsweredCell = Cell & { tools: Calls };
/** An input that both versions have answered as often as was asked. */
type ReplayRow = Pick<EvaluationRowBody, 'exampleId' | 'input'> & {
  before: AnsweredCell[];
  after: AnsweredCell[];
};
export type ReplayBehaviour = {
  rows: ReplayRow[];
  behaviour: Behaviour;
  /** Nothing about it changes any more. */
  isSettled: boolean;
};

export type BehaviourDeps = { call: ReplayCall; wholeSpans: WholeSpans; nowMs(): number };

const rowsAtOnce = 100;
const tracesAtOnce = 100;
/** A trace that is not stored by then will not come. */
const tracesComeMs = 60_000;
const kept = 8;

async function allRows({ call }: BehaviourDeps, by: Caller, evaluationId: string): Promise<EvaluationRowBody[]> {
  const rows: EvaluationRowBody[] = [];
  let cursor: string | null = null;
  do {
    const query = { limit: rowsAtOnce, ...(cursor === null ? {} : { cursor }) };
    const page: { data: EvaluationRowBody[]; next: string | null } = await call(by, 'listEvaluationRows', {
      ...{ params: { evaluationId }, query },
    });
    rows.push(...page.data);
    cursor = page.next;
  } while (cursor !== null);
  return rows;
}

/** Which tools were called on the way to each answer, of the traces that are stored. */
async function toolsOf({ wholeSpans }: BehaviourDeps, by: Caller, traces: string[]): Promise<Map<string, Calls>> {
  const found = new Map<string, Calls>();
  let open: Span[] = [];
  const close = () => {
    const [first] = open;
    if (first) found.set(first.traceId, toolCallsOfSpans(open));
    open = [];
  };
  for (let at = 0; at < traces.length; at += tracesAtOnce)
    for await (const span of wholeSpans.ofTraces(by.project, traces.slice(at, at + tracesAtOnce) as TraceId[])) {
      if (open[0] && open[0].traceId !== span.traceId) close();
      open.push(span);
    }
  close();
  return found;
}

const answersOf = (cells: readonly AnsweredCell[]) =>
  cells.map(({ output, error, latencyNs, costNanoUsd, tools }) => ({
    output: error === null ? output : null,
    latencyNs: BigInt(latencyNs),
    costNanoUsd: costNanoUsd === null ? null : BigInt(costNanoUsd),
    tools,
  }));

const isOver = ({ status }: EvaluationBody) => status !== 'queued' && status !== 'running';

async function read(deps: BehaviourDeps, by: Caller, evaluation: EvaluationBody): Promise<ReplayBehaviour> {
  const { id, runs, repetitions } = evaluation;
  const [old, now] = [runs[0]?.id ?? '', runs.at(-1)?.id ?? ''];
  const rows = (await allRows(deps, by, id)).filter(({ cells }) =>
    [old, now].every((run) => cells[run]?.length === repetitions),
  );
  const cells = rows.flatMap((row) => Object.values(row.cells).flat());
  const traces = [...new Set(cells.flatMap(({ traceId }) => traceId ?? []))];
  // While answers come, those of before would be read again and again for a figure that is still to change.
  const tools = isOver(evaluation) ? await toolsOf(deps, by, traces) : new Map<string, Calls>();
  const withTools = (cell: Cell): AnsweredCell => ({
    ...cell,
    tools: tools.get(cell.traceId ?? '') ?? toolCallsOfText(cell.output ?? ''),
  });
  const shown = rows.map(({ exampleId, input, cells: of }) => ({
    ...{ exampleId, input, before: (of[old] ?? []).map(withTools), after: (of[now] ?? []).map(withTools) },
  }));
  const compared = shown.map(({ before, after }) => ({ before: answersOf(before), after: answersOf(after) }));
  const isLate = deps.nowMs() - Date.parse(evaluation.finishedAt ?? evaluation.createdAt) > tracesComeMs;
  return {
    rows: shown,
    behaviour: compareBehaviour(compared),
    isSettled: isOver(evaluation) && (isLate || tools.size === traces.length),
  };
}

/** Compares what two versions answered; what has ended is kept, because its pages ask for it again. */
export function createBehaviourReader(deps: BehaviourDeps) {
  const known = new Map<string, ReplayBehaviour>();
  return async (by: Caller, evaluation: EvaluationBody): Promise<ReplayBehaviour> => {
    const key = `${by.project} ${evaluation.id} ${evaluation.done}`;
    const before = isOver(evaluation) ? known.get(key) : undefined;
    if (before) return before;
    const found = await read(deps, by, evaluation);
    if (!found.isSettled) return found;
    const [oldest] = known.keys();
    if (known.size >= kept && oldest !== undefined) known.delete(oldest);
    known.set(key, found);
    return found;
  };
}
