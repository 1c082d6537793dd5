import type { SearchedTrace, TraceQueries, TraceSummary } from '@wheelhouse/core/ports';
import {
  contentText,
  type Filter,
  followUpScores,
  judgeTag,
  type Message,
  nanosToMs,
  type OnlineEvaluation,
  type ProjectId,
  type Score,
  type ScoreId,
  type Span,
  type TextField,
  type TraceId,
} from '@wheelhouse/core/records';
import { type Asked, askedAgain, wordOverlap } from '@wheelhouse/core/text';
import { spansByTrace, type TargetDeps } from '../scoring/read-targets.ts';
import type { ScoreTargetsDeps } from '../scoring/score-targets.ts';

type Deps = TargetDeps & Pick<ScoreTargetsDeps, 'clock'> & { queries: Pick<TraceQueries, 'list' | 'searched'> };

const tracesAtOnce = 500;
const mostPages = 4;
/** Beginnings of texts that share fewer words are not read whole. */
const worthReading = 0.4;

/** Who asked: the session, else the user; null: nobody knows. */
const askerOf = ({ sessionId, userId }: Pick<TraceSummary, 'sessionId' | 'userId'>): string | null =>
  sessionId !== null ? `session ${sessionId}` : userId !== null ? `user ${userId}` : null;

const isFrom = (field: TextField, ids: readonly (string | null)[]): Filter[] => {
  const known = [...new Set(ids.filter((id) => id !== null))];
  return known.length === 0 ? [] : [{ type: 'is', field, patterns: known.map((id) => [id] as const) }];
};

/** Traces of the same sessions and users, up to the end of what is waited for. */
async function readCandidates(
  { queries }: Deps,
  project: ProjectId,
  { asked, waitNs }: { asked: readonly SearchedTrace[]; waitNs: bigint },
): Promise<TraceSummary[]> {
  const starts = asked.map(({ startNs }) => startNs).sort((a, b) => (a < b ? -1 : 1));
  const who = [
    ...isFrom(
      'session',
      asked.map(({ sessionId }) => sessionId),
    ),
    ...isFrom(
      'user',
      asked.map(({ sessionId, userId }) => (sessionId === null ? userId : null)),
    ),
  ];
  const [first, last] = [starts[0] ?? 0n, starts.at(-1) ?? 0n];
  const filter: Filter = {
    type: 'all',
    of: [
      { type: 'any', of: who },
      { type: 'since', ns: first },
      { type: 'until', ns: last + waitNs },
    ],
  };
  const found: TraceSummary[] = [];
  let cursor: string | null = null;
  for (let pages = 0; pages < mostPages; pages++) {
    const ask = { filter, nowNs: last + waitNs, limit: tracesAtOnce };
    const page = await queries.list(project, cursor === null ? ask : { ...ask, cursor });
    found.push(...page.data);
    cursor = page.next;
    if (cursor === null) break;
  }
  return found.filter(({ tags }) => !tags.includes(judgeTag));
}

/** The conversation of a trace, as its first span that has one says it; null: it has none, or does not end with the user. */
function askedOf(spans: readonly Span[]): Asked | null {
  const ordered = spans.toSorted((a, b) => (a.startNs < b.startNs ? -1 : 1));
  const content = ordered.find(({ input }) => input !== null)?.input ?? null;
  if (content === null) return null;
  const text = contentText(content, 'input');
  if (content.type === 'json') return { text, turns: 1 };
  const isUser = ({ role }: Message) => role === 'user';
  const last = content.messages.at(-1);
  // Steps of an agent send the same question again, with what tools said behind it.
  if (last === undefined || !isUser(last)) return null;
  return { text, turns: content.messages.filter(isUser).length };
}

type Found = { how: 'regenerated' | 'rephrased'; by: TraceId };

/**
 * Whether the same session, or user, asked the same or nearly the same again within the time that is waited. Traces that
 * failed and those of nobody known are left out, and so are steps of agents.
 */
export async function readFollowUps(
  deps: Deps,
  project: ProjectId,
  { ids, online }: { ids: TraceId[]; online: Pick<OnlineEvaluation, 'name' | 'version' | 'waitSeconds'> },
): Promise<{ looked: number; made: Score[] }> {
  const lines = await deps.queries.searched(project, ids);
  const asked = lines.filter((line) => askerOf(line) !== null && line.status !== 'error');
  if (asked.length === 0) return { looked: 0, made: [] };
  const waitNs = BigInt(online.waitSeconds) * 1_000_000_000n;
  const candidates = await readCandidates(deps, project, { asked, waitNs });
  const laterOf = (line: SearchedTrace) =>
    candidates.filter(
      (other) =>
        askerOf(other) === askerOf(line) &&
        other.startNs > line.startNs &&
        other.startNs <= (line.endNs ?? line.startNs) + waitNs &&
        wordOverlap(line.inputPreview, other.inputPreview) >= worthReading,
    );
  const pairs = asked.map((line) => ({ line, later: laterOf(line) }));
  const read = [...new Set(pairs.flatMap(({ line, later }) => [line, ...later].map(({ traceId }) => traceId)))];
  const askedIn = new Map<TraceId, Asked>();
  for (const spans of await spansByTrace(deps, project, read)) {
    const [first] = spans;
    const said = askedOf(spans);
    if (first && said) askedIn.set(first.traceId, said);
  }
  const made = pairs.flatMap(({ line: { traceId }, later }): Score[] => {
    const own = askedIn.get(traceId);
    if (!own) return [];
    let found: Found | null = null;
    for (const { traceId: by } of later.toSorted((a, b) => (a.startNs < b.startNs ? -1 : 1))) {
      const other = askedIn.get(by);
      const how = other ? askedAgain(own, other) : null;
      if (how === null) continue;
      found = { how, by };
      break;
    }
    return followUpScores.map((name) => ({
      ...{ id: `follow-up:${name}` as ScoreId, traceId, spanId: null, sessionId: null, name, comment: null },
      value: name === 'settled' ? found === null : found?.how === name,
      metadata: { online: online.name, version: online.version, ...(found === null ? {} : { by: found.by }) },
      source: 'code',
      createdAt: new Date(nanosToMs(deps.clock.now())).toISOString(),
    }));
  });
  return { looked: made.length / followUpScores.length, made };
}
