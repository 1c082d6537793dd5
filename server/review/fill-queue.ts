import type { HandlerRequest } from '@wheelhouse/core/contract';
import { shareOf } from '@wheelhouse/core/dataset';
import type { NewReviewItem } from '@wheelhouse/core/ports';
import {
  type Actor,
  type Cell,
  type Evaluation,
  type EvaluationId,
  isOfPairs,
  type ProjectId,
  parseTraceId,
  type ReviewDraw,
  type ReviewQueue,
  type RunId,
  type SpanId,
  type TraceId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { mostItems, type ReviewDeps } from './deps.ts';
import { drawPairs } from './draw-pairs.ts';
import { cellsOf, drawRows, furthestApart, readFrame } from './drawn-rows.ts';

type Body = HandlerRequest<'addReviewItems'>['body'];
type Of<From extends Body['from']> = Extract<Body, { from: From }>;

/** What goes into a queue, how it was drawn, and where a filter goes on. */
type Found = { items: NewReviewItem[]; draw?: ReviewDraw; next: string | null };

const tracesAtOnce = 500;
const mostLooked = 20_000;

/** A whole trace, looked at as what its users saw. */
export const onTrace = (traceId: TraceId): NewReviewItem => ({
  target: { kind: 'trace', traceId },
  ...{ traceId, otherTraceId: null, reason: null, probability: null },
});
const onSession = (sessionId: string): NewReviewItem => ({
  target: { kind: 'session', sessionId },
  ...{ traceId: null, otherTraceId: null, reason: null, probability: null },
});

async function named({ traceRows }: ReviewDeps, project: ProjectId, { traceIds }: Of<'traces'>): Promise<Found> {
  const ids = [...new Set(traceIds)].map((id) => parseTraceId(id) ?? (id as TraceId));
  const known = new Set<TraceId>();
  for (let at = 0; at < ids.length; at += tracesAtOnce)
    for (const { traceId } of await traceRows(project, ids.slice(at, at + tracesAtOnce))) known.add(traceId);
  const missing = ids.find((id) => !known.has(id));
  if (missing !== undefined)
    throw new WheelhouseError('not_found', `There is no trace \`${missing.slice(0, 80)}\` that shows an input.`, {
      param: 'traceIds',
    });
  return { items: ids.map(onTrace), next: null };
}

async function namedSpans({ spanRow }: ReviewDeps, project: ProjectId, { spans }: Of<'spans'>): Promise<Found> {
  const items: NewReviewItem[] = [];
  for (const one of spans) {
    const traceId = parseTraceId(one.traceId) ?? (one.traceId as TraceId);
    const spanId = one.spanId.toLowerCase() as SpanId;
    if ((await spanRow(project, { traceId, spanId })) === null)
      throw new WheelhouseError('not_found', `There is no span \`${one.spanId.slice(0, 80)}\` that shows an input.`, {
        param: 'spans',
      });
    const target = { kind: 'span' as const, traceId, spanId };
    items.push({ target, traceId, otherTraceId: null, reason: null, probability: null });
  }
  return { items, next: null };
}

async function namedSessions(
  { queries }: ReviewDeps,
  project: ProjectId,
  { sessionIds }: Of<'sessions'>,
): Promise<Found> {
  for (const id of sessionIds)
    if ((await queries.session(project, id)) === null)
      throw new WheelhouseError('not_found', `There is no session \`${id.slice(0, 80)}\`.`, { param: 'sessionIds' });
  return { items: [...new Set(sessionIds)].map(onSession), next: null };
}

/** Newest first; goes on later behind what was looked at when that is much, or enough was found. */
async function filtered(
  { queries, readFilter, clock }: ReviewDeps,
  { project, queue }: { project: ProjectId; queue: ReviewQueue },
  { of, q, sample, most, cursor }: Of<'filter'>,
): Promise<Found> {
  const filter = readFilter(q);
  const isSampled = (id: string) => sample >= 1 || shareOf(`${queue.id} ${id}`) < sample;
  const items: NewReviewItem[] = [];
  let [place, looked] = [cursor ?? null, 0];
  do {
    const limit = Math.min(tracesAtOnce, most - items.length);
    const ask = { filter, nowNs: clock.now(), limit, ...(place !== null && { cursor: place }) };
    const found = of === 'traces' ? await queries.list(project, ask) : await queries.sessions(project, ask);
    for (const one of found.data) {
      if ('traceId' in one && isSampled(one.traceId)) items.push(onTrace(one.traceId));
      if (!('traceId' in one) && isSampled(one.sessionId)) items.push(onSession(one.sessionId));
    }
    looked += found.data.length;
    place = found.next;
  } while (place !== null && items.length < most && looked < mostLooked);
  return { items, next: place };
}

type Asked = { evaluation: Evaluation; runs: RunId[] };
type Evaluated = Asked & { measure: string; body: Of<'evaluation'> };

async function findRuns(deps: ReviewDeps, project: ProjectId, body: Of<'evaluation' | 'pairs'>): Promise<Asked> {
  const evaluation = await deps.evaluations.get(project, body.evaluationId as EvaluationId);
  if (!evaluation)
    throw new WheelhouseError('not_found', `There is no evaluation \`${body.evaluationId.slice(0, 80)}\`.`, {
      param: 'evaluationId',
    });
  const all = evaluation.runs.map(({ id }) => id);
  const unknown = body.runs?.find((id) => !all.includes(id as RunId));
  if (unknown !== undefined)
    throw new WheelhouseError('invalid_request', `\`${unknown}\` is no run of this evaluation.`, { param: 'runs' });
  return { evaluation, runs: all.filter((id) => body.runs?.includes(id) ?? true) };
}

async function findEvaluated(deps: ReviewDeps, project: ProjectId, body: Of<'evaluation'>): Promise<Evaluated> {
  const { evaluation, runs } = await findRuns(deps, project, body);
  for (const [param, name] of [
    ['measure', body.measure],
    ['other', body.other],
  ] as const)
    if (name !== undefined && !evaluation.scorers.includes(name))
      throw new WheelhouseError('invalid_request', `\`${name}\` is no scorer of this evaluation.`, {
        ...{ param, hint: `It has ${evaluation.scorers.join(', ')}.` },
      });
  if (runs.length * body.count > mostItems)
    throw new WheelhouseError('invalid_request', `${body.count} rows of ${runs.length} runs are too many.`, {
      ...{ param: 'count', hint: `At most ${mostItems} answers are added at once.` },
    });
  return { evaluation, runs, measure: body.measure ?? evaluation.scorers[0] ?? '', body };
}

const onCell = (
  evaluation: Evaluation,
  { runId, exampleId, repetition, traceId }: Pick<Cell, 'runId' | 'exampleId' | 'repetition' | 'traceId'>,
  why: Pick<NewReviewItem, 'reason' | 'probability'>,
): NewReviewItem => ({
  target: { kind: 'cell', evaluationId: evaluation.id, runId, exampleId, repetition },
  ...{ traceId, otherTraceId: null, ...why },
});

async function drawn(
  deps: ReviewDeps,
  { project, queue }: { project: ProjectId; queue: ReviewQueue },
  { evaluation, runs, measure, body }: Evaluated,
): Promise<Found> {
  if (evaluation.status !== 'completed')
    throw new WheelhouseError(
      'conflict',
      `The evaluation is ${evaluation.status}; rows are drawn when it is completed.`,
    );
  const frame = await readFrame(deps, project, { runs, measure });
  const draw: ReviewDraw = {
    ...{ evaluationId: evaluation.id, runs, measure, pick: body.pick === 'doubt' ? 'doubt' : 'evenly' },
    ...{ rows: frame.ids.length, count: Math.max(body.count, queue.draw?.count ?? 0) },
    seed: Math.floor(shareOf(queue.id) * 2 ** 32),
  };
  const rows = drawRows(frame, draw);
  const cells = await cellsOf(deps, project, { runs, examples: rows.map(({ exampleId }) => exampleId) });
  const first = new Map(
    cells.filter(({ repetition }) => repetition === 0).map((cell) => [`${cell.runId} ${cell.exampleId}`, cell]),
  );
  const reason = `Drawn ${draw.pick === 'doubt' ? `by the doubt of ${measure}` : 'evenly'}.`;
  const items = rows.flatMap(({ exampleId, probability }) =>
    runs.flatMap((runId) => {
      const cell = first.get(`${runId} ${exampleId}`);
      return cell ? [onCell(evaluation, cell, { reason, probability })] : [];
    }),
  );
  return { items, draw, next: null };
}

const rounded = (value: number) => String(Math.round(value * 1_000) / 1_000);

async function apart(
  deps: ReviewDeps,
  project: ProjectId,
  { evaluation, runs, measure, body }: Evaluated,
): Promise<Found> {
  const other = body.other ?? evaluation.scorers.find((name) => name !== measure);
  if (other === undefined)
    throw new WheelhouseError('invalid_request', 'One scorer alone cannot disagree.', { param: 'other' });
  const found = await furthestApart(deps, project, { runs, measure, other, count: body.count });
  const cells = await cellsOf(deps, project, { runs, examples: [...new Set(found.map(({ exampleId }) => exampleId))] });
  const items = found.flatMap((one) => {
    const cell = cells.find(
      ({ runId, exampleId, repetition }) => runId === one.runId && exampleId === one.exampleId && repetition === 0,
    );
    const reason = `${measure} says ${rounded(one.one)}, ${other} says ${rounded(one.other)}.`;
    return cell ? [onCell(evaluation, cell, { reason, probability: null })] : [];
  });
  return { items, next: null };
}

/** All answers to rows whose repetitions do not score alike. */
async function flaky(
  deps: ReviewDeps,
  project: ProjectId,
  { evaluation, runs, measure, body }: Evaluated,
): Promise<Found> {
  const [baseline, ...others] = runs as [RunId, ...RunId[]];
  const rows = await deps.cells.rowsOf(project, {
    ...{ baseline, runs: others, measure, lessIsBetter: false, kind: 'flaky', limit: body.count, offset: 0 },
  });
  const cells = await cellsOf(deps, project, { runs, examples: [...new Set(rows.map(({ exampleId }) => exampleId))] });
  const reason = `Repetitions differ in ${measure}.`;
  const items = cells
    .filter(({ output }) => output !== null)
    .sort((a, b) => (a.exampleId < b.exampleId ? -1 : a.exampleId > b.exampleId ? 1 : a.repetition - b.repetition))
    .slice(0, mostItems)
    .map((cell) => onCell(evaluation, cell, { reason, probability: null }));
  return { items, next: null };
}

async function find(deps: ReviewDeps, project: ProjectId, queue: ReviewQueue, body: Body): Promise<Found> {
  if (isOfPairs(queue) !== (body.from === 'pairs'))
    throw new WheelhouseError(
      'invalid_request',
      isOfPairs(queue)
        ? `\`${queue.name}\` asks which of two answers is better.`
        : `\`${queue.name}\` asks about one answer at a time.`,
      { param: 'from', hint: 'Pairs go into queues whose form has a `preference`, and nothing else goes there.' },
    );
  switch (body.from) {
    case 'traces':
      return named(deps, project, body);
    case 'spans':
      return namedSpans(deps, project, body);
    case 'sessions':
      return namedSessions(deps, project, body);
    case 'filter':
      return filtered(deps, { project, queue }, body);
    case 'pairs': {
      const asked = await findRuns(deps, project, body);
      return { items: await drawPairs(deps, { project, queue, ...asked, count: body.count }), next: null };
    }
    case 'evaluation':
      return fromEvaluation(deps, { project, queue }, body);
  }
}

async function fromEvaluation(
  deps: ReviewDeps,
  { project, queue }: { project: ProjectId; queue: ReviewQueue },
  body: Of<'evaluation'>,
): Promise<Found> {
  const evaluated = await findEvaluated(deps, project, body);
  if (body.pick === 'disagreement') return apart(deps, project, evaluated);
  return body.pick === 'flaky' ? flaky(deps, project, evaluated) : drawn(deps, { project, queue }, evaluated);
}

/** Puts what was asked for into the queue. */
export async function fillQueue(
  deps: ReviewDeps,
  by: Actor,
  queue: ReviewQueue,
  body: Body,
): Promise<{ added: number; present: number; next: string | null }> {
  const { items, draw, next } = await find(deps, by.project, queue, body);
  const added = await deps.review.addItems(by, queue.name, items, draw);
  return { added, present: items.length - added, next };
}
