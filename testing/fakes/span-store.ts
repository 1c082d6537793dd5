import type { ScoreStore, SearchedTrace, SpanStore, SpanSummary, TraceSummary } from '@wheelhouse/core/ports';
import type { ProjectId, Score, Span, TraceId } from '@wheelhouse/core/records';
import { foldSpan } from './fold-span.ts';
import { summarizeTrace } from './summarize-trace.ts';

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

export type FakeSpanStore = SpanStore & {
  /** Every trace of the project, as lists and searches see it. */
  searched(project: ProjectId): Promise<SearchedTrace[]>;
};

/** Spans in memory, folded as the real store folds them. Scores are read for the lists. */
export function fakeSpanStore(scores: ScoreStore): FakeSpanStore {
  const projects = new Map<ProjectId, Project>();
  const tokens = new Set<string>();

  const spansOf = (project: ProjectId, trace: string): Span[] =>
    [...(projects.get(project)?.get(trace)?.values() ?? [])].map(foldSpan);

  async function searchedOf(project: ProjectId, ids: readonly string[]): Promise<SearchedTrace[]> {
    const found: SearchedTrace[] = [];
    for (const id of ids) {
      const trace = summarizeTrace(spansOf(project, id));
      if (trace) found.push({ ...trace.summary, scores: newestScores(await scores.ofTrace(project, id as TraceId)) });
    }
    return found;
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
    traceSummaries: async (project, ids) =>
      (await searchedOf(project, ids)).map(({ services: _, text: __, ...summary }) => summary),
    spansOfTrace: async (project, id) => spansOf(project, id).map(toSummary).sort(byStart),
    span: async (project, trace, span) => {
      const fragments = projects.get(project)?.get(trace)?.get(span);
      return fragments ? foldSpan(fragments) : null;
    },
    searched: (project) => searchedOf(project, [...(projects.get(project)?.keys() ?? [])]),
  };
}
