import type { ScoreStore, SpanStore, SpanSummary, TraceFilter, TraceSummary } from '@wheelhouse/core/ports';
import {
  contentText,
  type ProjectId,
  preview,
  type Score,
  type Span,
  type SpanId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { type FoldedSpan, summarizeTrace, usesModel } from '@wheelhouse/server/stores/clickhouse/summarize-trace';
import { foldSpan } from './fold-span.ts';

type Fragments = [Span, ...Span[]];
type Project = Map<string, Map<string, Fragments>>;

function toSummary(span: Span): SpanSummary {
  const { traceId, spanId, parentSpanId, kind, name, startNs, endNs, firstTokenNs, status, statusMessage } = span;
  const { provider, requestModel, responseModel, usage } = span;
  return {
    ...{ traceId, spanId, parentSpanId, kind, name, startNs, endNs, firstTokenNs, status, statusMessage },
    ...{ provider, requestModel, responseModel, usage },
    model: span.model && `${span.model.name}@${span.model.version}`,
    costNanoUsd: span.cost?.totalNanoUsd ?? null,
  };
}

function toFolded(span: Span): FoldedSpan {
  const { responseId, dialect, sessionId, userId, service } = span;
  return {
    ...toSummary(span),
    ...{ responseId, dialect, sessionId, userId, service },
    inputPreview: preview(contentText(span.input, 'input')),
    outputPreview: preview(contentText(span.output, 'output')),
  };
}

function newestScores(scores: Score[]): TraceSummary['scores'] {
  const byName = new Map<string, Score>();
  for (const score of scores) {
    const other = byName.get(score.name);
    const newer =
      !other || score.createdAt > other.createdAt || (score.createdAt === other.createdAt && score.id > other.id);
    if (newer) byName.set(score.name, score);
  }
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1)).map(({ name, value }) => ({ name, value }));
}

const byStart = (a: SpanSummary, b: SpanSummary) =>
  a.startNs === b.startNs ? (a.spanId < b.spanId ? -1 : 1) : a.startNs < b.startNs ? -1 : 1;

const placeOf = ({ startNs, traceId }: TraceSummary) => `${startNs.toString().padStart(20, '0')}.${traceId}`;

/** Spans in memory, folded as the real store folds them. Scores are read for the lists. */
export function fakeSpanStore(scores: ScoreStore): SpanStore {
  const projects = new Map<ProjectId, Project>();
  const tokens = new Set<string>();

  const spansOf = (project: ProjectId, trace: string): Span[] =>
    [...(projects.get(project)?.get(trace)?.values() ?? [])].map(foldSpan);

  async function summaryOf(
    project: ProjectId,
    id: string,
    filter: Omit<TraceFilter, 'limit'>,
  ): Promise<TraceSummary[]> {
    const spans = spansOf(project, id);
    const folded = spans.map(toFolded);
    const trace = summarizeTrace(folded);
    if (!trace) return [];
    const { status, model, text = '' } = filter;
    if (status !== undefined && trace.summary.status !== status) return [];
    if (model !== undefined && !folded.some((span) => usesModel(span, model))) return [];
    const find = (id: SpanId) => spans.find((span) => span.spanId === id);
    const texts = [
      trace.summary.name,
      contentText(find(trace.inputSpan.spanId)?.input ?? null, 'input'),
      contentText(find(trace.outputSpan.spanId)?.output ?? null, 'output'),
    ].map((searched) => searched.toLowerCase());
    const words = text.toLowerCase().split(/\s+/);
    if (!words.every((word) => texts.some((searched) => searched.includes(word)))) return [];
    return [{ ...trace.summary, scores: newestScores(await scores.ofTrace(project, trace.summary.traceId)) }];
  }

  function add(span: Span): void {
    const project: Project = projects.get(span.projectId) ?? new Map();
    const trace = project.get(span.traceId) ?? new Map<string, Fragments>();
    trace.set(span.spanId, [span, ...(trace.get(span.spanId) ?? [])]);
    project.set(span.traceId, trace);
    projects.set(span.projectId, project);
  }

  return {
    append: async (spans, token) => {
      if (tokens.has(token) || spans.length === 0) return;
      tokens.add(token);
      for (const span of spans) add(structuredClone(span));
    },
    listTraces: async (project, { limit, cursor, ...filter }) => {
      if (cursor !== undefined && !/^\d{20}\.\w+$/.test(cursor))
        throw new WheelhouseError('invalid_request', 'The cursor is not one that a page gave as `next`.', {
          param: 'cursor',
        });
      const ids = [...(projects.get(project)?.keys() ?? [])];
      const all = (await Promise.all(ids.map((id) => summaryOf(project, id, filter)))).flat();
      const rest = all
        .filter((summary) => cursor === undefined || placeOf(summary) < cursor)
        .sort((a, b) => (placeOf(a) > placeOf(b) ? -1 : 1));
      const data = rest.slice(0, limit);
      const last = data.at(-1);
      return { data, next: rest.length > limit && last ? placeOf(last) : null };
    },
    traceSummaries: async (project, ids) => (await Promise.all(ids.map((id) => summaryOf(project, id, {})))).flat(),
    spansOfTrace: async (project, id) => spansOf(project, id).map(toSummary).sort(byStart),
    span: async (project, trace, span) => {
      const fragments = projects.get(project)?.get(trace)?.get(span);
      return fragments ? foldSpan(fragments) : null;
    },
  };
}
